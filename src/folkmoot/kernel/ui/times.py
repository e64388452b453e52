"""Moments and days in words, in the reader's time zone and language."""

from __future__ import annotations

import datetime as dt

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def local_today() -> dt.date:
    """Today's date in the reader's zone."""
    return timezone.localtime(clock.now()).date()


def relative(value: dt.datetime | dt.date) -> str:
    """ "in 3 days", "2 hours ago", "today"; beyond 45 days the day itself."""
    if isinstance(value, dt.datetime):
        seconds = (value - clock.now()).total_seconds()
        if abs(seconds) < _MINUTE:
            return _("just now")
        if abs(seconds) < _HOUR:
            return _minutes(round(seconds / _MINUTE))
        if abs(seconds) < 22 * _HOUR:
            return _hours(round(seconds / _HOUR))
        value = timezone.localtime(value).date()
    days = (value - local_today()).days
    if abs(days) > 45:
        return day(value)
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if days > 0:
        return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
    return ngettext("%(n)s day ago", "%(n)s days ago", -days) % {"n": -days}


def _minutes(number: int) -> str:
    if number >= 0:
        return ngettext("in %(n)s minute", "in %(n)s minutes", number) % {"n": number}
    return ngettext("%(n)s minute ago", "%(n)s minutes ago", -number) % {"n": -number}


def _hours(number: int) -> str:
    if number >= 0:
        return ngettext("in %(n)s hour", "in %(n)s hours", number) % {"n": number}
    return ngettext("%(n)s hour ago", "%(n)s hours ago", -number) % {"n": -number}


def day(value: dt.datetime | dt.date) -> str:
    """ "20 November", with the year when it is another one."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    pattern = "MONTH_DAY_FORMAT" if value.year == local_today().year else "DATE_FORMAT"
    return formats.date_format(value, pattern)


def with_weekday(value: dt.datetime | dt.date, pattern: str) -> str:
    """ "Friday 20 November 2026": the weekday before a named format (``DATE_FORMAT``), in the moment's own zone."""
    return f"{formats.date_format(value, 'l')} {formats.date_format(value, pattern)}"


def full(value: dt.datetime | dt.date) -> str:
    """The whole date; for a moment also the time and the zone it is shown in."""
    if not isinstance(value, dt.datetime):
        return with_weekday(value, "DATE_FORMAT")
    local = timezone.localtime(value)
    zone = timezone.get_current_timezone_name()
    return f"{with_weekday(local, 'DATETIME_FORMAT')} ({zone})"
