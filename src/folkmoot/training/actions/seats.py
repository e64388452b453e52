"""Giving seats to learners and allowances to events, and taking them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.undo import Change, Undo, last_change, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import (
    Agreement,
    Allowance,
    Counts,
    Event,
    EventKind,
    Place,
    Status,
    Task,
    TaskKind,
    Use,
)
from folkmoot.training.queries import allowances, codes


@transaction.atomic
def give_seat(
    *,
    task: Task,
    actor: Actor,
    by_code: str = "",
    allowance: Allowance | None = None,
    open: bool = False,
    in_house: bool | None = None,
    reason: str = "",
) -> Use:
    """Say by what a learner sits: a code, an allowance, or an open seat. What they had before is given back; the same
    twice does nothing more.

    Args:
        by_code: of an agreement (an allowance of it that fits and has something left is taken) or of an allowance.
        in_house: the seat is at an event for their own people; ``None``: as the benefit says.
        reason: why it is given although nothing is left or the days are over.

    Raises:
        ValidationError: they are no learner, or their event has no seats; the code opens nothing; nothing is left and
            there is no reason (code ``beyond``); it names the agreement and what to do.
    """
    if sum((bool(by_code.strip()), allowance is not None, open)) != 1:
        raise ValidationError(
            _("Say one thing: a code, an allowance, or that the seat is open."), code="choice"
        )
    event = base.locked(task.event)
    row = base.locked(task)
    _sits(row, event)
    if open:
        if not event.open_seats:
            raise ValidationError(
                _(
                    "%(event)s offers no open seats: choose an agreement, or offer them when you edit the event."
                )
                % {"event": event.title},
                code="open",
            )
        return _put(
            Use(task=row), {"allowance": None, "amount": 0, "is_in_house": False, "reason": ""}, actor
        )
    if allowance is None:
        allowance = _behind(by_code, event, row)
    held = _locked(allowance)
    amount = _fits(held, event, seat=True)
    home = held.benefit.place == Place.IN_HOUSE if in_house is None else in_house
    if held.benefit.place and home != (held.benefit.place == Place.IN_HOUSE):
        raise ValidationError(
            _("“%(benefit)s” gives seats that are %(place)s.")
            % {"benefit": held.benefit.name, "place": held.benefit.get_place_display().split(":")[0]},
            code="place",
        )
    beyond = _beyond(held, event, amount, Use.objects.filter(task=row).first(), reason)
    values = {"allowance": held, "amount": amount, "is_in_house": home, "reason": beyond}
    return _put(Use(task=row), values, actor)


@transaction.atomic
def give_seats(
    *,
    tasks: Iterable[Task],
    actor: Actor,
    by_code: str = "",
    allowance: Allowance | None = None,
    open: bool = False,
    in_house: bool | None = None,
    reason: str = "",
) -> Undo:
    """Seats for several learners, all or none; what was given before is taken back, too, by the undo.

    Raises:
        ValidationError: as :func:`give_seat`, for the first who gets none; it names them.
    """
    changes: list[Change] = []
    for task in tasks:
        before = _version(Use.objects.filter(task=task).first())
        try:
            use = give_seat(
                task=task,
                actor=actor,
                by_code=by_code,
                allowance=allowance,
                open=open,
                in_house=in_house,
                reason=reason,
            )
        except ValidationError as error:
            words = _("%(person)s: %(why)s") % {
                "person": task.person.name,
                "why": " ".join(error.messages),
            }
            raise ValidationError(words, code=getattr(error, "code", None)) from error
        if _version(use) != before:
            changes += last_change(use).changes
    return Undo(tuple(changes))


@transaction.atomic
def release_seat(*, task: Task, actor: Actor) -> Undo:
    """Take a learner's seat back; nothing where they have none."""
    use = Use.objects.select_for_update().filter(task=task).first()
    return removed(use, actor=actor) if use is not None else Undo()


@transaction.atomic
def charge_event(*, event: Event, allowance: Allowance, actor: Actor, reason: str = "") -> Use:
    """Say which allowance an event is taken from; another one before is given back. The same twice does nothing more.

    Raises:
        ValidationError: the allowance gives no events, or none of this kind; nothing is left and there is no reason.
    """
    row = base.locked(event)
    _happens(row)
    held = _locked(allowance)
    amount = _fits(held, row, seat=False)
    beyond = _beyond(held, row, amount, Use.objects.filter(event=row).first(), reason)
    values = {"allowance": held, "amount": amount, "is_in_house": False, "reason": beyond}
    return _put(Use(event=row), values, actor)


@transaction.atomic
def release_event(*, event: Event, actor: Actor) -> Undo:
    """An event is taken from no allowance; nothing where it was not."""
    use = Use.objects.select_for_update().filter(event=event).first()
    return removed(use, actor=actor) if use is not None else Undo()


def _version(use: Use | None) -> int:
    return base.current_version(use) if use is not None else 0


def _put(fresh: Use, values: dict[str, object], actor: Actor) -> Use:
    """The use of this event or learner as it is said now."""
    same = {"task": fresh.task} if fresh.task_id else {"event": fresh.event}
    row = Use.objects.select_for_update().filter(**same).first() or fresh
    if base.put(row, values) or row.pk is None:
        base.write(row, actor=actor)
    return row


def _locked(allowance: Allowance) -> Allowance:
    """The allowance, held so that two cannot take the last of it, with what its answers name."""
    base.locked(allowance)
    return Allowance.objects.select_related(
        "agreement__organization", "agreement__tier", "benefit__event_kind", "curriculum"
    ).get(pk=allowance.pk)


def _sits(task: Task, event: Event) -> None:
    """See that this is a learner at an event whose learners have seats."""
    _happens(event)
    if not EventKind.objects.filter(pk=event.kind_id, takes_seats=True).exists():
        raise ValidationError(
            _("Learners at %(event)s have no seats: events of the kind “%(kind)s” take none.")
            % {"event": event.title, "kind": event.kind.name},
            code="kind",
        )
    if task.kind.does != TaskKind.Does.LEARNS or task.session_id is not None:
        raise ValidationError(
            _("%(person)s is no learner at %(event)s: only learners have seats.")
            % {"person": task.person.name, "event": event.title},
            code="part",
        )
    if not task.is_taken:
        raise ValidationError(
            _("%(person)s does not take part in %(event)s: confirm that first.")
            % {"person": task.person.name, "event": event.title},
            code="state",
        )


def _happens(event: Event) -> None:
    if event.status == Status.CANCELLED:
        raise ValidationError(
            _("%(event)s is cancelled: take that back first.") % {"event": event.title}, code="state"
        )


def _behind(code: str, event: Event, task: Task) -> Allowance:
    """What a code opens: the allowance, or the one of an agreement that fits best."""
    row = codes.known(code)
    if row is None:
        raise ValidationError(
            _("No agreement has the code “%(code)s”: look whether it is written as they got it.")
            % {"code": base.line(code)[:60]},
            code="code",
        )
    if row.allowance is not None:
        return row.allowance
    fitting = fitting_seats(row.agreement, event)
    if not fitting:
        raise ValidationError(
            _("The agreement of %(holder)s (%(tier)s) gives no seats for %(event)s: add an allowance to it.")
            % {"holder": row.agreement.holder, "tier": row.agreement.tier, "event": event.title},
            code="none",
        )
    mine = Use.objects.filter(task=task).values_list("allowance", flat=True).first()
    best: Allowance = next(
        (one for one in fitting if one.pk == mine or one.left >= price_of(one, event)), fitting[0]
    )
    return best


def fitting_seats(agreement: Agreement, event: Event) -> list[Any]:
    """The allowances of an agreement that give seats at an event, those that are counted in seats first."""
    rows = [
        one
        for one in allowances.of_agreement(agreement).filter(
            Q(curriculum=None) | Q(curriculum__in=event.curricula.all()), is_frozen=False
        )
        if not problem(one, event, seat=True)
    ]
    return sorted(rows, key=lambda one: one.benefit.counts == Counts.CREDIT)


def price_of(allowance: Allowance, event: Event, *, seat: bool = True) -> int:
    """What a seat at an event, or the event, takes from an allowance; 0: it cannot be had for credits."""
    if allowance.benefit.counts != Counts.CREDIT:
        return 1
    return (event.kind.seat_price if seat else event.kind.event_price) or 0


def problem(allowance: Allowance, event: Event, *, seat: bool) -> str:
    """Why an allowance is not for a seat at an event, or for the event; ``""`` when it is. What is left is another
    matter, and so is a curriculum.
    """
    benefit = allowance.benefit
    if benefit.counts == (Counts.EVENT if seat else Counts.SEAT):
        return (
            _("“%(benefit)s” is counted in events and gives no seats.")
            if seat
            else _("“%(benefit)s” is counted in seats and gives no events.")
        ) % {"benefit": benefit.name}
    if benefit.event_kind_id not in (None, event.kind_id):
        return _("“%(benefit)s” is for events of the kind “%(kind)s” only.") % {
            "benefit": benefit.name,
            "kind": benefit.event_kind,
        }
    if not price_of(allowance, event, seat=seat):
        return _(
            "Events of the kind “%(kind)s” have no price in credits: set it in the settings of kinds."
        ) % {"kind": event.kind.name}
    return ""


def _fits(allowance: Allowance, event: Event, *, seat: bool) -> int:
    """How much is taken.

    Raises:
        ValidationError: the allowance is not for this, or is frozen.
    """
    found = problem(allowance, event, seat=seat)
    chosen = allowance.curriculum
    if not found and chosen is not None and not event.curricula.filter(pk=chosen.pk).exists():
        found = _(
            "This allowance is for the curriculum “%(curriculum)s”, which %(event)s does not teach."
        ) % {
            "curriculum": chosen.name,
            "event": event.title,
        }
    if not found and allowance.is_frozen:
        found = _("“%(benefit)s” of %(holder)s is frozen: choose another, or lift that first.") % {
            "benefit": allowance.benefit.name,
            "holder": allowance.agreement.holder,
        }
    if found:
        raise ValidationError(found, code="unfit")
    return price_of(allowance, event, seat=seat)


def _beyond(allowance: Allowance, event: Event, amount: int, before: Use | None, reason: str) -> str:
    """The reason why it is given beyond what there is; nothing where there is enough.

    Raises:
        ValidationError: nothing is left, or its days are over, and there is no reason.
    """
    if before is not None and before.allowance_id == allowance.pk and before.amount == amount:
        return base.line(reason)[:300] or before.reason
    warnings = [
        found for found in (out_of_days(allowance, event), too_much(allowance, amount, before)) if found
    ]
    if not warnings:
        return ""
    said = base.line(reason)[:300]
    if not said:
        raise (
            ValidationError(warnings, code="beyond")
            if len(warnings) > 1
            else ValidationError(warnings[0], code="beyond")
        )
    return said


def out_of_days(allowance: Allowance, event: Event) -> str:
    """That neither today nor the event lies in the days of an allowance; ``""`` when one does."""
    day: dt.date = clock.today()
    if allowance.holds_on(day) or (event.starts_on is not None and allowance.holds_on(event.starts_on)):
        return ""
    last = allowance.ends_on or allowance.agreement.last_day
    return _(
        "“%(benefit)s” of %(holder)s holds from %(first)s to %(last)s, and neither today nor %(event)s lies in that: "
        "choose another, or say why it is given all the same."
    ) % {
        "benefit": allowance.benefit.name,
        "holder": allowance.agreement.holder,
        "first": base.day(allowance.starts_on or allowance.agreement.starts_on),
        "last": base.day(last),
        "event": event.title,
    }


def too_much(allowance: Allowance, amount: int, before: Use | None = None) -> str:
    """That less is left than is wanted; ``""`` when it is enough."""
    found = allowances.balance(allowance)
    given_back = before.amount if before is not None and before.allowance_id == allowance.pk else 0
    if amount <= found.left + given_back:
        return ""
    words = {
        "tier": allowance.agreement.tier.name,
        "holder": allowance.agreement.holder,
        "benefit": allowance.benefit.name,
        "taken": found.taken,
        "given": found.given,
        "left": max(found.left, 0),
        "amount": amount,
    }
    if allowance.benefit.counts == Counts.CREDIT:
        return (
            ngettext(
                "The %(tier)s agreement of %(holder)s has too few credits: it takes %(amount)d and %(left)d is left "
                "(%(taken)d of %(given)d used).",
                "The %(tier)s agreement of %(holder)s has too few credits: it takes %(amount)d and %(left)d are left "
                "(%(taken)d of %(given)d used).",
                max(found.left, 0),
            )
            % words
            + " "
            + _("Add some, choose another, or go beyond with a reason.")
        )
    if allowance.benefit.counts == Counts.EVENT:
        return (
            _(
                "The %(tier)s agreement of %(holder)s has no event left in “%(benefit)s” (%(taken)d of %(given)d "
                "used): add events, choose another, or give one beyond with a reason."
            )
            % words
        )
    return (
        _(
            "The %(tier)s agreement of %(holder)s has no seat left in “%(benefit)s” (%(taken)d of %(given)d used): "
            "add seats, choose another, or give one beyond with a reason."
        )
        % words
    )
