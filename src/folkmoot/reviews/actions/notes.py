"""Notes about submissions."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Undo, follows, removed
from folkmoot.reviews.actions import base
from folkmoot.reviews.actions.base import Actor
from folkmoot.reviews.mentions import note_gone, tell_mentioned
from folkmoot.reviews.models import Submission, SubmissionNote

#: The same note by the same person within this time is a form sent twice.
SENT_TWICE = dt.timedelta(minutes=1)
#: Longest note, in characters.
NOTE_LIMIT = 20_000


@transaction.atomic
def add_note(*, submission: Submission, body: str, actor: Actor) -> SubmissionNote:
    """Write something down about a submission; those whom it mentions are told.

    Raises:
        ValidationError: it is empty, or longer than ``NOTE_LIMIT``.
    """
    text = _text(body)
    twin = SubmissionNote.objects.filter(
        author=actor, body=text, submission=submission, created_at__gte=clock.now() - SENT_TWICE
    ).first()
    if twin is not None:
        return twin
    note = base.write(SubmissionNote(body=text, author=actor, submission=submission), actor=actor)
    tell_mentioned(note, actor)
    return note


def _text(body: str) -> str:
    text = base.block(body)
    if not text:
        raise ValidationError({"body": _("Write something first.")})
    if len(text) > NOTE_LIMIT:
        raise ValidationError(
            {
                "body": _("This note has %(has)d characters; %(limit)d are the most. Keep what matters here.")
                % {"has": len(text), "limit": NOTE_LIMIT}
            }
        )
    return text


@transaction.atomic
def edit_note(*, note: SubmissionNote, body: str, actor: Actor, seen: int | None = None) -> SubmissionNote:
    """Write a note anew; what it said before is in its history. Whom it mentions and who was not told yet is told.

    Raises:
        ValidationError: as for :func:`add_note`; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    note = base.locked(note, seen)
    if base.put(note, {"body": _text(body)}):
        base.write(note, actor=actor)
        tell_mentioned(note, actor)
    return note


@transaction.atomic
def remove_note(*, note: SubmissionNote, actor: Actor) -> Undo:
    """Delete a note."""
    note_gone(note.pk)
    return removed(base.locked(note), actor=actor)


@follows("reviews.submissionnote")
def _note_taken_back(row: models.Model, kind: str, actor: Actor) -> None:
    if kind == "+":
        note_gone(row.pk)
