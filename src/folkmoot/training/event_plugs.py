"""What the pages of events declare: navigation, commands, search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation
from folkmoot.kernel.search.kinds import Document, Follow, SearchKind, search_kinds
from folkmoot.training.addresses import event_page
from folkmoot.training.models import Event, Task, TaskKind
from folkmoot.training.queries.lists import days_words, place_words

for _entry in (
    NavEntry("training", _("Training & events"), "training:list", "easel", "training.view", order=50),
    NavEntry("training.list", _("Events"), "training:list", "", "training.view", "training", order=1),
):
    navigation.register(_entry)

for _command in (
    Command("training.new", _("New event"), "training:new", "training.contribute", "calendar-plus", True, 50),
    Command("training.list", _("Go to events"), "training:list", "training.view", "easel", order=150),
):
    commands.register(_command)


def event_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Events by title, place, host, programme, who leads them and tags; three queries."""
    people: dict[int, list[str]] = defaultdict(list)
    leads = Task.objects.filter(event__in=ids).exclude(kind__does=TaskKind.Does.LEARNS).order_by("pk")
    for pk, name in leads.values_list("event_id", "person__name"):
        people[pk].append(name)
    tags: dict[int, list[str]] = defaultdict(list)
    tagged = Event.tags.through.objects.filter(event__in=ids)
    for pk, name in sorted(tagged.values_list("event_id", "tag__name")):
        tags[pk].append(name)
    for row in Event.objects.filter(pk__in=ids).select_related("kind", "programme", "host", "organizer"):
        shown = [row.kind.name, days_words(row.starts_on, row.ends_on), place_words(row)]
        named = [one.name for one in (row.programme, row.host, row.organizer) if one is not None]
        text = " ".join(
            [row.summary, row.description, row.venue, row.slug, *named, *people[row.pk], *tags[row.pk]]
        )
        yield Document(
            row.pk, row.title, " · ".join(word for word in shown if word), text, event_page(row.pk)
        )


search_kinds.register(
    SearchKind(
        "event",
        _("Events"),
        "easel",
        "training.view",
        "training",
        Event,
        event_documents,
        (Follow(Task, "event_id"), Follow(Event.tags.through, "event_id")),
        order=60,
    )
)
