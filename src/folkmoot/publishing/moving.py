"""Moving posts on the calendar: a day of the reader, the wall time of the post."""

from __future__ import annotations

import datetime as dt

from folkmoot.outbox.public import instant

_DAY = dt.timedelta(days=1)


def on_day(wall_time: str, zone: str, day: dt.date, reader: dt.tzinfo) -> dt.datetime:
    """The same time of day in the same zone, on the day that the reader means.

    A post at 16:30 in Berlin stands on the next day for somebody in Tokyo while Berlin has winter time, and on the same
    day in summer: of the days around, the one is taken that the reader sees on ``day``.

    Args:
        wall_time: ``2026-11-20T09:00`` in ``zone`` (IANA).
        day: on the reader's clock.

    Raises:
        ValidationError: there is no such zone.
    """
    time = dt.datetime.fromisoformat(wall_time).time()
    for date in (day, day - _DAY, day + _DAY):
        wall = dt.datetime.combine(date, time)
        if instant(wall, zone).astimezone(reader).date() == day:
            return wall
    # Where the reader's clock leaves the day out.
    return dt.datetime.combine(day, time)


def by_days(wall_time: str, days: int) -> dt.datetime:
    """The same time of day, some days later or earlier.

    Raises:
        OverflowError: beyond what a calendar can show.
    """
    return dt.datetime.fromisoformat(wall_time) + days * _DAY
