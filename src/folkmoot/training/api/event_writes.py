"""Entering events and changing them; announcing, cancelling and closing them for who manages events."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Status
from pydantic import BeforeValidator, Field, WithJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import (
    DayOrNone,
    Given,
    LongText,
    Moment,
    Number,
    NumberOrNone,
    Text,
    Word,
)
from folkmoot.kernel.api.operations import adds, edits
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people.public import Organization, Project, Tag
from folkmoot.training.actions import events as actions
from folkmoot.training.actions.events import EventFields
from folkmoot.training.api.common import by_slug, demand_right, etag, needed, refuse, writer
from folkmoot.training.api.events import (
    EventTold,
    RegistrationWay,
    StatusWord,
    VisibilityWord,
    readable,
    router,
    tell_events,
)
from folkmoot.training.api.kinds import EVENTS, WRITE
from folkmoot.training.models import Curriculum, Event, EventKind, Programme
from folkmoot.training.models import Status as Stands

NAMES = {"host": "host_id", "organizer": "organizer_id", "reason": "status_reason"}
_PLAIN = (
    "slug", "title", "summary", "description", "visibility", "starts_on", "ends_on", "starts_time", "ends_time",
    "time_zone", "is_online", "venue", "address", "city", "country", "latitude", "longitude", "languages", "capacity",
    "open_seats", "attendance", "registration_by", "registration_url", "registration_opens_at",
    "registration_closes_at", "registration_note", "website", "repository", "contact", "accommodations",
)  # fmt: skip


_WALL = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:00)?")


def _time(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str) or not _WALL.fullmatch(value):
        raise ValueError("a time of day is wanted, such as 09:00")
    return dt.time.fromisoformat(value)


TimeOrNone = Annotated[
    dt.time | None,
    BeforeValidator(_time),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:00)?$"}, {"type": "null"}]}
    ),
]
Degrees = Annotated[float | None, Field(strict=True, allow_inf_nan=False)]
Count = Annotated[int | None, Field(strict=True, ge=0, le=2**31 - 1)]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$")]


class EventGiven(Given):
    """What may be said of an event; what is left out stays."""

    title: Word = Field(default="", max_length=200)
    slug: Word = Field(default="", max_length=100, description="Empty: made of its day and title.")
    summary: Text = Field(default="", max_length=400)
    description: LongText = ""
    kind: Word = Field(default="", description="The short name of its kind.")
    programme: Word | None = Field(default=None, description="The programme's short name.")
    visibility: VisibilityWord = "public"
    starts_on: DayOrNone = None
    ends_on: DayOrNone = None
    starts_time: TimeOrNone = None
    ends_time: TimeOrNone = None
    time_zone: Text = Field(default="UTC", max_length=64, description="An IANA zone.")
    is_online: bool = Field(default=False, strict=True)
    venue: Text = Field(default="", max_length=200)
    address: Text = ""
    city: Text = Field(default="", max_length=120)
    country: Text = Field(default="", max_length=2, description="ISO 3166-1, two capital letters.")
    latitude: Degrees = None
    longitude: Degrees = None
    languages: list[Language] = Field(default=[], max_length=20, description="Codes of BCP 47.")
    host_id: NumberOrNone = None
    organizer_id: NumberOrNone = None
    curricula: list[Word] = Field(default=[], max_length=50, description="Short names of curricula.")
    lessons: list[Number] = Field(default=[], max_length=100, description="Projects of the register.")
    tag_ids: list[Number] = Field(default=[], max_length=50, description="Tags of the register.")
    capacity: Count = None
    open_seats: bool = Field(default=False, strict=True)
    attendance: Count = None
    registration_by: RegistrationWay = ""
    registration_url: Text = ""
    registration_opens_at: Moment | None = Field(default=None, description="null: at once.")
    registration_closes_at: Moment | None = Field(default=None, description="null: when the event begins.")
    registration_note: LongText = ""
    website: Text = ""
    repository: Text = ""
    contact: Text = Field(default="", max_length=320)
    accommodations: LongText = ""


class EventEdit(EventGiven):
    """What may be said of an event, and what becomes of it; what is left out stays."""

    status: StatusWord = Field(
        default="planned",
        description="Another one announces, stalls, cancels or closes it, or plans it again; for whose owner manages"
        " events. `running` follows from its days.",
    )
    status_reason: Text = Field(
        default="", max_length=300, description="Why it is cancelled or stalled; goes with `status`."
    )


class EventNew(EventEdit):
    """A new event; it is planned, unless `status` says more."""

    title: Word = Field(max_length=200)
    kind: Word = Field(description="The short name of its kind.")


def event_fields(payload: EventGiven, within: str = "") -> EventFields:
    """The fields that were given, as the action takes them.

    Args:
        within: where they stand in the body ("event."), for what is refused.

    Raises:
        Problem: 422, one of them names a record that is not there.
    """
    given = payload.model_fields_set
    fields: Any = {name: getattr(payload, name) for name in _PLAIN if name in given}
    if "kind" in given:
        fields["kind"] = needed(EventKind, payload.kind, f"{within}kind")
    if "programme" in given:
        fields["programme"] = by_slug(Programme, payload.programme, f"{within}programme")
    for name in ("host", "organizer"):
        if f"{name}_id" in given:
            fields[name] = named(Organization, getattr(payload, f"{name}_id"), f"{within}{name}_id")
    if "curricula" in given:
        fields["curricula"] = [by_slug(Curriculum, slug, f"{within}curricula") for slug in payload.curricula]
    if "lessons" in given:
        fields["lessons"] = [named(Project, number, f"{within}lessons") for number in payload.lessons]
    if "tag_ids" in given:
        fields["tags"] = [named(Tag, number, f"{within}tag_ids") for number in payload.tag_ids]
    return fields


def _stand(row: Event, payload: EventEdit, caller: callers.Caller) -> Event:
    """Take an event to another status, by the same actions as its page.

    Raises:
        ValidationError: it cannot be.
        Problem: 403, the owner does not manage events.
    """
    if "status" not in payload.model_fields_set or payload.status == row.status:
        return row
    demand_right(caller)
    user, reason, wanted = caller.user, payload.status_reason, Stands(payload.status)
    if wanted == Stands.RUNNING:
        refuse("status", "Whether it runs follows from its days: announce it.")
    if wanted == Stands.CANCELLED:
        return actions.cancel(event=row, reason=reason, actor=user)
    if wanted == Stands.STALLED:
        return actions.stall(event=row, reason=reason, actor=user)
    simple = {
        Stands.ANNOUNCED: actions.announce,
        Stands.DONE: actions.finish,
        Stands.PLANNED: actions.plan_again,
    }
    return simple[wanted](event=row, actor=user)


def _save(row: Event | None, payload: EventEdit, caller: callers.Caller) -> Event:
    fields = event_fields(payload)
    if row is None and fields.get("ends_on") is None:
        fields["ends_on"] = fields.get("starts_on")  # a day
    if row is None or fields:
        row = actions.save_event(event=row, values=fields, actor=caller.user)
    return _stand(row, payload, caller)


def _told(row: Event, caller: callers.Caller) -> dict[str, Any]:
    return tell_events([readable().get(pk=row.pk)], caller)[0]


@adds(router, "/events", WRITE, EventTold)
def add_event(request: HttpRequest, response: HttpResponse, payload: EventNew) -> Any:
    """Enter an event.

    It is the token's owner's. The token needs `training:read` beside.
    """
    caller = writer(request, EVENTS)
    row, is_new = add_once(request, Event, lambda: _save(None, payload, caller), NAMES)
    response["Location"] = f"/api/v1/events/{row.pk}"
    return Status(201 if is_new else 200, _told(row, caller))


@edits(router, "/events/{event_id}", WRITE, EventTold)
def edit_event(request: HttpRequest, event_id: Number, payload: EventEdit) -> Any:
    """Change an event.

    What is given is set, what is left out stays. The token needs `training:read` beside, and its owner the right to
    manage events where `status` changes.
    """
    caller = writer(request, EVENTS)
    row = edit_seen(
        request,
        found(EVENTS, event_id),
        etag(EventTold, lambda rows: tell_events(rows, caller)),
        lambda held: _save(held, payload, caller),
        NAMES,
    )
    return _told(row, caller)
