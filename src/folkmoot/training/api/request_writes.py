"""Deciding about requests: whose they are, what becomes of them, points by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from pydantic import Field

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Given, LongText, Number, NumberOrNone, Text
from folkmoot.kernel.api.operations import edits
from folkmoot.kernel.api.writing import edit_seen, found, named
from folkmoot.training.actions import requests as actions
from folkmoot.training.actions import scoring
from folkmoot.training.api.common import demand_right, etag, refuse, writer
from folkmoot.training.api.kinds import REQUESTS, WRITE
from folkmoot.training.api.requests import RequestTold, readable, router, tell_requests
from folkmoot.training.models import Request, RequestState
from folkmoot.training.models.scoring import MOST_POINTS
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


@edits(router, "/requests/{request_id}", WRITE, RequestTold)
def edit_request(request: HttpRequest, request_id: Number, payload: RequestEdit) -> Any:
    """Decide about a request.

    `accepted` is refused where an event has to be planned or a place given: that is done on its page. `pending` takes
    it up again. The token needs `requests:read` beside, and its owner the right to manage training.
    """
    caller = writer(request, REQUESTS)
    demand_right(caller)
    row = edit_seen(
        request,
        found(REQUESTS, request_id, readable()),
        etag(RequestTold, lambda rows: tell_requests(rows, caller)),
        lambda held: _save(held, payload, caller),
        NAMES,
    )
    return tell_requests([readable().get(pk=row.pk)], caller)[0]
