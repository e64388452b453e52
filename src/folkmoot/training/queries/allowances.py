"""What is left of what agreements give: always reckoned from what took it, so that no undo and no import can forget it.

A use counts while its event is not cancelled, and a seat while its learner takes part or may yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from folkmoot.training.models import TAKEN, Agreement, Allowance, Counts, Status, Use

#: Events that happened or do; what the others take is planned.
HELD = (Status.RUNNING, Status.DONE)


#: Whether a use counts.
COUNTS = (Q(event__isnull=False) & ~Q(event__status=Status.CANCELLED)) | (
    Q(task__state__in=TAKEN) & ~Q(task__event__status=Status.CANCELLED)
)


def counting() -> QuerySet[Use]:
    """Uses that count."""
    return Use.objects.filter(COUNTS, allowance__isnull=False)


def used() -> QuerySet[Use]:
    """Uses that count, of events that happened or do."""
    return counting().filter(Q(event__status__in=HELD) | Q(task__event__status__in=HELD))


def planned() -> QuerySet[Use]:
    """Uses that count, of events that are ahead."""
    return counting().exclude(Q(event__status__in=HELD) | Q(task__event__status__in=HELD))


def _sum(rows: QuerySet[Any], by: str, what: str) -> Coalesce:
    summed = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Sum(what)).values("n")
    return Coalesce(Subquery(summed, output_field=IntegerField()), 0)


def with_balance(rows: QuerySet[Allowance]) -> QuerySet[Any]:
    """Each with ``given``, ``used``, ``planned``, ``rolled_over`` (what the next agreement took) and ``left``, which is
    below zero where more was given than there is.
    """
    return (
        rows.annotate(
            given=F("granted") + F("added") + F("rolled"),
            used=_sum(used(), "allowance", "amount"),
            planned=_sum(planned(), "allowance", "amount"),
            rolled_over=_sum(Allowance.objects.all(), "rolled_from", "rolled"),
        )
        .annotate(left=F("given") - F("used") - F("planned") - F("rolled_over"))
        .order_by("benefit__order", "benefit__name", "pk")
    )


def over_used() -> QuerySet[Any]:
    """Allowances of which more is taken than there is."""
    return with_balance(Allowance.objects.all()).filter(left__lt=0)


def with_over_use(rows: QuerySet[Agreement]) -> QuerySet[Any]:
    """Each with ``is_over_used``."""
    return rows.annotate(is_over_used=Exists(over_used().filter(agreement=OuterRef("pk"))))


@dataclass(frozen=True)
class Balance:
    """What one allowance has given, and what of it is taken."""

    given: int
    used: int
    planned: int
    rolled_over: int

    @property
    def taken(self) -> int:
        """What is used, planned, and passed on to the next agreement."""
        return self.used + self.planned + self.rolled_over

    @property
    def left(self) -> int:
        """Below zero where more was given than there is."""
        return self.given - self.taken


def balance(allowance: Allowance) -> Balance:
    """What is left of one; one query."""
    row = with_balance(Allowance.objects.filter(pk=allowance.pk)).get()
    return Balance(row.given, row.used, row.planned, row.rolled_over)


def of_agreement(agreement: Agreement) -> QuerySet[Any]:
    """The allowances of one agreement with what is left; one query."""
    return with_balance(Allowance.objects.filter(agreement=agreement)).select_related(
        "benefit", "benefit__event_kind", "curriculum", "code", "rolled_from"
    )


def for_seats(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that can give seats: counted in seats, or in credits."""
    return rows.filter(benefit__counts__in=[Counts.SEAT, Counts.CREDIT])


def for_events(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that can give events: counted in events, or in credits."""
    return rows.filter(benefit__counts__in=[Counts.EVENT, Counts.CREDIT])
