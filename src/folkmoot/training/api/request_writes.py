"""Deciding about requests: whose they are, what becomes of them, points by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from pydantic import Field

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Given, LongText, Number, NumberOrNone, Text
from folkmoot.kernel.api.operations import acts, edits
from folkmoot.kernel.api.writing import edit_seen, found, named
from folkmoot.training.actions import matching, scoring
from folkmoot.training.actions import requests as actions
from folkmoot.training.actions.events import EventFields
from folkmoot.training.api import event_writes
from folkmoot.training.api.common import demand_right, etag, refuse, writer
from folkmoot.training.api.kinds import REQUESTS, WRITE
from folkmoot.training.api.requests import RequestTold, readable, router, tell_requests
from folkmoot.training.forms.events import community_zone
from folkmoot.training.models import Curriculum, Event, Outcome, Request, RequestState
from folkmoot.training.models.scoring import MOST_POINTS
from folkmoot.training.queries.request_pages import prefilled
from folkmoot.training.queries.requests import possible_owners

NAMES = {"assigned_to": "assigned_to_id"}
_MOST = 10 * MOST_POINTS
PointsOrNone = Annotated[int | None, Field(strict=True, ge=-_MOST, le=_MOST)]


class RequestEdit(Given):
    """What may be decided about a request; what is left out stays."""

    state: Literal["pending", "accepted", "discarded", "withdrawn"] = "pending"
    reason: Text = Field(
        default="", max_length=300, description="Goes with `state`; whoever asked reads it on their own page."
    )
    assigned_to_id: NumberOrNone = Field(default=None, description="A user who manages training.")
    score_manual: PointsOrNone = Field(default=None, description="null takes the points back.")
    score_notes: LongText = ""


def _save(row: Request, payload: RequestEdit, caller: callers.Caller) -> Request:
    given, user = payload.model_fields_set, caller.user
    if "assigned_to_id" in given:
        owner = named(User, payload.assigned_to_id, "assigned_to_id")
        if owner is not None and not possible_owners(row.assigned_to_id).filter(pk=owner.pk).exists():
            refuse("assigned_to_id", f"The user {owner.pk} does not manage training.")
        actions.assign(request=row, user=owner, actor=user)
    if given & {"score_manual", "score_notes"}:
        points = payload.score_manual if "score_manual" in given else row.score_manual
        notes = payload.score_notes if "score_notes" in given else row.score_notes
        scoring.score_by_hand(request=row, points=points, notes=notes, actor=user)
    if "state" in given:
        wanted = RequestState(payload.state)
        if wanted == RequestState.PENDING:
            actions.take_up_again(request=row, actor=user)
        else:
            change = {
                RequestState.ACCEPTED: actions.accept,
                RequestState.DISCARDED: actions.discard,
                RequestState.WITHDRAWN: actions.withdraw,
            }[wanted]
            change(request=row, actor=user, reason=payload.reason)
    return row


def _decided(
    request: HttpRequest,
    number: int,
    decide: Callable[[Request, callers.Caller], Request],
    names: Mapping[str, str],
) -> Any:
    """Decide about a request as it was seen, and tell it as it is then."""
    caller = writer(request, REQUESTS)
    demand_right(caller)
    row = edit_seen(
        request,
        found(REQUESTS, number, readable()),
        etag(RequestTold, lambda rows: tell_requests(rows, caller)),
        lambda held: decide(held, caller),
        names,
    )
    return tell_requests([readable().get(pk=row.pk)], caller)[0]


@edits(router, "/requests/{request_id}", WRITE, RequestTold)
def edit_request(request: HttpRequest, request_id: Number, payload: RequestEdit) -> Any:
    """Decide about a request.

    `accepted` is refused where an event has to be planned or a place given: `/requests/{request_id}/accept` does that.
    `pending` takes it up again. The token needs `requests:read` beside, and its owner the right to manage training.
    """
    return _decided(request, request_id, lambda held, caller: _save(held, payload, caller), NAMES)


# ------------------------------------------------------- accepting with what is asked for

#: Where what an action refuses stands in the body.
ACCEPT_NAMES = {
    name: f"event.{event_writes.NAMES.get(name, name)}" for name in EventFields.__annotations__
} | {"reason": "beyond"}


class AcceptGiven(Given):
    """What comes of a request that is accepted; what does not belong to its form's outcome is refused."""

    reason: Text = Field(default="", max_length=300, description="Whoever asked reads it on their own page.")
    event: event_writes.EventGiven | None = Field(
        default=None,
        description="Where an event is planned: what differs from the answers, which fill it in. null: nothing.",
    )
    as_host: bool = Field(
        default=True,
        strict=True,
        description="Where an event is planned: whoever asked hosts it, if they have a record.",
    )
    event_id: NumberOrNone = Field(
        default=None, description="Where they applied for a training: the one in which they get a place."
    )
    seat: Literal["code", "open", "none"] = Field(
        default="code",
        description="Where they applied for a training. `code`: by their member code, an open seat for who has none.",
    )
    beyond: Text = Field(
        default="",
        max_length=300,
        description="Why a seat is given although nothing is left, or the days are over.",
    )


#: What may be said, by what comes of a request.
_BELONGS: dict[str, set[str]] = {
    Outcome.EVENT: {"event", "as_host"},
    Outcome.TRAINING: {"event_id", "seat", "beyond"},
}


def _planned(row: Request, given: event_writes.EventGiven | None) -> Any:
    """The event that the answers and the body ask for, as its action takes it."""
    values: dict[str, Any] = prefilled(row)
    values |= {
        "kind": row.form.kind,
        "programme": row.form.programme,
        "curricula": list(Curriculum.objects.filter(pk__in=values.get("curricula", []))),
        "host": row.organization,
        "time_zone": community_zone(),
    }
    if given is not None:
        values |= event_writes.event_fields(given, "event.")
    if values.get("ends_on") is None:
        values["ends_on"] = values.get("starts_on")  # a day
    return values


def _training(row: Request, number: int | None) -> Event:
    event = named(Event, number, "event_id")
    if event is None:
        refuse("event_id", "Name the training in which they get a place.")
    if not matching.trainings_for(row.form).filter(pk=event.pk).exists():
        refuse("event_id", f"The event {event.pk} is no training for which one applies with this form.")
    return event


def _accept(row: Request, payload: AcceptGiven, caller: callers.Caller) -> Request:
    if row.state == RequestState.ACCEPTED:
        return row
    outcome, reason, user = row.form.outcome, payload.reason, caller.user
    for name in sorted(payload.model_fields_set - {"reason"} - _BELONGS.get(outcome, set())):
        refuse(name, "Nothing of that comes of a request with this form.")
    if outcome == Outcome.EVENT:
        actions.accept_into_event(
            request=row,
            values=_planned(row, payload.event),
            as_host=payload.as_host,
            reason=reason,
            actor=user,
        )
    elif outcome == Outcome.TRAINING:
        training = _training(row, payload.event_id)
        matching.match(
            request=row, event=training, seat=payload.seat, beyond=payload.beyond, reason=reason, actor=user
        )
    else:
        actions.accept(request=row, reason=reason, actor=user)
    return row


@acts(router, "/requests/{request_id}/accept", WRITE, RequestTold)
def accept_request(request: HttpRequest, request_id: Number, payload: AcceptGiven) -> Any:
    """Accept a request, with what is asked for.

    Plans the event, filled in from the answers, or gives a place in a training with a seat; all of it or nothing. Its
    `event_id` and `task_id` say what was made. The token needs `requests:read` beside, and its owner the right to
    manage training.
    """
    return _decided(request, request_id, lambda held, caller: _accept(held, payload, caller), ACCEPT_NAMES)
