"""Registering for an event by its form: a wish for a place, its proof by a mail, giving the place back."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.place_letters import GOOD_FOR, ask_for_proof, remind
from folkmoot.training.actions.placing import leave, person_behind, settle
from folkmoot.training.models import Event, Registration, RegistrationState
from folkmoot.training.queries import places
from folkmoot.training.queries.places import Door

State = RegistrationState


class RegistrationFields(TypedDict, total=False):
    """What somebody says who registers."""

    name: str
    email: str
    affiliation: str
    needs: str
    #: By number of the question (as text).
    answers: dict[str, Any]
    #: The language they read.
    language: str


@transaction.atomic
def register(*, event: Event, values: RegistrationFields) -> Registration:
    """Keep somebody's wish for a place, and send them the mail by which they prove it.

    Who registers again before that replaces what they said; who is registered already gets a mail that says so.

    Raises:
        ValidationError: one cannot register now; by field; at ``email``: no mail can be sent there.
    """
    event = base.locked(event)
    stands = places.door(event)
    if not stands.is_open:
        raise ValidationError(door_words(stands), code=stands.value)
    row = wish_of(event, values["email"])
    if row is not None and row.state != State.UNPROVEN:
        remind(row)
        return row
    row = keep_wish(row or Registration(event=event), values, actor=None)
    ask_for_proof(row)
    return row


def wish_of(event: Event, email: str) -> Registration | None:
    """What somebody with this address wishes at an event, or has there; held."""
    folded = base.fold(base.line(email))[:320]
    rows = Registration.objects.select_for_update().filter(event=event, email_folded=folded)
    return rows.exclude(state=State.CANCELLED).first()


def keep_wish(row: Registration, values: RegistrationFields, *, actor: Actor) -> Registration:
    """Write down what somebody says who registers.

    Raises:
        ValidationError: by field.
    """
    said = {**values, "answers": cleaned_answers(values.get("answers", {})), "registered_at": clock.now()}
    base.put(row, said)
    base.write(row, actor=actor, reason="registered")
    return row


def door_words(stands: Door) -> str:
    """Why one cannot register now."""
    return {
        Door.EARLY: _("Registration has not opened yet."),
        Door.CLOSED: _("Registration is closed."),
        Door.CANCELLED: _("This event is cancelled."),
        Door.OVER: _("This event is over."),
    }[stands]


def cleaned_answers(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers without what no database keeps (NUL, half characters)."""

    def one(said: Any) -> Any:
        if isinstance(said, list):
            return [base.block(each) for each in said]
        return said if said is None or isinstance(said, bool) else base.block(said)

    return {number: one(said) for number, said in answers.items()}


@transaction.atomic
def prove(*, registration: Registration) -> Registration:
    """Somebody followed the link in their mail: they get a place, or one on the waiting list. Twice does nothing more.

    A record of the register is found by the proven address, or made.

    Raises:
        ValidationError: the event is over or cancelled.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state != State.UNPROVEN:
        return row
    stands = places.door(event)
    if stands in (Door.CANCELLED, Door.OVER):
        raise ValidationError(door_words(stands), code=stands.value)
    person = person_behind(name=row.name, email=row.email, reason="registered for an event")
    return settle(event, row, person, actor=None)


@transaction.atomic
def withdraw(*, registration: Registration) -> Registration:
    """Somebody gives their place back by their link; the first who waits gets it. Twice does nothing more."""
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state != State.CANCELLED:
        leave(event, row, actor=None, reason="")
    return row


@transaction.atomic
def forget_unproven(*, now: dt.datetime) -> int:
    """Forget registrations that nobody confirmed in time, with their history.

    Returns:
        how many.
    """
    old = Registration.objects.filter(state=State.UNPROVEN, registered_at__lte=now - GOOD_FOR)
    chosen = list(old.order_by("pk").values_list("pk", flat=True)[:1000])
    history: Any = Registration.history
    Registration.objects.filter(pk__in=chosen).delete()
    history.filter(id__in=chosen).delete()
    return len(chosen)
