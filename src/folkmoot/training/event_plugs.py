"""What the pages of events declare: navigation, commands, search, calendar, timelines, cards, handover."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import (
    CalendarEntry,
    CalendarSource,
    Command,
    Handover,
    NavEntry,
    TimelineSource,
    calendar_sources,
    commands,
    handovers,
    navigation,
    one_group,
    timeline_sources,
)
from folkmoot.kernel.search.kinds import Document, Follow, Naming, SearchKind, search_kinds
from folkmoot.training import today as _today  # noqa: F401 - registers what Today tells
from folkmoot.training.actions.handover import count_open, hand_over
from folkmoot.training.addresses import event_page
from folkmoot.training.cards import declare_card
from folkmoot.training.models import Event, Opening, Status, Task, TaskKind
from folkmoot.training.queries import panels, timeline
from folkmoot.training.queries.calendar import days_of, events_between
from folkmoot.training.queries.lists import days_words, place_words

for _entry in (
    NavEntry("training", _("Training & events"), "training:list", "easel", "training.view", order=50),
    NavEntry("training.list", _("Events"), "training:list", "", "training.view", "training", order=1),
    NavEntry(
        "settings.training",
        _("Kinds and programmes of events"),
        "training:rows",
        "",
        "training.admin",
        "settings",
        order=46,
        arguments=("programmes",),
    ),
):
    navigation.register(_entry)

for _command in (
    Command("training.new", _("New event"), "training:new", "training.contribute", "calendar-plus", True, 50),
    Command("training.list", _("Go to events"), "training:list", "training.view", "easel", order=150),
):
    commands.register(_command)


def event_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Events by title, place, host, programme, who leads them, tags and what candidates read; four
    queries."""
    people: dict[int, list[str]] = defaultdict(list)
    leads = Task.objects.filter(event__in=ids).exclude(kind__does=TaskKind.Does.LEARNS).order_by("pk")
    for pk, name in leads.values_list("event_id", "person__name"):
        people[pk].append(name)
    tags: dict[int, list[str]] = defaultdict(list)
    tagged = Event.tags.through.objects.filter(event__in=ids)
    for pk, name in sorted(tagged.values_list("event_id", "tag__name")):
        tags[pk].append(name)
    sought = {
        pk: [text] for pk, text in Opening.objects.filter(event__in=ids).values_list("event_id", "text")
    }
    for row in Event.objects.filter(pk__in=ids).select_related("kind", "programme", "host", "organizer"):
        shown = [row.kind.name, days_words(row.starts_on, row.ends_on), place_words(row)]
        named = [one.name for one in (row.programme, row.host, row.organizer) if one is not None]
        words = [row.summary, row.description, row.venue, row.slug, *named, *people[row.pk], *tags[row.pk]]
        text = " ".join([*words, *sought.get(row.pk, ())])
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
        (Follow(Task, "event_id"), Follow(Event.tags.through, "event_id"), Follow(Opening, "event_id")),
        (
            Naming("tasks__person"),
            Naming("tasks__kind", "does"),
            Naming("host"),
            Naming("organizer"),
            Naming("kind"),
            Naming("programme"),
            Naming("tags"),
        ),
        order=60,
    )
)


# ------------------------------------------------------------------- calendar

_BADGES = {
    Status.PLANNED: ("due", "pencil"),
    Status.ANNOUNCED: ("new", "megaphone"),
    Status.RUNNING: ("new", "play-circle"),
    Status.DONE: ("done", "check2-circle"),
    Status.CANCELLED: ("overdue", "calendar-x"),
}


def event_entries(user: Any, first: dt.date, last: dt.date) -> list[CalendarEntry]:
    """Events on each of their days; one query."""
    entries = []
    for event in events_between(first, last)[:400]:
        tone, sign = _BADGES[Status(event.status)]
        for number, day in enumerate(days_of(event)):
            if first <= day <= last:
                entries.append(
                    CalendarEntry(
                        key=f"training.event:{event.pk}:{day.isoformat()}",
                        day=day,
                        at=event.starts_at if event.starts_time is not None and number == 0 else None,
                        title=event.title,
                        area="training",
                        url=event_page(event.pk),
                        icon="easel",
                        badge=event.get_status_display(),
                        tone=tone,
                        sign=sign,
                    )
                )
    return entries[:500]


calendar_sources.register(
    CalendarSource("training.events", _("Events"), "training", "training.view", event_entries, order=40)
)

# ---------------------------------------------------------- timeline and panels

_EVENT = frozenset({"training.event"})
for _source in (
    TimelineSource(
        "training.status",
        _EVENT,
        "training.view",
        timeline.status_counts,
        one_group(timeline.STATUS, timeline.LABELS[timeline.STATUS]),
        timeline.status_rows,
        timeline.tell_status,
        order=10,
    ),
    TimelineSource(
        "training.people",
        _EVENT,
        "training.view",
        timeline.part_counts,
        one_group(timeline.PEOPLE, timeline.LABELS[timeline.PEOPLE]),
        timeline.part_rows,
        timeline.tell_parts,
        order=20,
    ),
    TimelineSource(
        "training.notes",
        _EVENT,
        "training.view",
        timeline.note_counts,
        one_group(timeline.NOTES, timeline.LABELS[timeline.NOTES]),
        timeline.note_rows,
        timeline.tell_notes,
        order=25,
    ),
    TimelineSource(
        "training.events",
        frozenset({"people.organization", "people.project"}),
        "training.view",
        timeline.event_counts,
        one_group(timeline.EVENTS, timeline.LABELS[timeline.EVENTS]),
        timeline.event_rows,
        timeline.tell_events,
        order=50,
    ),
):
    timeline_sources.register(_source)

declare_card(
    "training.of_person",
    "people.person",
    _("Events"),
    "of_person",
    panels.parts_of_person,
    panels.by_part,
    30,
)
declare_card(
    "training.of_organization",
    "people.organization",
    _("Events hosted or organised"),
    "of_record",
    panels.events_of_organization,
    panels.newest,
    30,
)
declare_card(
    "training.of_project",
    "people.project",
    _("Taught at"),
    "of_record",
    panels.events_of_project,
    panels.newest,
    30,
)

handovers.register(Handover("training.events", _("events they look after"), count_open, hand_over, order=50))
