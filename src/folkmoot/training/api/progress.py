"""How far trainees are: read, noted for one or for many, evaluated."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Day, DayOrNone, Given, LongText, Number, NumberOrNone, Text, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import acts, adds, edits, reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import from_validation
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people.public import Person
from folkmoot.training.actions import progress as actions
from folkmoot.training.api.common import by_slug, etag, moments, needed, plain, refuse, sees_notes, writer
from folkmoot.training.api.kinds import PROGRESSES, WRITE
from folkmoot.training.models import Event, Involvement, Progress, Requirement
from folkmoot.training.queries import lists

router = Router()
StateWord = Literal["open", "submitted", "passed", "failed", "repeat"]
NAMES = {"person": "person_id", "event": "event_id", "people": "people_ids"}


class ProgressTold(Told):
    """One try of one person at one requirement; the newest says how it stands, unless one was passed."""

    id: int
    person_id: int
    name: str = Field(description="Of the person.")
    requirement: str = Field(description="The short name of the requirement.")
    involvement: str | None = Field(description="How it was met, by its short name.")
    event_id: int | None = Field(description="The training.")
    state: StateWord
    happened_on: dt.date | None
    due_on: dt.date | None = Field(description="null: reckoned from the end of the training, or whenever.")
    url: str = Field(description="Where it can be seen.")
    own_note: str = Field(description="What they said.")
    note: str | None = Field(description="Of the staff; null without the scope `training.notes:read`.")
    submitted_at: dt.datetime | None = Field(description="null: it was entered for them.")
    evaluated_at: dt.datetime | None
    source: str
    created_at: dt.datetime
    updated_at: dt.datetime | None


class ProgressesTold(Pages):
    """A page of tries."""

    results: list[ProgressTold]


class ProgressesAsked(Asked):
    """Whose, what, how it stands."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="People, as the search finds them.")
    person: list[Number] = Field(default=[], description="Of these people.")
    requirement: list[Word] = Field(default=[], description="Short names of requirements.")
    event: list[Number] = Field(default=[], description="At these trainings.")
    state: list[StateWord] = Field(default=[], description="Only these; `submitted` waits for somebody.")
    since: Day | SkipJsonSchema[None] = Field(default=None, description="What happened on this day or later.")


class ProgressEdit(Given):
    """What may be said of a try; what is left out stays."""

    requirement: Word = Field(default="", description="The short name of the requirement.")
    involvement: Word | None = Field(default=None, description="How it was met, by its short name.")
    event_id: NumberOrNone = None
    state: StateWord = "passed"
    happened_on: DayOrNone = None
    due_on: DayOrNone = None
    url: Text = ""
    own_note: LongText = ""
    note: LongText = Field(default="", description="Of the staff.")


class ProgressNew(ProgressEdit):
    """A new try."""

    person_id: Number
    requirement: Word = Field(description="The short name of the requirement.")


class ProgressMany(ProgressEdit):
    """The same for many people, who need share no event."""

    people_ids: list[Number] = Field(min_length=1, max_length=actions.MOST)
    requirement: Word = Field(description="The short name of the requirement.")


class NotedTold(Told):
    """What came of noting something for many."""

    progress_ids: list[int] = Field(description="Tries that were entered or changed.")
    known_ids: list[int] = Field(description="People who stand so already.")
    untrained_ids: list[int] = Field(description="People who were at no training that is over.")


def readable() -> QuerySet[Progress]:
    """Tries as they are told."""
    return Progress.objects.select_related("person", "requirement", "involvement")


def tell_progresses(rows: list[Progress], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of tries, in one query; person, requirement and involvement are read beforehand."""
    at, notes = moments(PROGRESSES, rows), sees_notes(caller)
    names = (
        *("id", "person_id", "event_id", "state", "happened_on", "due_on", "url", "own_note"),
        *("submitted_at", "evaluated_at", "source", "created_at"),
    )
    return [
        {
            **plain(row, names),
            "name": row.person.name,
            "requirement": row.requirement.slug,
            "involvement": row.involvement.slug if row.involvement else None,
            "note": row.note if notes else None,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/progresses", PROGRESSES.scope, ProgressesTold)
def list_progresses(request: HttpRequest, response: HttpResponse, asked: Query[ProgressesAsked]) -> Any:
    """List how far trainees are.

    Every try at every requirement.
    """
    caller, rows = callers.of(request), readable()
    if asked.q is not None:
        rows = rows.filter(person__in=lists.people_named(asked.q))
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.requirement:
        rows = rows.filter(requirement__slug__in=asked.requirement)
    if asked.event:
        rows = rows.filter(event__in=asked.event)
    if asked.state:
        rows = rows.filter(state__in=asked.state)
    if asked.since is not None:
        rows = rows.filter(happened_on__gte=asked.since)
    if asked.updated_since is not None:
        rows = changed_since(PROGRESSES, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=lambda found: tell_progresses(found, caller))


@reads(router, "/progresses/{progress_id}", PROGRESSES.scope, ProgressTold)
def get_progress(request: HttpRequest, progress_id: Number) -> Any:
    """Read a try at a requirement."""
    return tell_progresses([found(PROGRESSES, progress_id, readable())], callers.of(request))[0]


# --------------------------------------------------------------------- writing


def _fields(payload: ProgressEdit) -> Any:
    """The action's fields: rows instead of short names and numbers."""
    given: dict[str, Any] = payload.model_dump(exclude_unset=True, exclude={"person_id", "people_ids"})
    if "requirement" in given:
        given["requirement"] = needed(Requirement, given["requirement"], "requirement")
    if "involvement" in given:
        given["involvement"] = by_slug(Involvement, given["involvement"], "involvement")
    if "event_id" in given:
        given["event"] = named(Event, given.pop("event_id"), "event_id")
    return given


def _told(row: Progress, caller: callers.Caller) -> dict[str, Any]:
    return tell_progresses([readable().get(pk=row.pk)], caller)[0]


@adds(router, "/progresses", WRITE, ProgressTold)
def add_progress(request: HttpRequest, response: HttpResponse, payload: ProgressNew) -> Any:
    """Note a try at a requirement.

    Passed, unless `state` says otherwise. Whoever passes the last requirement of a badge that is awarded by itself gets
    it. The token needs `trainees:read` beside.
    """
    caller = writer(request, PROGRESSES)
    person: Any = named(Person, payload.person_id, "person_id")
    fields = _fields(payload)
    row, is_new = add_once(
        request,
        Progress,
        lambda: actions.add_progress(person=person, actor=caller.user, **fields),
        NAMES,
    )
    response["Location"] = f"/api/v1/progresses/{row.pk}"
    return Status(201 if is_new else 200, _told(row, caller))


@edits(router, "/progresses/{progress_id}", WRITE, ProgressTold)
def edit_progress(request: HttpRequest, progress_id: Number, payload: ProgressEdit) -> Any:
    """Correct or evaluate a try at a requirement.

    The token needs `trainees:read` beside.
    """
    caller = writer(request, PROGRESSES)
    fields = _fields(payload)
    row = edit_seen(
        request,
        found(PROGRESSES, progress_id),
        etag(ProgressTold, lambda rows: tell_progresses(rows, caller)),
        lambda held: actions.edit_progress(progress=held, actor=caller.user, **fields),
        NAMES,
    )
    return _told(row, caller)


@acts(router, "/note-progress", WRITE, NotedTold, on_one=False)
def note_progress(request: HttpRequest, payload: ProgressMany) -> Any:
    """Note the same for many people.

    At most 500, who need share no event: a training without an event is each one's own, the newest at which they
    learned. All of them or none; sent again it changes nothing more. The token needs `trainees:read` beside.
    """
    caller = writer(request, PROGRESSES)
    people = Person.objects.in_bulk(payload.people_ids)
    for number in payload.people_ids:
        if number not in people:
            refuse("people_ids", f"There is no person {number}.")
    wanted = [people[number] for number in payload.people_ids]
    try:
        noted = actions.note_many(people=wanted, actor=caller.user, **_fields(payload))
    except ValidationError as error:
        raise from_validation(error, NAMES) from error
    return {
        "progress_ids": [row.pk for row in noted.rows],
        "known_ids": [person.pk for person in noted.known],
        "untrained_ids": [person.pk for person in noted.untrained],
    }
