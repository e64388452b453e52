"""Events, with who takes part, sessions, links, what is taught, and how many registered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Day, Flag, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.training.api.common import moments, plain, sees_notes
from folkmoot.training.api.kinds import EVENTS
from folkmoot.training.exports.telling import address_of
from folkmoot.training.models import (
    TAKEN,
    Event,
    EventLink,
    Registration,
    RegistrationState,
    Session,
    Task,
    TaskKind,
)
from folkmoot.training.queries import lists

router = Router()
StatusWord = Literal["planned", "announced", "running", "done", "cancelled", "stalled"]
PartState = Literal["invited", "confirmed", "declined", "withdrawn"]
VisibilityWord = Literal["public", "private"]
RegistrationWay = Literal["", "here", "elsewhere"]
PLAIN = (
    "id", "slug", "title", "summary", "description", "status", "status_reason", "announced_at", "visibility",
    "starts_on", "ends_on", "starts_time", "ends_time", "time_zone", "starts_at", "ends_at", "is_online", "venue",
    "address", "city", "country", "latitude", "longitude", "languages", "host_id", "organizer_id", "owner_id",
    "capacity", "open_seats", "attendance", "registration_by", "registration_url", "registration_opens_at",
    "registration_closes_at", "registration_note", "website", "repository", "contact", "accommodations", "source",
    "created_at",
)  # fmt: skip


class EventPartTold(Told):
    """Somebody's part in the event."""

    id: int = Field(description="The number of the task.")
    person_id: int
    name: str
    part: str = Field(description="The short name of the part.")
    state: PartState
    attended: bool | None = Field(description="null: nobody noted it.")
    session_id: int | None
    note: str | None = Field(description="null without the scope `training.notes:read`.")


class SessionTold(Told):
    """A part of the event's programme."""

    id: int
    title: str
    abstract: str
    track: str
    room: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None


class EventLinkTold(Told):
    """An address that belongs to the event."""

    id: int
    kind: Literal["survey_before", "survey_after", "materials", "notes", "recording", "meeting", "other"]
    label: str
    url: str
    is_public: bool = Field(description="On the public page; otherwise only those who take part get it.")


class RegistrationCountsTold(Told):
    """How many registered; who it was is in `/registrations`, which has a scope of its own."""

    unproven: int
    waiting: int
    confirmed: int
    cancelled: int


class EventTold(Told):
    """A workshop, training, sprint, conference, webinar or unconference."""

    id: int
    slug: str = Field(description="Its short name, in its address.")
    title: str
    summary: str
    description: str = Field(description="Markdown.")
    kind: str = Field(description="The short name of its kind.")
    programme: str | None = Field(description="The programme's short name.")
    status: StatusWord
    status_reason: str = Field(description="Why it is cancelled or stalled.")
    announced_at: dt.datetime | None
    visibility: VisibilityWord
    public_url: str = Field(description="Its page for everybody; empty: there is none.")
    starts_on: dt.date | None
    ends_on: dt.date | None
    starts_time: dt.time | None = Field(description="On the first day, on the wall of `time_zone`.")
    ends_time: dt.time | None
    time_zone: str = Field(description="An IANA zone.")
    starts_at: dt.datetime | None = Field(description="The same as a moment.")
    ends_at: dt.datetime | None = Field(description="Without times: the midnight after its last day.")
    is_online: bool
    venue: str
    address: str
    city: str
    country: str = Field(description="ISO 3166-1, two capital letters.")
    latitude: float | None
    longitude: float | None
    languages: list[str] = Field(description="Codes of BCP 47.")
    host_id: int | None = Field(description="An organisation.")
    organizer_id: int | None = Field(description="An organisation.")
    owner_id: int | None = Field(description="Whose it is: the number of a user.")
    curricula: list[str] = Field(description="Short names of curricula.")
    lessons: list[int] = Field(description="Projects of the register.")
    tags: list[str]
    capacity: int | None = Field(description="null: as many as come.")
    open_seats: bool
    learners: int = Field(description="How many take part or may yet.")
    attendance: int | None = Field(description="How many came, where nobody noted who.")
    registration_by: RegistrationWay
    registration_url: str
    registration_opens_at: dt.datetime | None
    registration_closes_at: dt.datetime | None
    registration_note: str
    registrations: RegistrationCountsTold
    website: str
    repository: str
    contact: str
    accommodations: str
    tasks: list[EventPartTold]
    sessions: list[SessionTold]
    links: list[EventLinkTold]
    source: str
    created_at: dt.datetime
    updated_at: dt.datetime | None


class EventsTold(Pages):
    """A page of events."""

    results: list[EventTold]


class EventsAsked(Asked):
    """The filters of the list of events."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="As the search finds them.")
    slug: list[Word] = Field(default=[], description="Only these, by their short names.")
    kind: list[Word] = Field(default=[], description="Short names of kinds.")
    status: list[StatusWord] = Field(default=[], description="Only these.")
    year: list[Number] = Field(default=[], description="Those that begin in one of these years.")
    country: list[Word] = Field(default=[], description="Codes of countries.")
    programme: list[Word] = Field(default=[], description="Short names of programmes.")
    host: list[Number] = Field(default=[], description="Organisations that host them.")
    organizer: list[Number] = Field(default=[], description="Organisations that organise them.")
    owner: list[Word] = Field(default=[], description="Numbers of users, or `none`: nobody's.")
    tag: list[Number] = Field(default=[], description="Tags, one of which they have.")
    curriculum: list[Word] = Field(
        default=[], description="Short names of curricula, one of which is taught."
    )
    person: list[Number] = Field(default=[], description="Events in which these people have a part.")
    mine: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those that the token's owner looks after or takes part in, or the others."
    )
    ahead: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those that will happen or do, or the others."
    )
    online: Flag | SkipJsonSchema[None] = Field(default=None, description="Online, or not.")
    full: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those without a free place, or the others."
    )
    private: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only private ones, or only others; else both."
    )
    starts_since: Day | SkipJsonSchema[None] = Field(default=None, description="On this day or later.")
    starts_until: Day | SkipJsonSchema[None] = Field(default=None, description="On this day or earlier.")
    ends_since: Day | SkipJsonSchema[None] = Field(default=None, description="On this day or later.")
    ends_until: Day | SkipJsonSchema[None] = Field(default=None, description="On this day or earlier.")


# --------------------------------------------------------------------- telling


def _by_event(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["event_id"]].append(row)
    return found


def _parts(ids: list[int], notes: bool) -> dict[int, list[Any]]:
    names = ("event_id", "id", "person_id", "state", "attended", "session_id", "note")
    rows = (
        Task.objects.filter(event__in=ids)
        .order_by("event_id", "kind__order", "kind_id", "pk")
        .values(*names, name=F("person__name"), part=F("kind__slug"), does=F("kind__does"))
    )
    return _by_event({**row, "note": row["note"] if notes else None} for row in rows)


def _taught(ids: list[int]) -> dict[int, dict[str, list[str]]]:
    """What is taught, and tags; one query."""

    def of(model: Any, name: str, word: str) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(event__in=ids).order_by()
        return rows.values_list("event_id", Value(name, CharField()), Cast(word, CharField()))

    found: dict[int, dict[str, list[str]]] = {pk: {"curricula": [], "lessons": [], "tags": []} for pk in ids}
    told = of(Event.curricula.through, "curricula", "curriculum__slug").union(
        of(Event.lessons.through, "lessons", "project_id"),
        of(Event.tags.through, "tags", "tag__name"),
        all=True,
    )
    for pk, name, word in told:
        found[pk][name].append(word)
    return found


def _registered(ids: list[int]) -> dict[int, dict[str, int]]:
    found = {pk: dict.fromkeys(RegistrationState.values, 0) for pk in ids}
    rows = Registration.objects.filter(event__in=ids).order_by()
    for pk, state, number in rows.values_list("event_id", "state").annotate(n=Count("pk")):
        found[pk][state] = number
    return found


def tell_events(rows: list[Event], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of events with all that belongs to them, in six queries; their kind and programme are read
    beforehand.
    """
    ids = [row.pk for row in rows]
    at = moments(EVENTS, rows)
    parts = _parts(ids, sees_notes(caller))
    sessions = _by_event(
        Session.objects.filter(event__in=ids)
        .order_by("event_id", F("starts_at").asc(nulls_last=True), "room", "pk")
        .values("event_id", *SessionTold.model_fields)
    )
    links = _by_event(
        EventLink.objects.filter(event__in=ids)
        .order_by("event_id", "kind", "pk")
        .values("event_id", *EventLinkTold.model_fields)
    )
    taught, registered = _taught(ids), _registered(ids)
    return [
        {
            **plain(row, PLAIN),
            "kind": row.kind.slug,
            "programme": row.programme.slug if row.programme else None,
            "public_url": address_of(row) if row.is_for_everybody else "",
            "curricula": sorted(taught[row.pk]["curricula"]),
            "lessons": sorted(map(int, taught[row.pk]["lessons"])),
            "tags": sorted(taught[row.pk]["tags"]),
            "learners": sum(_learns(one) for one in parts[row.pk]),
            "registrations": registered[row.pk],
            "tasks": parts[row.pk],
            "sessions": sessions[row.pk],
            "links": links[row.pk],
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


def _learns(part: dict[str, Any]) -> bool:
    return part["does"] == TaskKind.Does.LEARNS and part["session_id"] is None and part["state"] in TAKEN


def readable() -> QuerySet[Event]:
    """Events as they are told."""
    return Event.objects.select_related("kind", "programme")


# --------------------------------------------------------------------- reading


def _narrowed(rows: QuerySet[Any], asked: EventsAsked, caller: callers.Caller) -> QuerySet[Any]:
    if asked.q is not None:
        rows = lists.found(rows, asked.q)
    for name, values in (
        ("slug", asked.slug),
        ("kind__slug", asked.kind),
        ("status", asked.status),
        ("country", asked.country),
        ("programme__slug", asked.programme),
        ("host", asked.host),
        ("organizer", asked.organizer),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    for model, name, values in (
        (Event.tags.through, "tag", asked.tag),
        (Event.curricula.through, "curriculum__slug", asked.curriculum),
        (Task, "person", asked.person),
    ):
        if values:
            rows = rows.filter(pk__in=model.objects.filter(**{f"{name}__in": values}).values("event"))
    if asked.year:
        rows = lists.in_years(rows, [str(year) for year in asked.year])
    if asked.owner:
        rows = lists.owned_by(rows, asked.owner)
    if asked.mine is not None:
        rows = lists.of_user(rows, caller.user, asked.mine)
    if asked.ahead is not None:
        rows = lists.ahead(rows, asked.ahead)
    if asked.online is not None:
        rows = rows.filter(is_online=asked.online)
    if asked.private is not None:
        private = {"visibility": "private"}
        rows = rows.filter(**private) if asked.private else rows.exclude(**private)
    for column, since, until in (
        ("starts_on", asked.starts_since, asked.starts_until),
        ("ends_on", asked.ends_since, asked.ends_until),
    ):
        if since is not None:
            rows = rows.filter(**{f"{column}__gte": since})
        if until is not None:
            rows = rows.filter(**{f"{column}__lte": until})
    return rows


@reads(router, "/events", EVENTS.scope, EventsTold)
def list_events(request: HttpRequest, response: HttpResponse, asked: Query[EventsAsked]) -> Any:
    """List events.

    Private ones too, with who takes part, sessions, links and what is taught. An event counts as changed when a part,
    session, link or registration of it is.
    """
    caller = callers.of(request)
    rows: QuerySet[Any] = readable()
    if asked.full is not None:
        rows = lists.full(lists.events(), asked.full)
    rows = _narrowed(rows, asked, caller)
    if asked.updated_since is not None:
        rows = changed_since(EVENTS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=lambda found: tell_events(found, caller))


@reads(router, "/events/{event_id}", EVENTS.scope, EventTold)
def get_event(request: HttpRequest, event_id: Number) -> Any:
    """Read an event."""
    return tell_events([found(EVENTS, event_id, readable())], callers.of(request))[0]
