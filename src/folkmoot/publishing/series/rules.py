"""Recurrence in local time: wall times of a rule, each at the right moment, once.

A rule (RFC 5545, RRULE) is unrolled on the wall clock, without any zone; only then each wall time becomes a moment. So
"every Tuesday at nine" stays at nine through both changes of the clock. A time that the clock leaves out is shifted
forward, one that it repeats means its first (``outbox.times.instant``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dateutil import rrule as rules
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.outbox.public import instant, written

#: Rules come round once a day at most.
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
#: What a rule may say (RFC 5545, 3.3.10), but times of day: those are the first moment's.
WORDS = (
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH"),
    *("BYSETPOS", "WKST"),
)
#: Wall times that are looked through, at most, to find those asked for: a century of days.
MOST = 36_600


@dataclass(frozen=True)
class Moment:
    """A wall time of a rule as it is stored, its zone, and the moment (UTC) that it means.

    ``is_shifted``: the clock leaves the wall time out; the post leaves as much later.
    """

    wall_time: str
    zone: str
    instant: dt.datetime
    is_shifted: bool = False


def checked(text: str) -> str:
    """A rule as it is stored: upper case, without ``RRULE:`` and spaces.

    Raises:
        ValidationError: it is none, says what is not taken, or never comes round.
    """
    rule = re.sub(r"\s+", "", text).upper().removeprefix("RRULE:").strip(";")
    said: dict[str, str] = {}
    for part in filter(None, rule.split(";")):
        name, mark, value = part.partition("=")
        if not mark or not value or name not in WORDS or name in said:
            raise ValidationError(
                _("“%(part)s” cannot stand in a rule; it may say %(words)s.")
                % {"part": part, "words": ", ".join(WORDS)},
                code="rule",
            )
        said[name] = value
    if said.get("FREQ") not in FREQUENCIES:
        raise ValidationError(
            _("A rule begins with how often: FREQ=%(words)s.") % {"words": ", FREQ=".join(FREQUENCIES)},
            code="freq",
        )
    if "COUNT" in said and "UNTIL" in said:
        raise ValidationError(_("Say COUNT or UNTIL, not both."), code="end")
    try:
        found = _unrolled(rule, dt.datetime.fromisoformat("2000-01-01"))
        first = next(found, None)
    except (ValueError, TypeError, ArithmeticError) as problem:
        raise ValidationError(
            _("This rule cannot be read: %(why)s.") % {"why": str(problem).rstrip(".")}, code="rule"
        ) from None
    if first is None and "UNTIL" not in said:
        raise ValidationError(_("No day meets this rule: it never comes round."), code="never")
    return rule


def _unrolled(rule: str, starts: dt.datetime) -> Iterator[dt.datetime]:
    # The first moment counts only where the rule meets it (RFC 5545 leaves others undefined).
    until = re.search(r"UNTIL=(\d{8})(?:T\d{6}Z?)?", rule)
    if until:  # whole days on the wall clock, the last one included
        rule = rule.replace(until[0], f"UNTIL={until[1]}T235959")
    return iter(rules.rrulestr(rule, dtstart=starts, ignoretz=True))


def moments(
    rule: str,
    *,
    starts: dt.datetime,
    zone: str,
    after: dt.datetime,
    until: dt.datetime,
    ends_on: dt.date | None = None,
) -> list[Moment]:
    """Every moment of a rule that is later than ``after`` and not later than ``until`` (UTC).

    Args:
        starts: its first wall time in ``zone`` (IANA).
        ends_on: the last day on the wall clock.

    Raises:
        ValidationError: there is no such zone.
    """
    found: dict[dt.datetime, Moment] = {}
    last = until.astimezone(dt.UTC).replace(tzinfo=None) + dt.timedelta(days=2)
    for number, wall in enumerate(_unrolled(rule, starts)):
        if wall > last or number > MOST or (ends_on is not None and wall.date() > ends_on):
            break
        at = instant(wall, zone)
        if after < at <= until:
            back = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            found.setdefault(at, Moment(written(wall), zone, at, back != wall))
    return [found[at] for at in sorted(found)]


def in_words(rule: str) -> str:
    """The usual rules as people say them; others as they are written."""
    said = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    every = int(said.get("INTERVAL", "1")) if said.get("INTERVAL", "1").isdigit() else 1
    units = {
        "DAILY": (_("every day"), _("every %(n)d days")),
        "WEEKLY": (_("every week"), _("every %(n)d weeks")),
        "MONTHLY": (_("every month"), _("every %(n)d months")),
        "YEARLY": (_("every year"), _("every %(n)d years")),
    }
    one, many = units.get(said.get("FREQ", ""), (rule, rule))
    words = one if every == 1 else many % {"n": every}
    days = {
        "MO": _("Monday"),
        "TU": _("Tuesday"),
        "WE": _("Wednesday"),
        "TH": _("Thursday"),
        "FR": _("Friday"),
        "SA": _("Saturday"),
        "SU": _("Sunday"),
    }
    if said.get("FREQ") == "MONTHLY":
        days = {
            **{f"1{day}": _("the first %(day)s") % {"day": name} for day, name in days.items()},
            **{f"-1{day}": _("the last %(day)s") % {"day": name} for day, name in days.items()},
        }
    rest = set(said) - {"FREQ", "INTERVAL", "BYDAY", "WKST"}
    named = [days[day] for day in said.get("BYDAY", "").split(",") if day in days]
    if rest or len(named) != len([day for day in said.get("BYDAY", "").split(",") if day]):
        return f"{words} ({rule})"
    return (
        _("%(how_often)s, on %(days)s") % {"how_often": words, "days": ", ".join(named)} if named else words
    )
