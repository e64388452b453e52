"""Deciding about registrations, registering somebody who asked elsewhere, correcting what they said."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold
from folkmoot.people.public import Person, address_of, addresses_of
from folkmoot.training import letters
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.place_letters import ask_for_proof, tell
from folkmoot.training.actions.placing import give_place, leave, of_person, settle
from folkmoot.training.actions.registering import (
    RegistrationFields,
    cleaned_answers,
    door_words,
    keep_wish,
    wish_of,
)
from folkmoot.training.models import Event, Registration, RegistrationState, Status
from folkmoot.training.queries import places
from folkmoot.training.queries.places import Door

State = RegistrationState


@transaction.atomic
def accept(*, registration: Registration, actor: Actor) -> Registration:
    """Give somebody on the waiting list, or who was declined, a place; they are told. Twice does nothing more.

    Raises:
        ValidationError: they have not proven their address, the event is full, or they registered anew.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state == State.CONFIRMED:
        return row
    if row.proven_at is None or row.person is None:
        raise ValidationError(
            _("%(name)s has not followed the link in the mail yet.") % {"name": row.name}, code="unproven"
        )
    if not event.is_ahead:
        raise ValidationError(
            _("%(event)s is %(status)s: take that back first.")
            % {"event": event.title, "status": event.get_status_display()},
            code="state",
        )
    return give_place(event, row, actor=actor, kind=letters.MOVED_UP)


@transaction.atomic
def decline(*, registration: Registration, actor: Actor, reason: str = "") -> Registration:
    """Take somebody's registration out; who has proven their address is told, with the reason. Twice does nothing more.

    The place that falls free goes to the first who waits.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state == State.CANCELLED:
        return row
    was = row.state
    leave(event, row, actor=actor, reason=base.line(reason)[:300])
    if was != State.UNPROVEN:
        tell(letters.DECLINED, row, row.reason)
    return row


@transaction.atomic
def move_up(*, registration: Registration, actor: Actor) -> Registration:
    """Put somebody at the head of the waiting list. Twice does nothing more.

    Raises:
        ValidationError: they do not wait.
    """
    event = base.locked(registration.event)
    row = base.locked(registration)
    if row.state != State.WAITING:
        raise ValidationError(_("%(name)s is not on the waiting list.") % {"name": row.name}, code="state")
    first = places.waiting(event).first()
    if first is not None and first.pk != row.pk and first.queued_at is not None:
        base.put(row, {"queued_at": first.queued_at - dt.timedelta(milliseconds=1)})
        base.write(row, actor=actor, reason="moved up")
    return row


# ------------------------------------------------------------ who asked elsewhere


@transaction.atomic
def register_for(
    *, event: Event, values: RegistrationFields, actor: Actor, person: Person | None = None
) -> Registration:
    """Register somebody who asked elsewhere, whether registration is open or not.

    Whoever has a record gets a place, or one on the waiting list, and is told. Of others nobody knows yet whether the
    address is theirs: they get the mail by which they prove it, as by the form. Who is registered already stays so.

    Args:
        values: with a record, the name is that of the record and the address the best known where they are left out.

    Raises:
        ValidationError: the event is not announced, over or cancelled; by field; at ``person``: the record is archived;
            at ``email``: no address is known, it is not theirs, it is another person's, or no mail can be sent there.
    """
    event = base.locked(event)
    _see_that_it_takes(event)
    if person is None:
        return _with_address(event, values, actor)
    if person.erased_at is not None or person.archived_at is not None:
        raise ValidationError({"person": _("This record is archived.")}, code="archived")
    known = of_person(event, person)
    if known is not None:
        return known
    address = _address(person, base.line(values.get("email", "")))
    row = wish_of(event, address)
    if row is not None and row.state != State.UNPROVEN:
        raise ValidationError(
            {"email": _("Somebody has registered with this address already.")}, code="taken"
        )
    language = letters.language_for(person) or settings.LANGUAGE_CODE
    said: RegistrationFields = {"name": person.name, "language": language, **values, "email": address}
    row = keep_wish(row or Registration(event=event), said, actor=actor)
    return settle(event, row, person, actor=actor)


def _with_address(event: Event, values: RegistrationFields, actor: Actor) -> Registration:
    row = wish_of(event, values.get("email", ""))
    if row is not None and row.state != State.UNPROVEN:
        return row
    said: RegistrationFields = {"language": settings.LANGUAGE_CODE, **values}
    row = keep_wish(row or Registration(event=event), said, actor=actor)
    ask_for_proof(row)
    return row


def _see_that_it_takes(event: Event) -> None:
    if event.status in (Status.PLANNED, Status.STALLED):
        raise ValidationError(
            _("%(event)s is not announced yet: do that first.") % {"event": event.title}, code="state"
        )
    stands = places.door(event)
    if stands in (Door.CANCELLED, Door.OVER):
        raise ValidationError(door_words(stands), code=stands.value)


def _address(person: Person, wished: str) -> str:
    """The address by which somebody with a record is registered."""
    if not wished:
        found = address_of(person)
        if not found:
            raise ValidationError(
                {"email": _("No mail address of %(name)s is known.") % {"name": person.name}}, code="unknown"
            )
        return found
    if fold(wished) not in {fold(one) for one in addresses_of(person)}:
        raise ValidationError(
            {
                "email": _("%(name)s is not known by this address: add it to their record first.")
                % {"name": person.name}
            },
            code="unknown",
        )
    return wished


class CorrectedFields(TypedDict, total=False):
    """What may be corrected of a registration; what is left out stays."""

    name: str
    affiliation: str
    needs: str
    #: By number of the question (as text); ``None`` takes an answer back.
    answers: dict[str, Any]


@transaction.atomic
def correct(
    *, registration: Registration, values: CorrectedFields, actor: Actor, seen: int | None = None
) -> Registration:
    """Correct what somebody said when they registered; what they said before is in the history.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(registration, seen)
    said: dict[str, Any] = {**values}
    if "answers" in values:
        together = {**row.answers, **cleaned_answers(values["answers"])}
        said["answers"] = {number: answer for number, answer in together.items() if answer is not None}
    if base.put(row, said):
        base.write(row, actor=actor, reason="corrected")
    return row
