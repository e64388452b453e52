"""What those who run training write down about an event or a request."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Undo, follows, last_change, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.mentions import note_gone, tell_mentioned
from folkmoot.training.models import Event, EventNote, Request, RequestNote

#: The same note by the same person within this time is a form sent twice; longest note.
SENT_TWICE, NOTE_LIMIT = dt.timedelta(minutes=1), 20_000
N = TypeVar("N", EventNote, RequestNote)


@transaction.atomic
def add_note(*, about: Event | Request, body: str, actor: Actor) -> EventNote | RequestNote:
    """Write something down about an event or a request; those whom it mentions are told.

    Raises:
        ValidationError: at ``body``: it is empty, or too long.
    """
    text = _text(body)
    note = (
        EventNote(event=about, body=text, author=actor)
        if isinstance(about, Event)
        else RequestNote(request=about, body=text, author=actor)
    )
    twin = about.notes.filter(author=actor, body=text, created_at__gte=clock.now() - SENT_TWICE).first()
    if twin is not None:
        return twin
    base.write(note, actor=actor)
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
def edit_note(*, note: N, body: str, actor: Actor, seen: int | None = None) -> Undo:
    """Write a note anew; whom it mentions and who was not told yet is told.

    Raises:
        ValidationError: at ``body``; ``ChangedMeanwhile``.
    """
    row = base.locked(note, seen)
    if not base.put(row, {"body": _text(body)}):
        return Undo()
    base.write(row, actor=actor)
    tell_mentioned(row, actor)
    return last_change(row)


@transaction.atomic
def remove_note(*, note: EventNote | RequestNote, actor: Actor) -> Undo:
    """Take a note away; whoever has not read that it mentions them does not have to."""
    note_gone(note)
    return removed(base.locked(note), actor=actor)


def _taken_back(row: models.Model, kind: str, actor: Actor) -> None:
    if kind == "+":
        note_gone(cast("EventNote | RequestNote", row))


for _label in ("training.eventnote", "training.requestnote"):
    follows(_label)(_taken_back)
