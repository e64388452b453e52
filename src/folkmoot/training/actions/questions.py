"""What people are asked when they register for an event."""

from __future__ import annotations

from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import Event, Question, Registration

#: Questions of one event, and choices of one question, at most.
MOST, MOST_CHOICES = 40, 60
CHOICE_LENGTH = 200


class QuestionFields(TypedDict, total=False):
    """What may be said of a question."""

    text: str
    kind: str
    choices: list[str]
    help: str
    is_required: bool


@transaction.atomic
def save_question(
    *,
    event: Event,
    values: QuestionFields,
    actor: Actor,
    question: Question | None = None,
    seen: int | None = None,
) -> Question:
    """Ask something, or change what is asked; a new question comes last.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    event = base.locked(event)
    row = base.locked(question, seen) if question is not None else Question(event=event)
    if question is None:
        places = list(event.questions.values_list("position", flat=True))
        if len(places) >= MOST:
            raise ValidationError(_("An event asks at most %(n)d questions.") % {"n": MOST}, code="most")
        row.position = max(places, default=0) + 1
    changed = base.put(row, {**values, "choices": cleaned_choices(values.get("choices", row.choices))})
    if row.kind in (Question.Kind.ONE, Question.Kind.SOME):
        if len(row.choices) < 2:
            raise ValidationError({"choices": _("Give at least two choices, one on each line.")}, code="few")
    elif row.choices:
        row.choices = []
    if changed or row.pk is None:
        base.write(row, actor=actor)
    return row


def cleaned_choices(said: list[str]) -> list[str]:
    """Choices as they were typed, each once.

    Raises:
        ValidationError: at ``choices``: too many, or too long.
    """
    found = list(dict.fromkeys(filter(None, (base.line(one) for one in said))))
    if len(found) > MOST_CHOICES:
        raise ValidationError(
            {"choices": _("Give at most %(n)d choices.") % {"n": MOST_CHOICES}}, code="most"
        )
    for one in found:
        if len(one) > CHOICE_LENGTH:
            raise ValidationError(
                {"choices": _("A choice has at most %(n)d letters.") % {"n": CHOICE_LENGTH}}, code="long"
            )
    return found


@transaction.atomic
def place_question(*, question: Question, up: bool, actor: Actor) -> None:
    """Move a question before the one above it, or behind the one below. At the end it stays where it is."""
    base.locked(question.event)
    rows = list(
        Question.objects.select_for_update()
        .filter(event=question.event_id, is_archived=False)
        .order_by("position", "pk")
    )
    at = next((n for n, row in enumerate(rows) if row.pk == question.pk), None)
    if at is None:
        raise ValidationError(_("This was removed meanwhile."), code="gone")
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for position, row in enumerate(rows, 1):
        if base.put(row, {"position": position}):
            base.write(row, actor=actor, reason="order")


@transaction.atomic
def drop_question(*, question: Question, actor: Actor) -> bool:
    """Ask it no more: a question that somebody answered is archived with its answers, others are removed.

    Returns:
        whether it was archived.
    """
    base.locked(question.event)
    row = base.locked(question)
    number = str(row.pk)
    answered = Registration.objects.filter(event=row.event_id, answers__has_key=number).exists()
    if answered:
        base.put(row, {"is_archived": True})
        base.write(row, actor=actor, reason="not asked any more")
        return True
    base.remove(row, actor=actor)
    return False


@transaction.atomic
def ask_again(*, question: Question, actor: Actor) -> Question:
    """Ask an archived question again. Twice does nothing more."""
    row = base.locked(question)
    if base.put(row, {"is_archived": False}):
        base.write(row, actor=actor, reason="asked again")
    return row
