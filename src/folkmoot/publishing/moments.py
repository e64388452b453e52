"""Planned moments as people read them: the wall time and zone that somebody chose, and the reader's own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format

from folkmoot.kernel.ui.times import with_weekday


@dataclass(frozen=True)
class Moment:
    """When something is planned.

    Attributes:
        wall: as it was planned, in ``zone``; naive.
        zone: IANA.
        at: the moment that this means (UTC).
    """

    wall: dt.datetime
    zone: str
    at: dt.datetime

    @property
    def words(self) -> str:
        """ "Friday 20 November 2026, 09:00"."""
        return with_weekday(self.wall, "DATETIME_FORMAT")

    @property
    def short(self) -> str:
        """ "20 November, 09:00", with the year when it is another one."""
        if self.wall.year == timezone.localdate().year:
            return f"{date_format(self.wall, 'MONTH_DAY_FORMAT')}, {date_format(self.wall, 'H:i')}"
        return date_format(self.wall, "DATETIME_FORMAT")

    @property
    def place(self) -> str:
        """The zone as people say it: "Europe/Berlin" is enough, underscores are not."""
        return self.zone.replace("_", " ")

    @property
    def here(self) -> str:
        """On the reader's clock, when that shows something else; ``""`` when it shows the same."""
        local = timezone.localtime(self.at)
        if local.replace(tzinfo=None) == self.wall.replace(tzinfo=None):
            return ""
        return with_weekday(local, "DATETIME_FORMAT")

    @property
    def here_place(self) -> str:
        """The reader's zone."""
        return timezone.get_current_timezone_name().replace("_", " ")

    def in_zone(self, zone: str) -> str:
        """The same moment in another IANA zone."""
        return with_weekday(self.at.astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")


def moment_of(planned: object) -> Moment | None:
    """The moment that a post, variant or delivery is planned for; ``None``: it has no time."""
    wall, zone, at = (getattr(planned, name, None) for name in ("wall_time", "zone", "due_at"))
    if not wall or not zone or at is None:
        return None
    return Moment(dt.datetime.fromisoformat(wall), zone, at)
