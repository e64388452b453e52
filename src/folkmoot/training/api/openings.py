"""Openings, who signed up, and where people set out from."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Flag, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.training.api.common import moments, plain, sees_notes
from folkmoot.training.api.kinds import OPENINGS, PROFILES, SIGN_UPS
from folkmoot.training.models import Event, Priority, SignUp, TeachingProfile
from folkmoot.training.queries import lists
from folkmoot.training.queries import openings as queries

router = Router()
OpenWord = Literal["open", "closed"]
PriorityWord = Literal["low", "medium", "high"]
SignUpWord = Literal["pending", "accepted", "declined", "withdrawn"]
_URGENT = {priority.value: priority.name.lower() for priority in Priority}
URGENCY: dict[str, int] = {word: value for value, word in _URGENT.items()}


class SoughtTold(Told):
    """One part that is sought."""

    part: str = Field(description="The short name of the part.")
    number: int = Field(description="How many are sought.")
    found: int = Field(description="How many have the part.")
    missing: int
    pending: int = Field(description="How many sign-ups wait for an answer.")


class OpeningTold(Told):
    """An event for which people are sought."""

    id: int
    event_id: int
    state: OpenWord
    closed_because: Literal["", "filled", "cancelled", "by_hand"]
    closed_at: dt.datetime | None
    priority: PriorityWord | None = Field(
        description="As somebody gave it; null: `urgency` is reckoned from the days to the start."
    )
    urgency: PriorityWord = Field(description="How urgent it is today.")
    owner_id: int | None = Field(description="Whose it is: the number of a user.")
    text: str = Field(description="What candidates read; Markdown.")
    note: str | None = Field(description="null without the scope `training.notes:read`.")
    sought: list[SoughtTold]
    opened_at: dt.datetime
    updated_at: dt.datetime | None


class OpeningsTold(Pages):
    """A page of openings."""

    results: list[OpeningTold]


class OpeningsAsked(Asked):
    """The filters of the list of openings."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="Events, as the search finds them.")
    event: list[Number] = Field(default=[], description="For these events.")
    state: list[OpenWord] = Field(default=[], description="Only these.")
    priority: list[PriorityWord] = Field(default=[], description="Of this urgency today.")
    part: list[Word] = Field(default=[], description="Short names of parts, one of which is missing.")
    country: list[Word] = Field(default=[], description="Codes of countries of the events.")
    owner: list[Word] = Field(default=[], description="Numbers of users, or `none`: nobody's.")
    ahead: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Open ones of events that will happen or do, or the others."
    )
    mine: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those of the token's owner, or the others."
    )
    pending: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Those with sign-ups that wait, or the others."
    )
    online: Flag | SkipJsonSchema[None] = Field(default=None, description="Of events online, or not.")


class SignUpTold(Told):
    """Somebody's wish to take a part that an opening seeks."""

    id: int
    opening_id: int
    event_id: int
    person_id: int
    name: str = Field(description="Of the person.")
    part: str = Field(description="The short name of the part.")
    state: SignUpWord
    interest: str = Field(description="What they say.")
    note: str | None = Field(description="null without the scope `training.notes:read`.")
    is_own: bool = Field(description="They signed up themselves.")
    task_id: int | None = Field(description="Their part, once accepted.")
    signed_up_at: dt.datetime
    decided_at: dt.datetime | None
    updated_at: dt.datetime | None


class SignUpsTold(Pages):
    """A page of sign-ups."""

    results: list[SignUpTold]


class SignUpsAsked(Asked):
    """The filters of the list of sign-ups, over all openings."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="People, as the search finds them.")
    opening: list[Number] = Field(default=[], description="For these openings.")
    event: list[Number] = Field(default=[], description="For these events.")
    person: list[Number] = Field(default=[], description="Of these people.")
    part: list[Word] = Field(default=[], description="Short names of parts.")
    state: list[SignUpWord] = Field(default=[], description="Only these.")


class ProfileTold(Told):
    """Where somebody sets out from, and in which languages they teach."""

    id: int
    person_id: int
    airport: str = Field(description="The code of IATA; empty: the place is no airport.")
    place: str
    latitude: float | None
    longitude: float | None
    languages: list[str] = Field(description="Codes of BCP 47.")
    updated_at: dt.datetime | None


class ProfilesTold(Pages):
    """A page of profiles for teaching."""

    results: list[ProfileTold]


class ProfilesAsked(Asked):
    """Whose."""

    person: list[Number] = Field(default=[], description="Of these people.")
    airport: list[Word] = Field(default=[], description="Codes of IATA.")


def tell_openings(rows: list[Any], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of openings as ``queries.openings`` reads them, in two queries."""
    at, notes = moments(OPENINGS, rows), sees_notes(caller)
    queries.with_lines(rows)
    names = ("id", "event_id", "state", "closed_because", "closed_at", "owner_id", "text", "opened_at")
    return [
        {
            **plain(row, names),
            "priority": _URGENT.get(row.priority),
            "urgency": _URGENT[row.urgency],
            "note": row.note if notes else None,
            "sought": [
                {
                    "part": line.kind.slug,
                    "number": line.number,
                    "found": line.found,
                    "missing": line.missing,
                    "pending": line.pending,
                }
                for line in row.lines
            ],
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


def _narrowed(rows: QuerySet[Any], asked: OpeningsAsked, caller: callers.Caller) -> QuerySet[Any]:
    if asked.q is not None:
        rows = rows.filter(event__in=lists.found(Event.objects.all(), asked.q).values("pk"))
    for name, values in (
        ("event", asked.event),
        ("state", asked.state),
        ("urgency", [URGENCY[word] for word in asked.priority]),
        ("event__country", asked.country),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.part:
        rows = queries.seeking(rows, asked.part)
    if asked.owner:
        rows = queries.owned_by(rows, asked.owner)
    if asked.ahead is not None:
        rows = queries.ahead(rows, asked.ahead)
    if asked.mine is not None:
        mine = {"owner": caller.user}
        rows = rows.filter(**mine) if asked.mine else rows.exclude(**mine)
    if asked.pending is not None:
        rows = rows.filter(pending_number__gt=0) if asked.pending else rows.filter(pending_number=0)
    return rows.filter(event__is_online=asked.online) if asked.online is not None else rows


@reads(router, "/openings", OPENINGS.scope, OpeningsTold)
def list_openings(request: HttpRequest, response: HttpResponse, asked: Query[OpeningsAsked]) -> Any:
    """List openings.

    Events for which people are sought, with how many were found. An opening counts as changed when a sign-up of it is;
    who was found is told by the event's tasks.
    """
    caller = callers.of(request)
    rows = _narrowed(queries.openings(), asked, caller)
    if asked.updated_since is not None:
        rows = changed_since(OPENINGS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=lambda found: tell_openings(found, caller))


@reads(router, "/openings/{opening_id}", OPENINGS.scope, OpeningTold)
def get_opening(request: HttpRequest, opening_id: Number) -> Any:
    """Read an opening."""
    return tell_openings([found(OPENINGS, opening_id, queries.openings())], callers.of(request))[0]


def sign_ups() -> QuerySet[SignUp]:
    """Sign-ups as they are told."""
    return SignUp.objects.select_related("opening", "person", "kind")


def tell_sign_ups(rows: list[SignUp], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of sign-ups, in one query; opening, person and part are read beforehand."""
    at, notes = moments(SIGN_UPS, rows), sees_notes(caller)
    names = (
        *("id", "opening_id", "person_id", "state", "interest", "is_own", "task_id"),
        *("signed_up_at", "decided_at"),
    )
    return [
        {
            **plain(row, names),
            "event_id": row.opening.event_id,
            "name": row.person.name,
            "part": row.kind.slug,
            "note": row.note if notes else None,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/sign-ups", SIGN_UPS.scope, SignUpsTold)
def list_sign_ups(request: HttpRequest, response: HttpResponse, asked: Query[SignUpsAsked]) -> Any:
    """List sign-ups for openings."""
    caller, rows = callers.of(request), sign_ups()
    if asked.q is not None:
        rows = rows.filter(person__in=lists.people_named(asked.q))
    for name, values in (
        ("opening", asked.opening),
        ("opening__event", asked.event),
        ("person", asked.person),
        ("kind__slug", asked.part),
        ("state", asked.state),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if asked.updated_since is not None:
        rows = changed_since(SIGN_UPS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=lambda found: tell_sign_ups(found, caller))


@reads(router, "/sign-ups/{sign_up_id}", SIGN_UPS.scope, SignUpTold)
def get_sign_up(request: HttpRequest, sign_up_id: Number) -> Any:
    """Read a sign-up."""
    return tell_sign_ups([found(SIGN_UPS, sign_up_id, sign_ups())], callers.of(request))[0]


def _tell_profiles(rows: list[TeachingProfile]) -> list[dict[str, Any]]:
    at = moments(PROFILES, rows)
    names = ("id", "person_id", "airport", "place", "latitude", "longitude", "languages")
    return [{**plain(row, names), "updated_at": at[row.pk]} for row in rows]


@reads(router, "/teaching-profiles", PROFILES.scope, ProfilesTold)
def list_teaching_profiles(request: HttpRequest, response: HttpResponse, asked: Query[ProfilesAsked]) -> Any:
    """List where people set out from, and in which languages they teach."""
    rows = TeachingProfile.objects.all()
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.airport:
        rows = rows.filter(airport__in=asked.airport)
    if asked.updated_since is not None:
        rows = changed_since(PROFILES, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_profiles)
