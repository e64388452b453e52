"""What of training stands on a day."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from folkmoot.training.models import Event, Status

#: So many days of one event stand in the calendar; a longer one shows its first and last.
LONGEST = 10


def events_between(first: dt.date, last: dt.date) -> QuerySet[Event]:
    """Events that touch one of these days, of the reader's zone; what was cancelled, too. One query."""
    zone = timezone.get_current_timezone()
    begins = dt.datetime.combine(first, dt.time(), zone)
    ends = dt.datetime.combine(last, dt.time(), zone) + dt.timedelta(days=1)
    # Whole days are those at the place, wherever the reader is: a day further on both sides, looked at below.
    apart = dt.timedelta(days=1)
    return (
        Event.objects.filter(starts_at__lt=ends + apart, ends_at__gt=begins - apart)
        .exclude(status=Status.STALLED)
        .select_related("kind")
        .order_by("starts_at", "pk")
    )


def days_of(event: Event) -> list[dt.date]:
    """The days on which an event stands: at the place where it lasts whole days, else in the reader's zone."""
    if event.starts_at is None or event.ends_at is None or event.starts_on is None:
        return []
    if event.starts_time is None:
        first, last = event.starts_on, event.ends_on or event.starts_on
    else:
        first = timezone.localtime(event.starts_at).date()
        last = timezone.localtime(event.ends_at - dt.timedelta(seconds=1)).date()
    days = (last - first).days + 1
    if days > LONGEST:
        return [first, last]
    return [first + dt.timedelta(days=number) for number in range(days)]
