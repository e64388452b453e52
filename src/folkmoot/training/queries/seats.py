"""Which allowances an event may draw on, and by what learners sit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.models import TAKEN, Allowance, Counts, Event, Task, Use
from folkmoot.training.queries import allowances

OPEN, NONE = "open", "none"


def choices_for(event: Event, *, seat: bool) -> QuerySet[Any]:
    """Allowances that may give a seat at an event, or the event, each with what is left; those of whoever hosts or
    organises it first. What is over for longer than its days of grace at both the event and today is left out.
    """
    days = {clock.today(), event.starts_on or clock.today()}
    priced = (event.kind.seat_price if seat else event.kind.event_price) or 0
    counts = [Counts.SEAT if seat else Counts.EVENT, *([Counts.CREDIT] if priced else [])]
    rows = (
        Allowance.objects.filter(
            _holding(days),
            Q(benefit__event_kind=None) | Q(benefit__event_kind=event.kind_id),
            Q(curriculum=None) | Q(curriculum__in=event.curricula.values("pk")),
            benefit__counts__in=counts,
            is_frozen=False,
        )
        | Allowance.objects.filter(uses__event=event)
    ).distinct()
    near = [pk for pk in (event.host_id, event.organizer_id) if pk is not None]
    found: QuerySet[Any] = (
        allowances.with_balance(rows)
        .select_related("agreement__organization", "agreement__tier", "benefit")
        .annotate(is_near=Q(agreement__organization__in=near) if near else Q(pk__in=[]))
        .order_by(
            "-is_near", "agreement__organization__folded", "-agreement__starts_on", "benefit__order", "pk"
        )
    )
    return found


def _holding(days: set[dt.date]) -> Q:
    """Allowances that hold on one of these days."""
    wanted = Q(pk__in=[])
    for day in days:
        wanted |= Q(first__lte=day, last__gte=day)
    return Q(
        pk__in=Allowance.objects.annotate(
            first=Coalesce("starts_on", "agreement__starts_on"),
            last=Coalesce("ends_on", "agreement__grace_until"),
        )
        .filter(wanted)
        .values("pk")
    )


def seat_words(task: Any) -> str:
    """By what a learner sits: "University of Leeds: Public seats", "open"; ``""`` without a seat."""
    use = getattr(task, "use", None) if task.seat_id else None
    if use is None:
        return ""
    if use.allowance is None:
        return _("open seat")
    return f"{use.allowance.agreement.holder}: {use.allowance.benefit.name}"


def with_seats(rows: QuerySet[Task]) -> QuerySet[Any]:
    """Parts with by what their people sit; ``seat_id`` is empty without a seat."""
    return rows.select_related("use__allowance__agreement__organization", "use__allowance__benefit").annotate(
        seat_id=F("use__pk")
    )


def seated(queryset: QuerySet[Task], chosen: Sequence[str]) -> QuerySet[Task]:
    """Parts whose people sit by an agreement, on an open seat, or have none."""
    wanted = Q(pk__in=[])
    if "agreement" in chosen:
        wanted |= Q(use__allowance__isnull=False)
    if OPEN in chosen:
        wanted |= Q(use__isnull=False, use__allowance=None)
    if NONE in chosen:
        wanted |= Q(use=None)
    return queryset.filter(wanted)


def card_rows(event: Event) -> Rows:
    """What an event takes from agreements: itself, and how many seats by which allowance."""
    counting = Q(event=event) | Q(task__event=event, task__state__in=TAKEN)
    return Rows(
        Use.objects.filter(counting)
        .order_by()
        .values(
            "event_id",
            "allowance_id",
            "allowance__agreement_id",
            "allowance__agreement__consortium",
            "allowance__agreement__organization__name",
            "allowance__benefit__name",
        ),
        "event_id",
        most=100,
        agreement=F("allowance__agreement_id"),
        consortium=F("allowance__agreement__consortium"),
        organization=F("allowance__agreement__organization__name"),
        benefit=F("allowance__benefit__name"),
        number=Count("pk"),
    )


def card(event: Event, rows: Sequence[Row]) -> dict[str, Any] | None:
    """What the card shows; ``None`` where the event has to do with no agreement."""
    shown = [
        {**row, "holder": row["consortium"] or row["organization"] or ""}
        for row in sorted(rows, key=lambda row: (row["agreement"] is None, str(row["organization"])))
    ]
    itself = next((row for row in shown if row["event_id"]), None)
    by_seat = [row for row in shown if not row["event_id"]]
    if not shown and not event.kind.takes_seats:
        return None
    return {"event": event, "itself": itself, "seats": by_seat, "takes_seats": event.kind.takes_seats}
