"""What of reviews stands on a day."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from folkmoot.kernel import clock
from folkmoot.reviews.models import OPEN, Assignment, HoldUpRule, Submission


def reviews_due(first: dt.date, last: dt.date) -> QuerySet[Assignment]:
    """Reviews under way that are due between two days; one query."""
    return (
        Assignment.objects.filter(
            role=Assignment.Role.REVIEWER,
            state=Assignment.State.ACCEPTED,
            due_on__range=(first, last),
            submission__outcome="",
            submission__closed_at=None,
            submission__vanished_at=None,
        )
        .select_related("person", "submission")
        .order_by("due_on", "pk")
    )


def holds_to_revisit(first: dt.date, last: dt.date) -> list[tuple[dt.date, Submission]]:
    """What is on hold and should be looked at again between two days, by the rules of its programme; two queries."""
    rules: dict[int, set[int]] = {}
    for programme, days in HoldUpRule.objects.filter(
        kind=HoldUpRule.Kind.ON_HOLD, is_active=True, days__isnull=False
    ).values_list("programme", "days"):
        rules.setdefault(programme, set()).add(days or 0)
    if not rules:
        return []
    zone = timezone.get_current_timezone()
    longest = max(day for days in rules.values() for day in days)
    earliest = clock.start_of_day(first - dt.timedelta(days=longest + 2))
    found = []
    for row in Submission.objects.filter(OPEN, on_hold_since__gte=earliest, programme__in=rules).order_by(
        "on_hold_since", "pk"
    )[:500]:
        assert row.on_hold_since is not None  # noqa: S101 - only those that are on hold are asked for
        for days in sorted(rules[row.programme_id]):
            day = (row.on_hold_since + dt.timedelta(days=days)).astimezone(zone).date()
            if first <= day <= last:
                found.append((day, row))
    return found
