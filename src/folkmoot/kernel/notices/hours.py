"""Quiet hours and digest times: wall times of a zone as moments, whatever its clocks do.

Where a clock is put forward, a time that is skipped means as much later (RFC 5545, section 3.3.5); where it is put
back, a time that comes twice means the first, and quiet hours end at the second.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community


def zone_of(user: User, community_zone: str | None = None) -> ZoneInfo:
    """The person's zone, else the community's, else the installation's.

    Args:
        community_zone: the community's, where the caller has it already.
    """
    names = [user.time_zone]
    if not user.time_zone:
        names.append(Community.current().time_zone if community_zone is None else community_zone)
    for name in [*names, settings.DISPLAY_TIME_ZONE]:
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def moment(day: dt.date, time: dt.time, zone: ZoneInfo, *, second: bool = False) -> dt.datetime:
    """A wall time of a zone in UTC.

    Args:
        second: which one is meant where the clock shows it twice.
    """
    first = dt.datetime.combine(day, time, tzinfo=zone)
    utc = first.astimezone(dt.UTC)
    skipped = utc.astimezone(zone).replace(tzinfo=None) != first.replace(tzinfo=None)
    return utc if skipped or not second else first.replace(fold=1).astimezone(dt.UTC)


def quiet_until(
    now: dt.datetime, zone: ZoneInfo, quiet: tuple[dt.time, dt.time] | None
) -> dt.datetime | None:
    """When the quiet hours that hold at ``now`` end (UTC); ``None`` when none do."""
    if quiet is None:
        return None
    begins, ends = quiet
    today = now.astimezone(zone).date()
    for day in (today - dt.timedelta(days=1), today):
        last_day = day if begins < ends else day + dt.timedelta(days=1)
        end = moment(last_day, ends, zone, second=True)
        if moment(day, begins, zone) <= now < end:
            return end
    return None


def last_digest(
    now: dt.datetime, zone: ZoneInfo, hour: int, weekday: int | None = None
) -> tuple[dt.date, dt.datetime]:
    """The newest digest time that is not after ``now``: its day in the zone, and the moment in UTC.

    Args:
        weekday: 0 for Monday; ``None``: every day has one.
    """
    day = now.astimezone(zone).date()
    while True:
        at = moment(day, dt.time(hour), zone)
        if at <= now and weekday in (None, day.weekday()):
            return day, at
        day -= dt.timedelta(days=1)
