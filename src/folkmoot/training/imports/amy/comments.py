"""Comments on requests and events: notes here. Those on memberships stand in the note of the agreement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import Reading, Rejection, Row, source_parts
from folkmoot.training.imports.amy import asked
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Said, TrainingPart, key_of
from folkmoot.training.models import EventNote, RequestNote

COMMENT = "django_comments.comment"


class CommentsPart(TrainingPart):
    """Comments on records of some models."""

    models: ClassVar[tuple[str, ...]] = (COMMENT,)
    about: ClassVar[tuple[str, ...]]

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """Comments on other records are other parts' business; those that AMY removed stay removed."""
        for row in super().read(reading):
            if isinstance(row, Row):
                fields = row.payload["fields"]
                if fields.get("content_type") in self.about and not fields.get("is_removed"):
                    yield row

    def notes(self, chunk: Chunk) -> Iterator[tuple[Said, int, dict[str, Any], dict[str, Any]]]:
        """Each comment with what it is about, what a note says, and when and who wrote it."""
        chunk.find(users=("user",), more={_about(said) for said in chunk.said})
        for said in chunk.said:
            found, body = chunk.rows.get(_about(said)), body_of(said)
            if found is None:
                said.leave("object_pk", _("what it is about is not here: look why that was left out"))
            elif body:
                author = chunk.users.get(str(said.fields.get("user")))
                made = said.moment("submit_date") or chunk.changes.now
                yield said, found, {"body": body if author else signed(said, body)}, {
                    "author_id": author,
                    "created_at": made,
                }  # fmt: skip


def _about(said: Said) -> str:
    return key_of(str(said.fields.get("content_type")), said.fields.get("object_pk"))


def body_of(said: Said) -> str:
    """What a comment says."""
    return said.text("comment")


def signed(said: Said, body: str) -> str:
    """With the name of whoever wrote it, where they do not use this house."""
    name = said.line("user_name", 200)
    return f"{body}\n\n– {name}" if name else body


@source_parts.declare
class RequestComments(CommentsPart):
    """Comments on requests."""

    key: ClassVar[str] = "amy.training.request_comments"
    order: ClassVar[int] = 385
    about: ClassVar[tuple[str, ...]] = asked.models()
    counters: ClassVar[tuple[str, ...]] = ("notes",)

    def bring(self, chunk: Chunk) -> None:
        wanted = [
            Wanted(said.key, values, None, {"request_id": pk, **fixed}, said.row, {"body": "comment"})
            for said, pk, values, fixed in self.notes(chunk)
        ]
        bring(chunk.changes, source=SOURCE, model=RequestNote, wanted=wanted, counter="notes")


@source_parts.declare
class EventComments(CommentsPart):
    """Comments on events."""

    key: ClassVar[str] = "amy.training.event_comments"
    order: ClassVar[int] = 386
    about: ClassVar[tuple[str, ...]] = ("workshops.event",)
    counters: ClassVar[tuple[str, ...]] = ("notes",)

    def bring(self, chunk: Chunk) -> None:
        wanted = [
            Wanted(said.key, values, None, {"event_id": pk, **fixed}, said.row, {"body": "comment"})
            for said, pk, values, fixed in self.notes(chunk)
        ]
        bring(chunk.changes, source=SOURCE, model=EventNote, wanted=wanted, counter="notes")
