"""Which rows the figures of training count."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from folkmoot.kernel.metrics import Scope
from folkmoot.training.models import Award, Progress, ProgressState, Requirement


def _last_day(scope: Scope) -> dt.date:
    return (scope.end - dt.timedelta(microseconds=1)).date()


def awards(scope: Scope) -> QuerySet[Award]:
    """Awards of the period that hold."""
    rows = Award.objects.filter(
        revoked_at=None, awarded_on__gte=scope.start.date(), awarded_on__lte=_last_day(scope)
    )
    if scope.end <= scope.start:
        return rows.none()
    return rows.filter(source=scope.source) if scope.source else rows


def trained(scope: Scope) -> QuerySet[Progress]:
    """Trainings that somebody passed and that ended in the period, where a badge follows from them."""
    rows = Progress.objects.annotate(
        ended=Coalesce("event__ends_on", "event__starts_on", "happened_on")
    ).filter(
        state=ProgressState.PASSED,
        requirement__needs_event=True,
        requirement__pk__in=Requirement.objects.filter(badges__is_archived=False).values("pk"),
        ended__gte=scope.start.date(),
        ended__lte=_last_day(scope),
    )
    if scope.end <= scope.start:
        return rows.none()
    return rows.filter(source=scope.source) if scope.source else rows


def with_badge(rows: QuerySet[Progress], as_of: dt.date) -> QuerySet[Progress]:
    """Those whose person holds a badge to which the training leads, awarded by a day."""
    held = Award.objects.filter(
        person=OuterRef("person"),
        badge__requirements=OuterRef("requirement"),
        revoked_at=None,
        awarded_on__lte=as_of,
    )
    return rows.filter(Exists(held))
