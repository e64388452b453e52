"""What happened."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Moment, Number, Told, Word
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import FieldError, Problem
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries import recorded
from folkmoot.ledger.queries.rows import chosen

router = Router()


class ActivityTold(Told):
    """One thing that happened. It never changes."""

    id: int
    kind: str = Field(description="What: `item.opened`, `people.term_started`.")
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    source: str = Field(description="Where it was seen.")
    external_id: str | None = Field(description="The source's own name for it; null without `people:read`.")
    identity_id: int | None = Field(
        description="Who, by identity; null: not known, or without `people:read`."
    )
    person_id: int | None = Field(
        description="Who has that identity now; null as above. A merge changes it, and nothing else of an activity."
    )
    item_id: int | None = Field(description="What it is about.")
    project_id: int | None


class ActivitiesTold(Pages):
    """A page of activities."""

    results: list[ActivityTold]


class ActivitiesAsked(Asked):
    """The filters of the activity page."""

    updated_since: Moment | SkipJsonSchema[None] = Field(
        default=None, description="Only what was recorded at this moment or later."
    )
    occurred_since: Moment | SkipJsonSchema[None] = Field(
        default=None, description="At this moment or later."
    )
    occurred_before: Moment | SkipJsonSchema[None] = Field(default=None, description="Before this moment.")
    kind: list[Word] = Field(default=[], description="Only these kinds.")
    source: list[Word] = Field(default=[], description="Only what was seen there.")
    project_id: list[Number] = Field(default=[], description="In these projects.")
    item_id: list[Number] = Field(default=[], description="About these items.")
    person_id: list[Number] = Field(default=[], description="By these people; needs `people:read`.")
    metric: Word | SkipJsonSchema[None] = Field(
        default=None,
        description="The rows behind this figure, with `period`, `as_of`, `project` and `exclude`.",
    )
    period: Word | SkipJsonSchema[None] = Field(default=None, description="As for a metric: `2026Q2`.")
    as_of: Word | SkipJsonSchema[None] = Field(default=None, description="As for a metric: a day.")
    project: Word | SkipJsonSchema[None] = Field(
        default=None, description="As for a metric: a project's name."
    )
    exclude: Word | SkipJsonSchema[None] = Field(default=None, description="As for a metric: `staff`.")


def _tell(rows: list[Activity], names: bool) -> list[dict[str, Any]]:
    plain = ("id", "kind", "occurred_at", "recorded_at", "source", "item_id", "project_id")
    return [
        {
            **{name: getattr(row, name) for name in plain},
            "external_id": row.external_id if names else None,
            "identity_id": row.identity_id if names else None,
            "person_id": row.identity.person_id if names and row.identity else None,
        }
        for row in rows
    ]


def _rows(asked: ActivitiesAsked) -> QuerySet[Activity]:
    """The activities that the address chooses, as on the activity page.

    Raises:
        Problem: 422, there is no such figure, period, source or project.
    """
    said = {name: getattr(asked, name) or "" for name in ("metric", "period", "as_of", "project", "exclude")}
    if any(said.values()) and len(asked.source) == 1:
        said["source"] = asked.source[0]
    choice = chosen(said)
    if choice.problem:
        field = "metric" if asked.metric and choice.metric is None else "period"
        raise Problem("invalid", choice.problem, errors=[FieldError(field=field, detail=choice.problem)])
    rows = choice.rows
    if asked.source:
        rows = rows.filter(source__in=asked.source)
    return rows


@reads(router, "/activities", "activity:read", ActivitiesTold)
def list_activities(request: HttpRequest, response: HttpResponse, asked: Query[ActivitiesAsked]) -> Any:
    """List activities.

    The oldest first; with `updated_since`, in the order in which they were recorded.
    """
    caller = callers.of(request)
    names = caller.may("people:read")
    rows = _rows(asked)
    if asked.kind:
        rows = rows.filter(kind__in=asked.kind)
    if asked.project_id:
        rows = rows.filter(project__in=asked.project_id)
    if asked.item_id:
        rows = rows.filter(item__in=asked.item_id)
    if asked.person_id:
        caller.demand("people:read")
        rows = rows.filter(identity__person__in=asked.person_id)
    if asked.occurred_since is not None:
        rows = rows.filter(occurred_at__gte=asked.occurred_since)
    if asked.occurred_before is not None:
        rows = rows.filter(occurred_at__lt=asked.occurred_before)
    order: tuple[str, ...] = ("occurred_at", "pk")
    if asked.updated_since is not None:
        rows, order = recorded.since(rows, asked.updated_since), ("pk",)
    return page(
        request,
        response,
        rows.select_related("identity"),
        asked,
        tell=lambda found: _tell(found, names),
        order=order,
    )


@reads(router, "/activities/{activity_id}", "activity:read", ActivityTold)
def get_activity(request: HttpRequest, activity_id: Number) -> Any:
    """Read an activity."""
    row = Activity.objects.select_related("identity").filter(pk=activity_id).first()
    if row is None:
        raise Problem("not-found", f"There is no activity {activity_id}.")
    return _tell([row], callers.of(request).may("people:read"))[0]
