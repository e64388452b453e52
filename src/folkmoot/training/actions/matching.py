"""Giving those who applied a place in a training, with their seats: one or many, tried before, all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Change, Undo, last_change
from folkmoot.training.actions import asking, base, requests
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.placing import taking_part
from folkmoot.training.actions.seats import give_seat
from folkmoot.training.actions.tasks import add_task
from folkmoot.training.models import AHEAD, Event, Outcome, Request, RequestForm, Task, Use
from folkmoot.training.queries.places import learners_of

#: Trainings that ended so long ago can still be chosen.
LATE = dt.timedelta(days=90)


class Seat(models.TextChoices):
    """By what those who are chosen sit."""

    CODE = "code", gettext_lazy("by their member code; an open seat for who has none")
    OPEN = "open", gettext_lazy("open seats for all of them")
    NONE = "none", gettext_lazy("no seats")


@dataclass(frozen=True)
class Outlook:
    """What will happen with one request; ``problem`` says why nothing will."""

    request: Request
    #: Whose record it is, and whether that is made.
    person: str = ""
    is_new: bool = False
    seat: str = ""
    #: Why the seat is given although nothing is left, or the days are over.
    beyond: str = ""
    problem: str = ""


def trainings_for(form: RequestForm | None) -> QuerySet[Event]:
    """Trainings in which somebody who applied with a form can get a place: ahead, or over for a short time only."""
    late = Q(ends_at__gte=clock.now() - LATE) & ~Q(status__in=["cancelled", "stalled"])
    rows = Event.objects.filter(Q(status__in=AHEAD) | late)
    if form is not None and form.kind_id is not None:
        rows = rows.filter(kind=form.kind_id)
    return rows.order_by("starts_at", "pk")


@transaction.atomic
def match(
    *, request: Request, event: Event, seat: str, actor: Actor, beyond: str = "", reason: str = ""
) -> tuple[Task, Use | None, Undo]:
    """Accept an application: whoever asked learns in the training, with a seat. All of it or nothing.

    Args:
        seat: one of :class:`Seat`.
        beyond: why seats are given although nothing is left or the days are over.
        reason: a word to whoever asked, on their own page.

    Raises:
        ValidationError: it does not wait, is no application, its address is not proven; the training is full; there is
            no such code, or nothing is left.
    """
    event = base.locked(event)
    row = base.locked(request)
    requests.see_that_it_waits(row)
    if row.form.outcome != Outcome.TRAINING:
        raise ValidationError(_("With this form nobody applied for a training."), code="form")
    person = requests.ensure_person(row, actor=actor)
    base.put(row, {"person": person})
    changes: list[Change] = []
    task = learners_of(event).filter(person=person).order_by("pk").first()
    if task is None:
        task = add_task(event=event, person=person, kind=taking_part(), actor=actor)
        changes += last_change(task).changes
    elif Request.objects.filter(task=task).exists():
        raise ValidationError(
            _("%(name)s has a place in %(event)s by another request already.")
            % {"name": person.name, "event": event.title},
            code="taken",
        )
    use = _seat(row, task, event, seat, beyond, actor)
    if use is not None:
        changes += last_change(use).changes
    changes += requests.accepted(row, actor=actor, reason=reason, event=event, task=task).changes
    return task, use, Undo(tuple(changes))


def _seat(row: Request, task: Task, event: Event, seat: str, beyond: str, actor: Actor) -> Use | None:
    if seat == Seat.NONE or not event.kind.takes_seats:
        return None
    if seat == Seat.CODE and row.member_code:
        return give_seat(task=task, by_code=row.member_code, reason=beyond, actor=actor)
    return give_seat(task=task, open=True, actor=actor)


class _Rehearsed(Exception):
    """Nothing of a rehearsal stays."""


def rehearse(
    *, rows: Iterable[Request], event: Event, seat: str, actor: Actor, beyond: str = ""
) -> list[Outlook]:
    """What :func:`match` would do with each, in this order: it is done, told, and taken back as a whole."""
    told: list[Outlook] = []
    try:
        with transaction.atomic():
            told.extend(_tried(row, event, seat, beyond, actor) for row in rows)
            raise _Rehearsed
    except _Rehearsed:
        return told


def _tried(row: Request, event: Event, seat: str, beyond: str, actor: Actor) -> Outlook:
    try:
        with transaction.atomic():
            known = row.person_id is not None or asking.person_of(row.email) is not None
            task, use, _undo = match(request=row, event=event, seat=seat, beyond=beyond, actor=actor)
    except ValidationError as error:
        return Outlook(row, problem=" ".join(error.messages))
    if use is None:
        words = _("no seat")
    elif use.allowance is None:
        words = _("an open seat")
    else:
        words = str(use.allowance)
    return Outlook(row, task.person.name, not known, words, use.reason if use is not None else "")


@transaction.atomic
def match_many(
    *,
    rows: Iterable[Request],
    event: Event,
    seat: str,
    actor: Actor,
    beyond: str = "",
    reason: str = "",
) -> tuple[int, Undo]:
    """Give all of them places, or none.

    Returns:
        how many, and what takes it back.

    Raises:
        ValidationError: as :func:`match`, for the first who gets none; it names them.
    """
    changes: list[Change] = []
    number = 0
    for row in rows:
        try:
            _task, _use, undo = match(
                request=row, event=event, seat=seat, actor=actor, beyond=beyond, reason=reason
            )
        except ValidationError as error:
            words = " ".join(error.messages)
            if row.name not in words:
                words = _("%(person)s: %(why)s") % {"person": row.name, "why": words}
            raise ValidationError(
                _("%(words)s Nobody got a place; look at the list anew.") % {"words": words}, code="match"
            ) from error
        changes += undo.changes
        number += 1
    return number, Undo(tuple(changes))
