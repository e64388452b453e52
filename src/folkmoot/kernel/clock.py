"""Time: the one clock, days and zones.

Storage is UTC. A deadline "Anywhere on Earth" ends when the day has ended at UTC-12 (IANA ``Etc/GMT+12``).
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone

ANYWHERE_ON_EARTH = ZoneInfo("Etc/GMT+12")


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today() -> dt.date:
    """Today's date in UTC."""
    return now().astimezone(dt.UTC).date()


def start_of_day(day: dt.date) -> dt.datetime:
    """Midnight at the beginning of ``day`` in UTC."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


@cache
def zones() -> frozenset[str]:
    """The names of all IANA zones that this machine knows, read once: each reading opens some 600 files."""
    return frozenset(available_timezones())


def parse_datetime(value: str) -> dt.datetime:
    """An aware UTC time from ISO 8601 text; a time without a zone is read as UTC, a date as its midnight.

    Raises:
        ValueError: the text is no ISO 8601 date or time.
    """
    moment = dt.datetime.fromisoformat(value.strip())
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
