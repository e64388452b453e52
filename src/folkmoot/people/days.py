"""The day it is for the community: who is on the council "today" is asked by its calendar, not by Greenwich's."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from folkmoot.kernel import clock
from folkmoot.kernel.community import Community


def community_day(now: dt.datetime | None = None, *, community: Community | None = None) -> dt.date:
    """The date in the community's time zone (the installation's where it has none); one query without ``community``.

    Args:
        now: an aware moment; ``None`` is the present one.
    """
    community = community if community is not None else Community.current()
    try:
        zone = ZoneInfo(community.time_zone or settings.DISPLAY_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return (now or clock.now()).astimezone(zone).date()


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the month's last where it has no such day (31 January, one month).

    Raises:
        OverflowError: beyond the year 9999.
    """
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError("date value out of range")
    following = (
        dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) if (year, month) != (9999, 11) else None
    )
    last = (following - dt.timedelta(days=1)).day if following else 31
    return dt.date(year, month + 1, min(day.day, last))


def months_between(first: dt.date, last: dt.date) -> int:
    """How many whole months lie between two days, the last one included: 1 January to 31 December are twelve."""
    if last < first:
        return 0
    after = last + dt.timedelta(days=1) if last < dt.date.max else last
    months = (after.year - first.year) * 12 + after.month - first.month
    return months - (after.day < first.day)
