"""What the figures of reviews rest on: rows as they were known at the end of a scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from typing import Any, cast

from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from folkmoot.kernel import clock
from folkmoot.kernel.metrics import Scope
from folkmoot.reviews.models import Assignment, Kind, Outcome, Sighting, Stage, StageChange, Submission

DAY = dt.timedelta(days=1)


def submissions(scope: Scope, *, enquiries: bool = False) -> QuerySet[Submission]:
    """All submissions, or all pre-submission enquiries, that were opened before the scope's end.

    One that its source had ceased to show by then, and that was not accepted, is none any more.
    """
    rows = Submission.objects.filter(opened_at__lt=scope.end).filter(
        Q(vanished_at=None) | Q(vanished_at__gte=scope.end) | Q(accepted_on__isnull=False)
    )
    rows = rows.filter(kind=Kind.PRESUBMISSION) if enquiries else rows.exclude(kind=Kind.PRESUBMISSION)
    if scope.source:
        rows = rows.filter(source=scope.source)
    if scope.project:
        rows = rows.filter(project__name=scope.project)
    return rows


def opened(scope: Scope, *, enquiries: bool = False) -> QuerySet[Submission]:
    """Those opened in the period."""
    return submissions(scope, enquiries=enquiries).filter(opened_at__gte=scope.start)


def accepted(scope: Scope) -> QuerySet[Submission]:
    """Those accepted on a day of the period (UTC)."""
    return submissions(scope).filter(
        accepted_on__gte=scope.start.date(), accepted_on__lte=(scope.end - DAY).date()
    )


def ended_at() -> Any:
    """When a submission that was not accepted ended: when its issue was closed, or when the outcome was first seen."""
    seen = (
        Sighting.objects.filter(submission=OuterRef("pk"), outcome=OuterRef("outcome"))
        .exclude(outcome=Outcome.OPEN)
        .order_by("at")
        .values("at")[:1]
    )
    return Coalesce("closed_at", Subquery(seen), output_field=DateTimeField(null=True))


def declined(scope: Scope) -> QuerySet[Submission]:
    """Those that ended in the period without being accepted."""
    return (
        submissions(scope)
        .filter(accepted_on=None)
        .exclude(outcome=Outcome.ACCEPTED)
        .annotate(ended_at=ended_at())
        .filter(ended_at__gte=scope.start, ended_at__lt=scope.end)
    )


def open_at_end(scope: Scope) -> QuerySet[Submission]:
    """Those neither accepted nor ended at the scope's end.

    What has an outcome now of which nobody knows since when counts as ended.
    """
    return (
        submissions(scope)
        .annotate(ended_at=ended_at())
        .filter(Q(accepted_on=None) | Q(accepted_on__gte=scope.end.date()))
        .filter(Q(ended_at=None, outcome__in=(Outcome.OPEN, Outcome.ACCEPTED)) | Q(ended_at__gte=scope.end))
        .exclude(outcome=Outcome.ACCEPTED, accepted_on=None)
    )


def stands(scope: Scope) -> QuerySet[StageChange]:
    """For each open submission the change that brought it where it stood at the scope's end.

    Each row has ``next_at``, when it left again, if it did later.
    """
    return (
        _with_next()
        .filter(
            submission__in=open_at_end(scope).order_by().values("pk"), at__lt=scope.end, stage__isnull=False
        )
        .filter(Q(next_at=None) | Q(next_at__gte=scope.end))
    )


def _with_next() -> QuerySet[StageChange]:
    following = StageChange.objects.filter(
        submission=OuterRef("submission"), position=OuterRef("position") + 1
    )
    return StageChange.objects.annotate(
        began=Case(When(position=0, then=F("submission__opened_at")), default=F("at")),
        next_at=Subquery(following.values("at")[:1]),
    )


def over_limit(scope: Scope) -> QuerySet[StageChange]:
    """Of :func:`stands`, those not on hold whose stage has a limit that was over at the scope's end."""
    late = Q(pk__in=[])
    for pk, limit in Stage.objects.exclude(limit_days=None).values_list("pk", "limit_days"):
        late |= Q(stage=pk, at__lt=scope.end - dt.timedelta(days=cast(int, limit)))
    newest = Sighting.objects.filter(submission=OuterRef("submission"), at__lt=scope.end).order_by(
        "-at", "-pk"
    )
    return (
        stands(scope)
        .filter(late)
        .annotate(was_on_hold=Subquery(newest.values("is_on_hold")[:1]))
        .filter(Q(was_on_hold=False) | Q(was_on_hold=None))
    )


def stays(scope: Scope) -> QuerySet[StageChange]:
    """Completed stays: a submission left a stage in the period; those during which it was on hold are left out.

    A stay runs from the first moment at which the submission was known to stand in the stage (``began``; of its first
    stage the moment of opening) to the first at which it was seen in the next (``next_at``).
    """
    held = Sighting.objects.filter(
        submission=OuterRef("submission"),
        is_on_hold=True,
        at__gte=OuterRef("began"),
        at__lt=OuterRef("next_at"),
    )
    return (
        _with_next()
        .filter(
            submission__in=submissions(scope).order_by().values("pk"),
            stage__isnull=False,
            next_at__gte=scope.start,
            next_at__lt=scope.end,
        )
        .filter(~Exists(held))
    )


def days_to_acceptance(rows: QuerySet[Submission]) -> list[float]:
    """Days from a submission's opening to 00:00 UTC of the day of its acceptance, shortest first."""
    return sorted(
        (clock.start_of_day(cast(dt.date, on)) - at) / DAY
        for at, on in rows.values_list("opened_at", "accepted_on")
    )


def middle(numbers: Sequence[float]) -> float | None:
    """The median; ``None`` of nothing."""
    return median(numbers) if numbers else None


def quartiles(numbers: Sequence[float]) -> tuple[float, float, float] | None:
    """Lower quartile, median, upper quartile (inclusive method, R's type 7); ``None`` of nothing."""
    if not numbers:
        return None
    if len(numbers) == 1:
        return (numbers[0],) * 3
    first, second, third = quantiles(numbers, n=4, method="inclusive")
    return first, second, third


def editing(scope: Scope) -> QuerySet[Assignment]:
    """Who edits what is open at the scope's end; each of several editors of a submission is one row."""
    return Assignment.objects.filter(
        submission__in=open_at_end(scope).order_by().values("pk"),
        role=Assignment.Role.EDITOR,
        state__in=(Assignment.State.ACCEPTED, Assignment.State.DONE),
    )


def stages_in_order(rows: Iterable[int]) -> list[Stage]:
    """These stages, programme by programme, in their order."""
    return list(Stage.objects.filter(pk__in=set(rows)).order_by("programme", "position", "pk"))


def days_by_acceptance(scope: Scope) -> list[tuple[int, float]]:
    """Of each submission accepted in the period the year of acceptance (UTC) and the days it took."""
    rows = accepted(scope).values_list("opened_at", "accepted_on")
    return [(on.year, (clock.start_of_day(on) - at) / DAY) for at, on in rows if on is not None]


def fates(scope: Scope) -> list[tuple[dt.datetime, float | None]]:
    """Of each submission when it was opened, and in how many days it was accepted, if it was by the scope's end."""
    last = (scope.end - DAY).date()
    rows = submissions(scope).values_list("opened_at", "accepted_on")
    return [
        (at, (clock.start_of_day(on) - at) / DAY if on is not None and on <= last else None)
        for at, on in rows
    ]
