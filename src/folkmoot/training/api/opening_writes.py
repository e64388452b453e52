"""Making and changing openings, putting people forward, deciding about sign-ups."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Status
from pydantic import Field

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Given, LongText, Number, NumberOrNone, Word
from folkmoot.kernel.api.operations import adds, edits, removes
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people.public import Person
from folkmoot.training.actions import openings as actions
from folkmoot.training.actions import signing_up
from folkmoot.training.api.common import by_slug, demand_right, etag, refuse, writer
from folkmoot.training.api.kinds import OPENINGS, SIGN_UPS, WRITE
from folkmoot.training.api.openings import (
    URGENCY,
    OpeningTold,
    OpenWord,
    PriorityWord,
    SignUpTold,
    SignUpWord,
    router,
    sign_ups,
    tell_openings,
    tell_sign_ups,
)
from folkmoot.training.models import Event, Opening, SignUp, SignUpState, TaskKind
from folkmoot.training.queries import openings as queries
from folkmoot.training.queries.lists import possible_owners

OPENING_NAMES = {"event": "event_id", "owner": "owner_id"}
NAMES = {"person": "person_id", "kind": "part", "owner": "owner_id"}
Few = Annotated[int, Field(strict=True, ge=0, le=100)]


class SoughtGiven(Given):
    """How many people are sought for a part."""

    part: Word = Field(description="The short name of the part.")
    number: Few = Field(description="0: nobody is sought for it any more.")


class OpeningEdit(Given):
    """What may be changed of an opening; what is left out stays."""

    state: OpenWord = "open"
    priority: PriorityWord | None = Field(
        default=None, description="null: reckoned from the days to the start."
    )
    owner_id: NumberOrNone = Field(default=None, description="A user who runs events.")
    text: LongText = ""
    note: LongText = ""
    sought: list[SoughtGiven] = Field(default=[], max_length=50, description="All that is sought.")


class OpeningNew(OpeningEdit):
    """A new opening; it is open, unless `state` says more."""

    event_id: Number
    sought: list[SoughtGiven] = Field(min_length=1, max_length=50, description="All that is sought.")


class SignUpNew(Given):
    """Somebody who is put forward."""

    person_id: Number
    part: Word = Field(description="The short name of the part.")
    interest: LongText = ""
    note: LongText = ""
    even_so: bool = Field(
        default=False, strict=True, description="The clash with another event at the same time is known."
    )


class SignUpEdit(Given):
    """What becomes of a sign-up; what is left out stays."""

    state: SignUpWord = "pending"
    note: LongText = ""
    even_so: bool = Field(
        default=False, strict=True, description="The clash with another event at the same time is known."
    )


def _opening_values(payload: OpeningEdit, owned_by: int | None) -> Any:
    given = payload.model_fields_set
    values: Any = {name: getattr(payload, name) for name in ("text", "note") if name in given}
    if "priority" in given:
        values["priority"] = URGENCY[payload.priority] if payload.priority else None
    if "owner_id" in given:
        owner = named(User, payload.owner_id, "owner_id")
        if owner is not None and not possible_owners(owned_by).filter(pk=owner.pk).exists():
            refuse("owner_id", f"The user {owner.pk} does not run events.")
        values["owner"] = owner
    return values


def _sought(payload: OpeningEdit) -> Any:
    return {by_slug(TaskKind, one.part, "sought"): one.number for one in payload.sought}


def _stand(row: Opening, payload: OpeningEdit, caller: callers.Caller) -> Opening:
    if "state" not in payload.model_fields_set:
        return row
    change = actions.close if payload.state == "closed" else actions.reopen
    return change(opening=row, actor=caller.user)


def _save_opening(row: Opening, payload: OpeningEdit, caller: callers.Caller) -> Opening:
    values = _opening_values(payload, row.owner_id)
    if "sought" in payload.model_fields_set:
        sought = _sought(payload)
    else:
        sought = {part.kind: part.number for part in row.sought.select_related("kind")}
    if values or "sought" in payload.model_fields_set:
        row, _undo = actions.save_opening(
            event=row.event, values=values, sought=sought, actor=caller.user, opening=row
        )
    return _stand(row, payload, caller)


def _make_opening(event: Event, payload: OpeningNew, caller: callers.Caller) -> Opening:
    values, sought = _opening_values(payload, None), _sought(payload)
    row, _undo = actions.save_opening(event=event, values=values, sought=sought, actor=caller.user)
    return _stand(row, payload, caller) if payload.state == "closed" else row


def _etag(caller: callers.Caller) -> Any:
    return etag(OpeningTold, lambda rows: tell_openings([queries.read(row.pk) for row in rows], caller))


@adds(router, "/openings", WRITE, OpeningTold)
def add_opening(request: HttpRequest, response: HttpResponse, payload: OpeningNew) -> Any:
    """Seek people for an event.

    An event has one opening at most, and none once it is over or cancelled. The token needs `recruitment:read`
    beside, and its owner the right to manage events.
    """
    caller = writer(request, OPENINGS)
    demand_right(caller)
    event: Any = named(Event, payload.event_id, "event_id")
    row, is_new = add_once(request, Opening, lambda: _make_opening(event, payload, caller), OPENING_NAMES)
    response["Location"] = f"/api/v1/openings/{row.pk}"
    return Status(201 if is_new else 200, tell_openings([queries.read(row.pk)], caller)[0])


@edits(router, "/openings/{opening_id}", WRITE, OpeningTold)
def edit_opening(request: HttpRequest, opening_id: Number, payload: OpeningEdit) -> Any:
    """Change an opening.

    Close it or open it again, say whom it seeks, how urgent it is, whose it is. The token needs `recruitment:read`
    beside, and its owner the right to manage events.
    """
    caller = writer(request, OPENINGS)
    demand_right(caller)
    edit_seen(
        request,
        found(OPENINGS, opening_id),
        _etag(caller),
        lambda held: _save_opening(held, payload, caller),
        NAMES,
    )
    return tell_openings([queries.read(opening_id)], caller)[0]


@removes(router, "/openings/{opening_id}", WRITE, OpeningTold)
def remove_opening(request: HttpRequest, opening_id: Number) -> Any:
    """Take out an opening that was made by mistake.

    Answers with what it was. Once somebody signed up it stays: close it instead. The token needs `recruitment:read`
    beside, and its owner the right to manage events.
    """
    caller = writer(request, OPENINGS)
    demand_right(caller)
    was: list[dict[str, Any]] = []

    def remove(held: Opening) -> Opening:
        was.extend(tell_openings([queries.read(held.pk)], caller))
        actions.remove_opening(opening=held, actor=caller.user)
        return held

    edit_seen(
        request,
        found(OPENINGS, opening_id),
        _etag(caller),
        remove,
        NAMES,
    )
    return was[0]


def _told(row: SignUp, caller: callers.Caller) -> dict[str, Any]:
    return tell_sign_ups([sign_ups().get(pk=row.pk)], caller)[0]


@adds(router, "/openings/{opening_id}/sign-ups", WRITE, SignUpTold)
def add_sign_up(request: HttpRequest, response: HttpResponse, opening_id: Number, payload: SignUpNew) -> Any:
    """Put somebody forward for a part that an opening seeks.

    Only who agreed to be contacted. Somebody who takes part in an event at the same time is refused at `even_so`; the
    same again is answered as it is. The token needs `recruitment:read` beside.
    """
    caller = writer(request, SIGN_UPS)
    opening = found(OPENINGS, opening_id)
    person = named(Person, payload.person_id, "person_id")
    kind = by_slug(TaskKind, payload.part, "part")
    more = payload.model_dump(include={"interest", "note", "even_so"})
    row, is_new = add_once(
        request,
        SignUp,
        lambda: signing_up.sign_up(
            opening=opening,
            person=person,  # type: ignore[arg-type]
            kind=kind,  # type: ignore[arg-type]
            actor=caller.user,
            **more,
        ),
        NAMES,
    )
    response["Location"] = f"/api/v1/sign-ups/{row.pk}"
    return Status(201 if is_new else 200, _told(row, caller))


def _decide(row: SignUp, payload: SignUpEdit, caller: callers.Caller) -> SignUp:
    given = payload.model_fields_set
    if "note" in given:
        row = signing_up.note(sign_up=row, note=payload.note, actor=caller.user)
    if "state" not in given or payload.state == row.state:
        return row
    wanted = SignUpState(payload.state)
    if wanted != SignUpState.WITHDRAWN:
        demand_right(caller)
    if wanted == SignUpState.ACCEPTED:
        return signing_up.accept(sign_up=row, actor=caller.user, even_so=payload.even_so)[0]
    change = {
        SignUpState.DECLINED: signing_up.decline,
        SignUpState.WITHDRAWN: signing_up.withdraw,
        SignUpState.PENDING: signing_up.wait_again,
    }[wanted]
    return change(sign_up=row, actor=caller.user)[0]


@edits(router, "/sign-ups/{sign_up_id}", WRITE, SignUpTold)
def edit_sign_up(request: HttpRequest, sign_up_id: Number, payload: SignUpEdit) -> Any:
    """Decide about a sign-up.

    `accepted` gives them the part; the opening closes when everybody is found. `declined`, `withdrawn` and `pending`
    take it back. Everybody who runs events may write `note` and note that somebody withdrew; deciding is for whose
    owner manages events. The token needs `recruitment:read` beside.
    """
    caller = writer(request, SIGN_UPS)
    row = edit_seen(
        request,
        found(SIGN_UPS, sign_up_id),
        etag(SignUpTold, lambda rows: tell_sign_ups(rows, caller)),
        lambda held: _decide(held, payload, caller),
        NAMES,
    )
    return _told(row, caller)
