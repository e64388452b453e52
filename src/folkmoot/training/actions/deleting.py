"""Deleting an event that was entered by mistake."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.undo import BESIDE_HISTORY, SETS, Change, Undo, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import Event, EventLink, EventNote, Question, Session, Status

#: What belongs to an event alone, and goes with it.
PIECES = (EventNote, EventLink, Question, Session)
BESIDE_HISTORY["training.event"] = ("detail",)
SETS["training.event"] = ("curricula", "lessons", "tags")


@transaction.atomic
def delete_event(*, event: Event, actor: Actor) -> Undo:
    """Delete an event that was only planned, with its sessions, links, questions and notes.

    Raises:
        ValidationError: it was announced once, or somebody has to do with it: it is cancelled instead, so that
            everybody hears of it.
    """
    row = base.locked(event)
    if row.status != Status.PLANNED or row.announced_at is not None:
        raise ValidationError(
            _("“%(name)s” is not only planned: cancel it instead, so that whoever knows of it is told.")
            % {"name": row.title},
            code="state",
        )
    found = base.uses(row, but=frozenset(model._meta.label_lower for model in PIECES))
    if found:
        raise ValidationError(
            _("“%(name)s” cannot be deleted: %(uses)s. Cancel it instead, or take these out of it first.")
            % {"name": row.title, "uses": ", ".join(found)},
            code="used",
        )
    changes: list[Change] = []
    for model in PIECES:
        for piece in model._default_manager.filter(event=row).order_by("pk"):
            changes += removed(piece, actor=actor).changes
    gone = removed(row, actor=actor)
    rows_changed(Event, [row.pk])
    return Undo((*changes, *gone.changes))
