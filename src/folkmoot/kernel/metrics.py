"""Metrics: figures with a definition, the rows they rest on, and what they were before.

An area declares its metrics with ``@metrics.declare``; whoever shows figures asks the registry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from folkmoot.kernel import clock
from folkmoot.kernel.periods import Period
from folkmoot.kernel.registry import Registry
from folkmoot.kernel.reporting import Better, Unit

if TYPE_CHECKING:
    from django.db.models import QuerySet

T = TypeVar("T")

#: A figure: a number, a table of numbers (month to kind to number), or ``None`` when it is not known.
Value = int | float | Mapping[str, Any] | None

STAFF = "staff"
#: The figures of the ledger: who took part.
COMMUNITY = "community"


@dataclass(frozen=True)
class Scope:
    """What a figure is asked about.

    Attributes:
        period: the days it tells of.
        as_of: what happened after the end of this day (UTC) is not counted.
        source: only what was seen there ("github-issues"); empty: all.
        project: only projects of this name; empty: all.
        exclude: what is left out beside what a definition always leaves out: ``"staff"``.
        memo: what was read for this scope already, shared by all metrics and periods of one reckoning.
    """

    period: Period
    as_of: dt.date = field(default_factory=clock.today)
    source: str = ""
    project: str = ""
    exclude: frozenset[str] = frozenset()
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def over(self, period: Period) -> Scope:
        """The same question about another period; what was read already is shared."""
        return self if period == self.period else replace(self, period=period)

    @property
    def start(self) -> dt.datetime:
        """The first moment that counts (UTC)."""
        return self.period.start

    @property
    def known_until(self) -> dt.datetime:
        """The first moment of which nothing is known: the end of the day ``as_of`` (UTC)."""
        return clock.start_of_day(self.as_of + dt.timedelta(days=1))

    @property
    def end(self) -> dt.datetime:
        """The first moment that does not count any more (UTC): the period's end, or the end of ``as_of``."""
        return max(self.start, min(self.period.end, self.known_until))

    @property
    def has_begun(self) -> bool:
        """Whether anything of the period could be known at the end of the day ``as_of``."""
        return self.start < self.known_until

    def remember(self, name: str, make: Callable[[], T]) -> T:
        """What ``make()`` returns, made once for this period."""
        key = (name, self.period)
        if key not in self.memo:
            self.memo[key] = make()
        found: T = self.memo[key]
        return found

    def query(self, **more: str) -> str:
        """The scope as it stands in an address: ``period=2026Q2&as_of=…``; what is empty is left out."""
        said = {
            **more,
            "period": str(self.period),
            "as_of": self.as_of.isoformat(),
            "source": self.source,
            "project": self.project,
            "exclude": ",".join(sorted(self.exclude)),
        }
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True)
class Figure:
    """A metric's value and how many rows it rests on."""

    value: Value
    rows: int


class Metric:
    """A figure with a definition. Subclasses are registered with ``@metrics.declare``.

    Attributes:
        key: its name, on the command line and in addresses.
        label: what stands over the figure.
        definition: formula, window, and which rows :meth:`rows` lists, in full sentences.
        excludes: what is never counted.
        source: where the definition comes from, when it is somebody else's.
        unit: how the number is written.
        better: which direction is good news.
        area: with which others it is told: ``community``, ``reviews``.
        permission: who may read it.
        rows_page: name of the page that lists the rows; its address says which.
    """

    key: ClassVar[str]
    label: ClassVar[Any]
    definition: ClassVar[Any]
    excludes: ClassVar[Any]
    source: ClassVar[str] = ""
    unit: ClassVar[Unit] = Unit.COUNT
    better: ClassVar[Better] = Better.UP
    area: ClassVar[str] = COMMUNITY
    permission: ClassVar[str] = "ledger.view"
    rows_page: ClassVar[str]
    order: ClassVar[int] = 0

    def compute(self, scope: Scope) -> Figure:
        """The figure for this scope, from a fixed number of queries."""
        raise NotImplementedError

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """The rows behind the figure: exactly as many as ``compute(scope).rows``."""
        raise NotImplementedError

    def rows_url(self, scope: Scope) -> str:
        """The page that lists :meth:`rows`."""
        return f"{reverse(self.rows_page)}?{scope.query(metric=self.key)}"

    def unknown_because(self, scope: Scope) -> str:
        """Why the value is ``None``, in a sentence; empty when it is known."""
        return ""

    def excluded(self, scope: Scope) -> str:
        """What this figure leaves out, with what the reader left out."""
        return str(self.excludes)


metrics: Registry[Metric] = Registry("metric")


def areas() -> list[str]:
    """The areas that have figures, the community's first."""
    return list(dict.fromkeys([COMMUNITY, *(metric.area for metric in metrics)]))


def metrics_of(area: str) -> list[Metric]:
    """The figures of an area, in their order.

    Raises:
        LookupError: no area of this name has figures; the message lists those that have.
    """
    if area not in areas():
        raise LookupError(f"no area {area!r} has figures; known: {', '.join(areas())}")
    return [metric for metric in metrics if metric.area == area]


@dataclass(frozen=True)
class Measured:
    """A metric's figure in a scope, with what it was in the period before and a year before."""

    metric: Metric
    scope: Scope
    value: Value
    previous: Value
    year_before: Value
    rows: int

    @property
    def definition(self) -> str:
        """Formula, window, rows; with where the definition comes from."""
        text = str(self.metric.definition)
        return f"{text} ({self.metric.source})" if self.metric.source else text

    @property
    def why_unknown(self) -> str:
        """Why the value is ``None``, in a sentence; empty when it is known."""
        if self.value is not None:
            return ""
        if not self.scope.has_begun:
            return gettext("The period begins after %(day)s, the last day that was looked at.") % {
                "day": date_format(self.scope.as_of, "j M Y")
            }
        return self.metric.unknown_because(self.scope)

    @property
    def excludes(self) -> str:
        """What the figure leaves out."""
        return self.metric.excluded(self.scope)

    @property
    def rows_url(self) -> str:
        """The page that lists the rows behind the figure."""
        return self.metric.rows_url(self.scope)

    def as_json(self) -> dict[str, Any]:
        """As ``folkmoot metrics --json`` prints it."""
        return {
            "value": self.value,
            "previous": self.previous,
            "year_before": self.year_before,
            "definition": self.definition,
            "excludes": self.excludes,
            "rows": self.rows,
        }


def measure(metric: Metric, scope: Scope, *, is_compared: bool = True) -> Measured:
    """One metric with its comparisons; both look at what was known at the end of the same ``as_of``.

    Args:
        is_compared: without, nothing is read for the period before and the year before, and both are ``None``.
    """
    figure = _figure(metric, scope)
    before = [scope.period.previous, scope.period.year_before] if is_compared else []
    previous, year_before = [_figure(metric, scope.over(one)).value for one in before] or [None, None]
    return Measured(
        metric=metric,
        scope=scope,
        value=figure.value,
        previous=previous,
        year_before=year_before,
        rows=figure.rows,
    )


def _figure(metric: Metric, scope: Scope) -> Figure:
    """The metric's figure; of a period that had not begun on ``as_of`` nothing is known, which is not zero."""
    return metric.compute(scope) if scope.has_begun else Figure(None, 0)


def compute_all(
    scope: Scope, keys: Iterable[str] | None = None, *, area: str = COMMUNITY
) -> dict[str, Measured]:
    """All metrics of an area, or those named, by key in their order; what they share is read once.

    Raises:
        LookupError: a key that nobody declared, or no such area; the message lists the known ones.
    """
    chosen = metrics_of(area) if keys is None else [metrics.get(key) for key in keys]
    return {metric.key: measure(metric, scope) for metric in chosen}
