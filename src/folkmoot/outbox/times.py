"""When a message is to leave: a wall time in a zone, and the instant that it means."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: How long after its time a message may still leave, where nobody said otherwise.
GRACE = dt.timedelta(hours=6)


#: Posts that are planned for the same moment on one channel begin within so many seconds of it.
JITTER = 1.0


def start(due: dt.datetime, among: int) -> dt.datetime:
    """When to begin with what is due at a moment for which so many others are planned on its channel already."""
    if not among:
        return due
    return due + dt.timedelta(seconds=random.uniform(0, JITTER))  # noqa: S311 - only spreads them


def instant(wall: dt.datetime, zone: str) -> dt.datetime:
    """The instant (UTC) that a wall time means in an IANA zone.

    A time that the clocks leave out means as much later as they jump; one that they repeat means its first (PEP 495).

    Raises:
        ValidationError: there is no such zone.
    """
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValidationError(_("There is no time zone “%(zone)s”.") % {"zone": zone}) from None
    try:
        return wall.replace(tzinfo=place, fold=0).astimezone(dt.UTC)
    except OverflowError:
        words = _("%(day)s is too far away: choose a day nearer to today.")
        raise ValidationError(words % {"day": wall.date().isoformat()}) from None


def written(wall: dt.datetime) -> str:
    """A wall time as it is stored: ``2026-11-20T09:00``."""
    return wall.replace(tzinfo=None).isoformat(timespec="minutes")
