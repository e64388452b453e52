"""What those who run training write down about a request."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Undo, last_change, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import Request, RequestNote

#: The same note by the same person within this time is a form sent twice; longest note.
SENT_TWICE, NOTE_LIMIT = dt.timedelta(minutes=1), 20_000


@transaction.atomic
def add_note(*, request: Request, body: str, actor: Actor) -> RequestNote:
    """Write something down about a request.

    Raises:
        ValidationError: at ``body``: it is empty, or too long.
    """
    text = _text(body)
    twin = RequestNote.objects.filter(
        author=actor, body=text, request=request, created_at__gte=clock.now() - SENT_TWICE
    ).first()
    return twin or base.write(RequestNote(request=request, body=text, author=actor), actor=actor)


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
def edit_note(*, note: RequestNote, body: str, actor: Actor, seen: int | None = None) -> Undo:
    """Write a note anew.

    Raises:
        ValidationError: at ``body``; ``ChangedMeanwhile``.
    """
    row = base.locked(note, seen)
    if not base.put(row, {"body": _text(body)}):
        return Undo()
    base.write(row, actor=actor)
    return last_change(row)


@transaction.atomic
def remove_note(*, note: RequestNote, actor: Actor) -> Undo:
    """Take a note away."""
    return removed(base.locked(note), actor=actor)
