"""Mentions in notes: whom they tell, and how they are shown."""

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
from folkmoot.people.models import Note, Person

#: Only who may read notes is told of one.
MENTION = notice_kinds.register(
    NoticeKind(
        "people.mention", gettext_lazy("Mentioned in a note"), Area.PEOPLE, Level.CONTRIBUTE, icon="at"
    )
)


def tell_mentioned(note: Note, actor: User | None) -> None:
    """Tell those whom a note mentions; who was told of this note already is not told again."""
    users = mentions.mentioned(note.body)
    if users:
        notify(
            users=users,
            kind=MENTION.key,
            title=_("%(who)s mentions you in a note about %(what)s")
            % {"who": actor or _("Somebody"), "what": note.about},
            url=reverse(f"people:{note.about._meta.model_name}", args=[note.about.pk]),
            dedupe=_about(note),
            about=_about(note),
            actor=actor,
        )


def note_gone(note_id: int) -> None:
    """A note was taken away: who has not read of it yet does not have to."""
    withdraw(about=f"people.note:{note_id}")


def _about(note: Note) -> str:
    return f"people.note:{note.pk}"


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
