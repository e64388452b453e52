"""Which rows the figures of events count."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.text import fold
from folkmoot.ledger.public import Activity
from folkmoot.training.models import (
    ClosedBecause,
    Contribution,
    Event,
    Opening,
    Status,
    Task,
    TaskKind,
    TaskState,
)

DAY = dt.timedelta(days=1)


def held(scope: Scope) -> QuerySet[Event]:
    """Events that are done and whose last day lies in the period."""
    last = Coalesce("ends_on", "starts_on")
    rows = Event.objects.annotate(last_day=last).filter(
        status=Status.DONE,
        last_day__gte=scope.start.date(),
        last_day__lte=(scope.end - dt.timedelta(microseconds=1)).date(),
    )
    if scope.end <= scope.start:
        return rows.none()
    if scope.source:
        rows = rows.filter(source=scope.source)
    if scope.project:
        lessons = Event.lessons.through.objects.filter(project__folded=fold(scope.project))
        rows = rows.filter(pk__in=lessons.values("event_id"))
    return rows


def learners(scope: Scope) -> QuerySet[Task]:
    """Those who took part in these events, sessions apart."""
    return _parts(scope, TaskKind.Does.LEARNS)


def teachers(scope: Scope) -> QuerySet[Task]:
    """Those who taught at these events and were not noted absent."""
    return _parts(scope, TaskKind.Does.TEACHES).exclude(attended=False)


def _parts(scope: Scope, does: str) -> QuerySet[Task]:
    return Task.objects.filter(
        event__in=held(scope).values("pk"), kind__does=does, session=None, state=TaskState.CONFIRMED
    )


def filled(scope: Scope) -> QuerySet[Opening]:
    """Openings that closed in the period since everybody was found."""
    rows = Opening.objects.filter(
        closed_because=ClosedBecause.FILLED, closed_at__gte=scope.start, closed_at__lt=scope.end
    )
    if scope.source:
        rows = rows.filter(event__source=scope.source)
    if scope.project:
        lessons = Event.lessons.through.objects.filter(project__folded=fold(scope.project))
        rows = rows.filter(event__in=lessons.values("event_id"))
    return rows


def with_taken_part(events: QuerySet[Event]) -> QuerySet[Any]:
    """Each with ``taken_part``: the greater of how many were counted and how many people are noted who took part."""
    here = Q(
        tasks__kind__does=TaskKind.Does.LEARNS, tasks__session=None, tasks__state=TaskState.CONFIRMED
    ) & (Q(tasks__attended=True) | Q(tasks__attended=None))
    return events.annotate(
        noted=Count("tasks", filter=here, distinct=True),
        counted=Coalesce(F("attendance"), 0, output_field=IntegerField()),
    ).annotate(taken_part=Greatest("noted", "counted", output_field=IntegerField()))


def contributions(scope: Scope) -> QuerySet[Any]:
    """What was contributed at these events by people."""
    return with_authors(Contribution.objects.filter(event__in=held(scope).values("pk"))).exclude(is_bot=True)


def with_authors(rows: QuerySet[Contribution]) -> QuerySet[Any]:
    """Each with ``author`` (the person's number), ``author_name`` and ``is_bot`` of who opened the item."""
    opened = Activity.objects.filter(item=OuterRef("item"), kind="item.opened").order_by("pk")
    return rows.annotate(
        author=Subquery(opened.values("identity__person")[:1]),
        author_name=Subquery(opened.values("identity__person__name")[:1]),
        is_bot=Subquery(opened.values("identity__is_bot")[:1]),
    )
