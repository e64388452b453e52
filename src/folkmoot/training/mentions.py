"""Mentions in notes about events and requests: whom they tell, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices import mentions
from folkmoot.kernel.notices.actions import notify, withdraw
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.public import Person
from folkmoot.training.addresses import event_page
from folkmoot.training.models import EventNote, RequestNote

Note = EventNote | RequestNote

EVENT = notice_kinds.register(
    NoticeKind(
        "training.mention",
        gettext_lazy("Mentioned in a note about an event"),
        Area.TRAINING,
        Level.VIEW,
        icon="at",
    )
)
#: Only who may read requests is told of one.
REQUEST = notice_kinds.register(
    NoticeKind(
        "training.request_mention",
        gettext_lazy("Mentioned in a note about a request"),
        Area.TRAINING,
        Level.MANAGE,
        icon="at",
    )
)


def tell_mentioned(note: Note, actor: User | None) -> None:
    """Tell those whom a note mentions; who was told of this note already is not told again."""
    users = mentions.mentioned(note.body)
    if not users:
        return
    if isinstance(note, EventNote):
        kind, what, url = EVENT, str(note.event), event_page(note.event_id)
    else:
        kind, what = REQUEST, str(note.request)
        url = reverse("training:request", args=[note.request_id])
    notify(
        users=users,
        kind=kind.key,
        title=_("%(who)s mentions you in a note about %(what)s")
        % {"who": actor or _("Somebody"), "what": what},
        url=url,
        dedupe=_about(note),
        about=_about(note),
        actor=actor,
    )


def note_gone(note: Note) -> None:
    """A note was taken away: who has not read of it yet does not have to."""
    withdraw(about=_about(note))


def _about(note: Note) -> str:
    return f"{note._meta.label_lower}:{note.pk}"


def bodies(notes: Mapping[int, str]) -> dict[int, str | SafeString]:
    """The text of each note, by its number, with mentions as links to people's pages. Two queries if any mentions."""
    if not mentions.has_mentions(notes.values()):
        return dict(notes)
    known = mentions.handles()
    users = {user.pk for body in notes.values() for user in mentions.mentioned(body, known)}
    pages = dict(Person.objects.filter(user__in=users).values_list("user_id", "pk"))

    def link(user: User) -> str:
        return reverse("people:person", args=[pages[user.pk]]) if user.pk in pages else ""

    return {pk: mentions.as_html(body, known, link) for pk, body in notes.items()}
