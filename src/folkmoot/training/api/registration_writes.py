"""Registering somebody who asked elsewhere, correcting what they said, deciding about registrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Status
from pydantic import Field

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Given, LongText, Number, NumberOrNone, Text
from folkmoot.kernel.api.operations import acts, adds, edits
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people.public import Person
from folkmoot.training.actions import registrations as actions
from folkmoot.training.api.common import demand_right, etag, writer
from folkmoot.training.api.kinds import EVENTS, REGISTRATIONS, WRITE
from folkmoot.training.api.registrations import RegistrationTold, router, tell_registrations
from folkmoot.training.forms.places import checked_answers
from folkmoot.training.models import Registration

NAMES = {"person": "person_id"}
Answer = Annotated[bool, Field(strict=True)] | LongText | Annotated[list[Text], Field(max_length=100)] | None
Answers = Annotated[
    dict[str, Answer],
    Field(
        max_length=100,
        description="By number of the question (`questions`): a text, a list of choices, or true and false, as it is"
        " answered; null takes an answer back.",
    ),
]


class RegistrationEdit(Given):
    """What may be corrected of a registration; what is left out stays."""

    name: Text = Field(default="", max_length=200)
    affiliation: Text = Field(default="", max_length=200)
    needs: LongText = Field(default="", max_length=5000)
    answers: Answers = {}


class RegistrationNew(RegistrationEdit):
    """Somebody who asked for a place elsewhere."""

    person_id: NumberOrNone = Field(
        default=None,
        description="Their record. null: nobody knows yet whose address it is; say `name` and `email`.",
    )
    name: Text = Field(default="", max_length=200, description="Left out: as their record says.")
    email: Text = Field(
        default="",
        max_length=320,
        description="With a record one of its addresses; left out: the best known.",
    )


class DeclineGiven(Given):
    """Why somebody gets no place."""

    reason: Text = Field(default="", max_length=300, description="They read it in their mail.")


def _values(payload: RegistrationEdit, event: Any, *, whole: bool) -> Any:
    """The action's fields; answers as the form checks them."""
    given = payload.model_dump(exclude_unset=True, exclude={"person_id"})
    if whole or "answers" in given:
        said = checked_answers(event, payload.answers, whole=whole)
        # What nobody answered is left out of a new registration, and taken back from one that is there.
        given["answers"] = {
            number: answer for number, answer in said.items() if answer is not None or not whole
        }
    return given


def _caller(request: HttpRequest) -> callers.Caller:
    caller = writer(request, REGISTRATIONS)
    demand_right(caller)
    return caller


@adds(router, "/events/{event_id}/registrations", WRITE, RegistrationTold)
def add_registration(
    request: HttpRequest, response: HttpResponse, event_id: Number, payload: RegistrationNew
) -> Any:
    """Register somebody who asked elsewhere.

    Whether registration is open does not matter. With `person_id` they get a place, or one on the waiting list, and
    are told; without, the mail by which they prove their address, as by the form. Who is registered already is
    answered as they are. The token needs `registrations:read` beside, and its owner the right to manage events.
    """
    caller = _caller(request)
    event = found(EVENTS, event_id)
    person = named(Person, payload.person_id, "person_id")
    row, is_new = add_once(
        request,
        Registration,
        lambda: actions.register_for(
            event=event, person=person, values=_values(payload, event, whole=True), actor=caller.user
        ),
        NAMES,
    )
    response["Location"] = f"/api/v1/registrations/{row.pk}"
    return Status(201 if is_new else 200, tell_registrations([row])[0])


def _change(
    request: HttpRequest, registration_id: int, act: Callable[[Registration, callers.Caller], Registration]
) -> Any:
    """Take a registration a step further, if it still is what the caller has seen."""
    caller = _caller(request)
    row = edit_seen(
        request,
        found(REGISTRATIONS, registration_id),
        etag(RegistrationTold, tell_registrations),
        lambda held: act(held, caller),
        NAMES,
    )
    return tell_registrations([row])[0]


@edits(router, "/registrations/{registration_id}", WRITE, RegistrationTold)
def edit_registration(request: HttpRequest, registration_id: Number, payload: RegistrationEdit) -> Any:
    """Correct what somebody said who registered.

    Of the answers those that are given; each has to be one that the form would take. The token needs
    `registrations:read` beside, and its owner the right to manage events.
    """
    return _change(
        request,
        registration_id,
        lambda row, caller: actions.correct(
            registration=row, values=_values(payload, row.event, whole=False), actor=caller.user
        ),
    )


@acts(router, "/registrations/{registration_id}/accept", WRITE, RegistrationTold)
def accept_registration(request: HttpRequest, registration_id: Number) -> Any:
    """Give somebody a place.

    Who waits, or was declined; they are told. Refused while their address is not proven, and when the event is full.
    The token needs `registrations:read` beside, and its owner the right to manage events.
    """
    return _change(
        request, registration_id, lambda row, caller: actions.accept(registration=row, actor=caller.user)
    )


@acts(router, "/registrations/{registration_id}/decline", WRITE, RegistrationTold)
def decline_registration(request: HttpRequest, registration_id: Number, payload: DeclineGiven) -> Any:
    """Take somebody's registration out.

    Who has proven their address is told, with the reason; the place goes to the first who waits. The token needs
    `registrations:read` beside, and its owner the right to manage events.
    """
    return _change(
        request,
        registration_id,
        lambda row, caller: actions.decline(registration=row, reason=payload.reason, actor=caller.user),
    )


@acts(router, "/registrations/{registration_id}/move-up", WRITE, RegistrationTold)
def move_registration_up(request: HttpRequest, registration_id: Number) -> Any:
    """Put somebody at the head of the waiting list.

    The token needs `registrations:read` beside, and its owner the right to manage events.
    """
    return _change(
        request, registration_id, lambda row, caller: actions.move_up(registration=row, actor=caller.user)
    )
