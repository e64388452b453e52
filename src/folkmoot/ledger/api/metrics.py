"""Figures, with their definitions and the rows they rest on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.fields import Told, Word
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.problems import FieldError, Problem
from folkmoot.kernel.metrics import Metric, Scope, measure, metrics
from folkmoot.kernel.periods import PeriodProblem
from folkmoot.ledger.metrics.base import ItemMetric
from folkmoot.ledger.queries.items import ScopeProblem
from folkmoot.ledger.queries.scopes import make_scope

router = Router()


class DefinitionTold(Told):
    """A figure that can be asked for."""

    key: str
    area: str = Field(description="With which others it is told: `community`, `reviews`.")
    label: str
    definition: str = Field(description="Formula, window, and which rows it rests on.")
    excludes: str = Field(description="What is never counted.")
    unit: str


class DefinitionsTold(Told):
    """All figures."""

    results: list[DefinitionTold]


class MetricTold(DefinitionTold):
    """A figure for a period, with what it was before."""

    period: str
    starts_at: dt.datetime = Field(description="The first moment that counts.")
    ends_at: dt.datetime = Field(description="The first moment that does not count any more.")
    as_of: dt.date = Field(description="What happened after this day (UTC) is not counted.")
    value: float | dict[str, Any] | None = Field(
        description="A number, or numbers by name; null: not known, see `unknown_because`."
    )
    previous: float | dict[str, Any] | None = Field(description="In the period before.")
    year_before: float | dict[str, Any] | None = Field(description="In the same period a year before.")
    unknown_because: str
    rows: int = Field(description="How many rows the value rests on.")
    rows_url: str | None = Field(description="These rows in this API; null: they are not activities.")
    page_url: str = Field(description="The page that lists them.")


class MetricAsked(BaseModel):
    """Which question is asked of a figure."""

    period: Word | SkipJsonSchema[None] = Field(
        default=None, description="`2026Q2`, `2026-05`, `2026`, `FY2026`; else the last full quarter."
    )
    as_of: Word | SkipJsonSchema[None] = Field(default=None, description="A day; else today.")
    source: Word | SkipJsonSchema[None] = Field(default=None, description="Only what was seen there.")
    project: Word | SkipJsonSchema[None] = Field(default=None, description="Only projects of this name.")
    exclude: Word | SkipJsonSchema[None] = Field(default=None, description="`staff`: without what staff did.")


def _definition(metric: Metric) -> dict[str, Any]:
    source = f" ({metric.source})" if metric.source else ""
    return {
        "key": metric.key,
        "area": metric.area,
        "label": str(metric.label),
        "definition": f"{metric.definition}{source}",
        "excludes": str(metric.excludes),
        "unit": metric.unit.value,
    }


@reads(router, "/metrics", "metrics:read", DefinitionsTold)
def list_metrics(request: HttpRequest) -> Any:
    """List the figures with their definitions."""
    reader = callers.of(request).user
    return {"results": [_definition(metric) for metric in metrics if reader.has_perm(metric.permission)]}


@reads(router, "/metrics/{key}", "metrics:read", MetricTold)
def get_metric(request: HttpRequest, key: Word, asked: Query[MetricAsked]) -> Any:
    """Read a figure for a period.

    With its definition, what it was before, and how many rows it rests on.
    """
    if key not in metrics:
        raise Problem("not-found", f"There is no figure {key}.")
    permission = metrics.get(key).permission
    if not callers.of(request).user.has_perm(permission):
        raise Problem("right", f"The owner of this token has no right to read {key} ({permission}).")
    try:
        scope = make_scope(
            period=asked.period,
            as_of=asked.as_of,
            source=asked.source or "",
            project=asked.project or "",
            exclude=[asked.exclude or ""],
        )
    except PeriodProblem as problem:
        raise Problem(
            "invalid", str(problem), errors=[FieldError(field="period", detail=str(problem))]
        ) from None
    except ScopeProblem as problem:
        raise Problem("invalid", str(problem), errors=[FieldError(field="", detail=str(problem))]) from None
    return _measured(metrics.get(key), scope)


def _measured(metric: Metric, scope: Scope) -> dict[str, Any]:
    found = measure(metric, scope)
    address = f"{settings.BASE_URL}/api/v1/activities?{scope.query(metric=metric.key)}"
    page = found.rows_url
    return {
        **_definition(metric),
        "excludes": found.excludes,
        "period": str(scope.period),
        "starts_at": scope.start,
        "ends_at": scope.end,
        "as_of": scope.as_of,
        "value": _plain(found.value),
        "previous": _plain(found.previous),
        "year_before": _plain(found.year_before),
        "unknown_because": metric.unknown_because(scope),
        "rows": found.rows,
        "rows_url": address if isinstance(metric, ItemMetric) else None,
        "page_url": page if urlsplit(page).scheme else f"{settings.BASE_URL}{page}",
    }


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
