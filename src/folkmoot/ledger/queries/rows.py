"""The rows behind a figure, and any other choice of activities that an address can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel.metrics import STAFF, Metric, Scope, metrics
from folkmoot.kernel.periods import PeriodProblem
from folkmoot.kernel.text import fold
from folkmoot.ledger.metrics.base import ItemMetric
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries.items import ScopeProblem, opened_by_staff
from folkmoot.ledger.queries.scopes import make_scope
from folkmoot.people.public import Project


@dataclass(frozen=True)
class Choice:
    """What an address asks for.

    Attributes:
        rows: the activities, unordered.
        metric: the figure they are behind, if one is named.
        scope: the question to it, or what the address says of a period.
        problem: why nothing can be shown, in a sentence.
    """

    rows: QuerySet[Activity]
    metric: Metric | None = None
    scope: Scope | None = None
    problem: str = ""


def chosen(said: Mapping[str, str]) -> Choice:
    """The activities that ``metric``, ``period``, ``as_of``, ``source``, ``project`` and ``exclude`` choose.

    With a metric: the rows behind its figure, for the last full quarter when no period is said. Without one: everything
    that was recorded, within the period if one is said.
    """
    key = said.get("metric", "")
    metric = metrics.get(key) if key in metrics else None
    if key and not isinstance(metric, ItemMetric):
        known = ", ".join(metric.key for metric in metrics if isinstance(metric, ItemMetric))
        return Choice(
            Activity.objects.none(),
            problem=_("There is no figure %(key)s that rests on activity; known: %(known)s.")
            % {"key": key, "known": known},
        )
    try:
        scope = make_scope(
            period=said.get("period") or None,
            as_of=said.get("as_of") or None,
            source=said.get("source", ""),
            project=said.get("project", ""),
            exclude=[said.get("exclude", "")],
        )
    except (PeriodProblem, ScopeProblem) as problem:
        return Choice(Activity.objects.none(), metric, problem=str(problem))
    if isinstance(metric, ItemMetric):
        return Choice(metric.rows(scope), metric, scope)
    return Choice(_plain(scope, said), None, scope if said.get("period") else None)


def _plain(scope: Scope, said: Mapping[str, str]) -> QuerySet[Activity]:
    rows = Activity.objects.all()
    if said.get("period"):
        rows = rows.filter(occurred_at__gte=scope.start, occurred_at__lt=scope.end)
    elif said.get("as_of"):
        rows = rows.filter(occurred_at__lt=scope.known_until)
    if scope.source:
        rows = rows.filter(source=scope.source)
    if scope.project:
        rows = rows.filter(project__in=Project.objects.filter(folded=fold(scope.project)))
    if STAFF in scope.exclude:
        rows = rows.filter(~opened_by_staff())
    return rows


def found(rows: QuerySet[Activity], words: str, *, by_person: bool = True) -> QuerySet[Activity]:
    """Those whose item's title, or (``by_person``) whose person's name or identity, holds the words."""
    holds = Q(item__title__icontains=words)
    if by_person:
        holds |= Q(identity__person__name__icontains=words) | Q(identity__folded__contains=fold(words))
    return rows.filter(holds)
