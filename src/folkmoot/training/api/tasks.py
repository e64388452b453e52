"""Who takes which part in which event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Flag, Given, Number, NumberOrNone, Text, Told, Word
from folkmoot.kernel.api.kinds import changed_since
from folkmoot.kernel.api.operations import adds, edits, reads, removes
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import add_once, edit_seen, found, named
from folkmoot.people.public import Person
from folkmoot.training.actions import tasks as actions
from folkmoot.training.api.common import etag, moments, needed, plain, sees_notes, writer
from folkmoot.training.api.events import PartState
from folkmoot.training.api.kinds import EVENTS, TASKS, WRITE
from folkmoot.training.models import Session, Task, TaskKind
from folkmoot.training.queries import lists

router = Router()
NAMES = {"person": "person_id", "kind": "part", "session": "session_id"}
_ATTENDED = {"yes": True, "no": False}


class TaskTold(Told):
    """A person's part in an event, or in one session of it."""

    id: int
    event_id: int
    person_id: int
    name: str = Field(description="Of the person.")
    part: str = Field(description="The short name of the part.")
    session_id: int | None
    state: PartState
    attended: bool | None = Field(description="null: nobody noted it.")
    note: str | None = Field(description="null without the scope `training.notes:read`.")
    source: str
    created_at: dt.datetime
    updated_at: dt.datetime | None


class TasksTold(Pages):
    """A page of parts."""

    results: list[TaskTold]


class TasksAsked(Asked):
    """The filters of the list of who takes part, over all events."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="People, as the search finds them.")
    event: list[Number] = Field(default=[], description="In these events.")
    person: list[Number] = Field(default=[], description="Of these people.")
    part: list[Word] = Field(default=[], description="Short names of parts.")
    state: list[PartState] = Field(default=[], description="Only these.")
    there: list[Word] = Field(
        default=[], description="`yes`: they were there; `no`; `unknown`: nobody noted it."
    )
    session: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only parts in one session, or only those in the whole event."
    )


class TaskEdit(Given):
    """What may be said of a part; what is left out stays."""

    part: Word = Field(default="", description="The short name of the part.")
    session_id: NumberOrNone = None
    state: PartState = "confirmed"
    attended: bool | None = Field(default=None, strict=True, description="null: nobody noted it.")
    note: Text = Field(default="", max_length=300)


class TaskNew(TaskEdit):
    """A new part."""

    person_id: Number
    part: Word = Field(description="The short name of the part.")


def readable() -> QuerySet[Task]:
    """Parts as they are told."""
    return Task.objects.select_related("person", "kind")


def tell_tasks(rows: list[Task], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of parts, in one query; person and kind are read beforehand."""
    at, notes = moments(TASKS, rows), sees_notes(caller)
    names = ("id", "event_id", "person_id", "session_id", "state", "attended", "source", "created_at")
    return [
        {
            **plain(row, names),
            "name": row.person.name,
            "part": row.kind.slug,
            "note": row.note if notes else None,
            "updated_at": at[row.pk],
        }
        for row in rows
    ]


@reads(router, "/tasks", TASKS.scope, TasksTold)
def list_tasks(request: HttpRequest, response: HttpResponse, asked: Query[TasksAsked]) -> Any:
    """List parts that people take in events.

    Those who declined or withdrew, too.
    """
    caller, rows = callers.of(request), readable()
    if asked.q is not None:
        rows = rows.filter(person__in=lists.people_named(asked.q))
    if asked.event:
        rows = rows.filter(event__in=asked.event)
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.part:
        rows = rows.filter(kind__slug__in=asked.part)
    if asked.state:
        rows = rows.filter(state__in=asked.state)
    if asked.there:
        rows = lists.attended_in(rows, asked.there)
    if asked.session is not None:
        rows = rows.filter(session__isnull=not asked.session)
    if asked.updated_since is not None:
        rows = changed_since(TASKS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=lambda found: tell_tasks(found, caller))


@reads(router, "/tasks/{task_id}", TASKS.scope, TaskTold)
def get_task(request: HttpRequest, task_id: Number) -> Any:
    """Read a part that somebody takes in an event."""
    return tell_tasks([found(TASKS, task_id, readable())], callers.of(request))[0]


# --------------------------------------------------------------------- writing


def _fields(payload: TaskEdit) -> Any:
    """The action's fields: rows instead of short names and numbers."""
    given: dict[str, Any] = payload.model_dump(exclude_unset=True, exclude={"person_id"})
    if "part" in given:
        given["kind"] = needed(TaskKind, given.pop("part"), "part")
    if "session_id" in given:
        given["session"] = named(Session, given.pop("session_id"), "session_id")
    return given


def _etag(caller: callers.Caller) -> Any:
    return etag(TaskTold, lambda rows: tell_tasks(rows, caller))


@adds(router, "/events/{event_id}/tasks", WRITE, TaskTold)
def add_task(request: HttpRequest, response: HttpResponse, event_id: Number, payload: TaskNew) -> Any:
    """Give somebody a part in an event.

    Whoever declined or withdrew before takes the same part again; one that they take already is refused. The token
    needs `training:read` beside.
    """
    caller = writer(request, TASKS)
    event, fields = found(EVENTS, event_id), _fields(payload)
    person: Any = named(Person, payload.person_id, "person_id")
    row, is_new = add_once(
        request,
        Task,
        lambda: actions.add_task(event=event, person=person, actor=caller.user, **fields),
        NAMES,
    )
    response["Location"] = f"/api/v1/tasks/{row.pk}"
    return Status(201 if is_new else 200, tell_tasks([row], caller)[0])


@edits(router, "/tasks/{task_id}", WRITE, TaskTold)
def edit_task(request: HttpRequest, task_id: Number, payload: TaskEdit) -> Any:
    """Change a part that somebody takes in an event.

    Whether they take it, whether they were there. The token needs `training:read` beside.
    """
    caller = writer(request, TASKS)
    fields = _fields(payload)
    row = edit_seen(
        request,
        found(TASKS, task_id),
        _etag(caller),
        lambda held: actions.edit_task(task=held, actor=caller.user, **fields),
        NAMES,
    )
    return tell_tasks([row], caller)[0]


@removes(router, "/tasks/{task_id}", WRITE, TaskTold)
def remove_task(request: HttpRequest, task_id: Number) -> Any:
    """Take out a part that was entered by mistake.

    Answers with what it was. Whoever said no keeps their part with the state `declined` or `withdrawn` instead. The
    token needs `training:read` beside.
    """
    caller = writer(request, TASKS)
    was: list[Any] = []

    def remove(held: Task) -> Task:
        was.extend(tell_tasks([held], caller))
        actions.remove_task(task=held, actor=caller.user)
        return held

    edit_seen(request, found(TASKS, task_id), _etag(caller), remove, NAMES)
    return was[0]
