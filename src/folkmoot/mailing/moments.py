"""When a mail leaves: the moment that its rule reckons, and what becomes of one that is over already."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.community import Community
from folkmoot.mailing.models import FROM_NOW, IfPast, MailRule, Unit
from folkmoot.mailing.subjects import Subject

#: The hour at which a mail leaves whose moment is a day.
MORNING = dt.time(9)


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def house_zone() -> str:
    """The community's zone, or the installation's."""
    return Community.current().time_zone or settings.TIME_ZONE


def reckoned(
    rule: MailRule, subject: Subject, loaded: Any, true_since: dt.datetime, *, zone: str = ""
) -> dt.datetime | None:
    """The moment (UTC) that a rule reckons for a record, whether it is over or not; ``None``: its date is not known.

    Args:
        zone: where the record says none; the house's when absent.
    """
    base: dt.date | dt.datetime | None = true_since
    if rule.anchor != FROM_NOW:
        moment = subject.by_moment.get(rule.anchor)
        base = moment.read(loaded) if moment is not None else None
    if base is None:
        return None
    place = _zone(subject.zone(loaded) or zone or house_zone())
    try:
        return _shifted(rule, base, place)
    except OverflowError:
        return None


def _shifted(rule: MailRule, base: dt.date | dt.datetime, place: ZoneInfo) -> dt.datetime:
    is_moment = isinstance(base, dt.datetime)
    wall = base.astimezone(place) if is_moment else dt.datetime.combine(base, dt.time(), place)  # type: ignore[union-attr]
    if rule.unit == Unit.HOURS:
        moment = wall.astimezone(dt.UTC) + dt.timedelta(hours=rule.offset)
        if rule.at_time is None:
            return moment
        local = moment.astimezone(place)
        at = dt.datetime.combine(local.date(), rule.at_time, place)
        return (at if at >= local else _next_day(at)).astimezone(dt.UTC)
    day = wall.date() + dt.timedelta(days=rule.offset)
    if rule.at_time is not None:
        time = rule.at_time
    else:
        time = wall.time() if is_moment else MORNING
    return dt.datetime.combine(day, time, place).astimezone(dt.UTC)


def _next_day(at: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(at.date() + dt.timedelta(days=1), at.time(), at.tzinfo)


def planned(
    rule: MailRule, moment: dt.datetime, now: dt.datetime, *, is_old: bool, is_imported: bool = False
) -> tuple[dt.datetime | None, str]:
    """When a mail leaves whose reckoned moment is ``moment``; or ``None`` and why it does not.

    Args:
        is_old: what makes it true was so before the rule was switched on.
        is_imported: an import brought it from a system that writes to people by itself.
    """
    earliest = now + dt.timedelta(hours=rule.wait_hours)
    if is_imported and (rule.anchor == FROM_NOW or moment < now):
        return None, _("An import brought this from a system that writes to people itself.")
    if is_old and (rule.anchor == FROM_NOW or moment < now):
        if rule.anchor == FROM_NOW:
            return None, _("This was so already when the rule was switched on.")
        return None, _("Its moment, %(moment)s, was over when the rule was switched on.") % {
            "moment": date_format(moment, "DATE_FORMAT")
        }
    if moment >= earliest:
        return moment, ""
    if rule.if_past == IfPast.SOON or moment > now:
        return earliest, ""
    return None, _("Its moment, %(moment)s, was over already.") % {
        "moment": date_format(moment, "DATE_FORMAT")
    }


def in_words(rule: MailRule, subject: Subject) -> str:
    """When a rule's mails leave, as a person reads it."""
    number = abs(rule.offset)
    if rule.unit == Unit.HOURS:
        length = ngettext("%(n)d hour", "%(n)d hours", number) % {"n": number}
    else:
        length = ngettext("%(n)d day", "%(n)d days", number) % {"n": number}
    if rule.anchor == FROM_NOW:
        said = (
            _("%(length)s after it became so") % {"length": length}
            if number
            else _("as soon as it becomes so")
        )
    else:
        moment = subject.by_moment.get(rule.anchor)
        words = {"length": length, "date": str(moment.label if moment else rule.anchor)}
        if rule.offset < 0:
            said = _("%(length)s before: %(date)s") % words
        elif rule.offset > 0:
            said = _("%(length)s after: %(date)s") % words
        else:
            said = _("on: %(date)s") % words
    if rule.at_time is not None:
        said = _("%(when)s, at %(time)s") % {"when": said, "time": rule.at_time.strftime("%H:%M")}
    return said
