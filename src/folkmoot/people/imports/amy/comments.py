"""``django_comments.comment``: comments on people and organisations become notes. Those on events, requests and
agreements are read where those are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import Row, source_parts
from folkmoot.people.imports import values
from folkmoot.people.imports.amy.mapped import amy_models, left
from folkmoot.people.imports.amy.part import AmyPart, moment, thing_of
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import Sorted, Thing
from folkmoot.people.imports.amy.who import ORGANIZATIONS, PEOPLE, amy_organizations, amy_people, amy_users
from folkmoot.people.models import Note

COMMENT = "django_comments.comment"


@source_parts.declare
class Comments(AmyPart):
    """Comments as notes, signed by who wrote them."""

    key: ClassVar[str] = "amy.people.comments"
    order: ClassVar[int] = 150
    models: ClassVar[tuple[str, ...]] = (COMMENT,)
    counters: ClassVar[tuple[str, ...]] = ("notes",)

    def things(self, found: Sorted) -> Iterator[Thing]:
        """Those on people and organisations, and those of which nobody can tell; not what was removed in AMY."""
        for thing in found.things(self.models):
            about = thing.fields.get("content_type")
            if not thing.fields.get("is_removed") and (
                about in (PEOPLE, ORGANIZATIONS) or not isinstance(about, str)
            ):
                yield thing

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """It is about something, and says something."""
        if not isinstance(thing.fields.get("content_type"), str):
            why = _(
                "the dump holds no content types, so that nothing tells what the comment is on: left out; write the "
                "dump with --natural-foreign, or without leaving out “contenttypes”"
            )
            return "content_type", why
        if not values.paragraphs(thing.fields.get("comment")):
            return "comment", _("says nothing: left out")
        return None

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring notes in line, three ways."""
        things = [(row, thing_of(row)) for row in rows]
        people = amy_people(_about(thing) for _row, thing in things if thing.fields["content_type"] == PEOPLE)
        homes = amy_organizations(
            _about(thing) for _row, thing in things if thing.fields["content_type"] == ORGANIZATIONS
        )
        users = amy_users(thing.fields.get("user") for _row, thing in things)
        wanted = []
        for row, thing in things:
            is_person = thing.fields["content_type"] == PEOPLE
            about = (people if is_person else homes).get(_about(thing))
            if about is None:
                changes.reject(row, "object_pk", _("is not here: the comment is left out"))
                continue
            column = "person_id" if is_person else "organization_id"
            author = users.get(str(thing.fields.get("user")))
            wanted.append(
                Wanted(
                    thing.key,
                    {
                        "body": body_of(thing, signed=author is None),
                        column: about,
                    },
                    fixed={
                        "author_id": author,
                        "created_at": moment(thing.fields.get("submit_date")) or changes.now,
                    },
                    row=row,
                    names={"body": "comment"},
                )
            )
        bring(changes, source=AMY, model=Note, wanted=wanted, counter="notes")


def _about(thing: Thing) -> str:
    return str(thing.fields.get("object_pk"))


def body_of(thing: Thing, *, signed: bool) -> str:
    """The words of a comment; with the name of who wrote it, where that is nobody who signs in here."""
    said = values.paragraphs(thing.fields.get("comment"))
    name: Any = values.paragraphs(thing.fields.get("user_name")) if signed else ""
    return f"{said}\n\n— {name}" if name else said


_NOT_NEEDED = gettext_lazy("nothing here asks for it; personal data is not kept without a reason")

amy_models.declare(
    COMMENT,
    "Note",
    {
        "content_type": "Note",
        "object_pk": "Note.person, Note.organization",
        "comment": "Note.body",
        "user": "Note.author",
        "user_name": "Note.body",
        "submit_date": "Note.created_at",
        "is_removed": left(gettext_lazy("what was removed in AMY is not brought back")),
        "user_email": left(_NOT_NEEDED),
        "user_url": left(_NOT_NEEDED),
        "ip_address": left(_NOT_NEEDED),
        "is_public": left(gettext_lazy("notes are seen by those who see the record, and by nobody else")),
        "site": left(gettext_lazy("there is one community")),
    },
)
