"""When posts appear: not twice, not too close, not at night."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from folkmoot.connectors.posts import ADDRESS
from folkmoot.kernel.text import fold
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject


@check(
    "duplicate",
    Param("days", "number", 30, "Posts of the channel so many days before and after are compared."),
    Param("alike", "share", 0.6, "From this likeness on: 1 is the same text."),
)
def duplicate(subject: Subject, params: Params) -> Iterator[Hit]:
    """The same was not said on the channel a short while ago, and is not planned again soon.

    Likeness is the share of runs of three words that two texts have in common, addresses left out.

    Source: Broder, "On the resemblance and containment of documents" (1997).
    """
    mine = shingles(subject.text)
    if not mine:
        return
    span = dt.timedelta(days=params["days"])
    for other in subject.others:
        if abs(other.at - subject.moment) > span:
            continue
        theirs = shingles(other.text)
        alike = len(mine & theirs) / len(mine | theirs) if theirs else 0.0
        if alike >= params["alike"]:
            yield Hit(
                _("It is much like “%(title)s” (%(day)s): %(n)s %% the same.")
                % {
                    "title": other.title,
                    "day": _local(other.at, subject.zone).date(),
                    "n": round(alike * 100),
                },
                found=other.title,
                fix=_("Say something new, or cancel one of the two."),
            )


@lru_cache(maxsize=4096)
def shingles(text: str) -> frozenset[str]:
    """The runs of three words of a text; of a shorter one the text itself."""
    words = re.findall(r"\w+", fold(ADDRESS.sub(" ", text)))
    if len(words) < 3:
        return frozenset({" ".join(words)} - {""})
    return frozenset(" ".join(words[start : start + 3]) for start in range(len(words) - 2))


@check(
    "conflict",
    Param("minutes", "number", 0, "Two posts of a channel are so far apart; 0: as the channel's plan says."),
)
def conflict(subject: Subject, params: Params) -> Iterator[Hit]:
    """Two posts on one channel do not come too close after each other.

    Source: none; it is the community's own wish.
    """
    minutes = params["minutes"] or subject.apart_minutes
    if not minutes or subject.due_at is None:
        return
    for other in subject.others:
        apart = abs((other.at - subject.due_at).total_seconds()) / 60
        if apart < minutes:
            yield Hit(
                _("“%(title)s” is %(n)s minutes away, and %(minutes)s are wanted between two posts.")
                % {"title": other.title, "n": round(apart), "minutes": minutes},
                found=other.title,
                fix=_("Move one of the two."),
            )


@check(
    "quiet_hours",
    Param("from", "time", dt.time(22), "From this time of day, in the channel's zone."),
    Param("to", "time", dt.time(7), "Until this one; it may lie on the next day."),
)
def quiet_hours(subject: Subject, params: Params) -> Iterator[Hit]:
    """Nothing appears at night, in the time zone of the channel.

    Source: none; it is the community's own wish.
    """
    if subject.due_at is None:
        return
    start, end = params["from"], params["to"]
    at = _local(subject.due_at, subject.zone).time()
    is_quiet = start <= at < end if start <= end else at >= start or at < end
    if is_quiet:
        yield Hit(
            _("%(time)s is in the quiet hours (%(from)s to %(to)s, %(zone)s).")
            % {
                "time": f"{at:%H:%M}",
                "from": f"{start:%H:%M}",
                "to": f"{end:%H:%M}",
                "zone": subject.zone,
            },
            fix=_("Choose another time."),
        )


@check(
    "holidays",
    Param(
        "days",
        "days",
        ((0, 1, 1), (0, 12, 25)),
        "Days without posts: `2026-12-25`, or `12-25` for every year.",
    ),
    Param("weekends", "flag", False, "Saturdays and Sundays, too."),
)
def holidays(subject: Subject, params: Params) -> Iterator[Hit]:
    """Nothing appears on the community's holidays, in the time zone of the channel.

    Source: none; the days are the community's own.
    """
    if subject.due_at is None:
        return
    day = _local(subject.due_at, subject.zone).date()
    if {(0, day.month, day.day), (day.year, day.month, day.day)} & set(params["days"]):
        yield Hit(_("%(day)s is a holiday.") % {"day": day}, fix=_("Choose another day."))
    elif params["weekends"] and day.isoweekday() > 5:
        yield Hit(_("%(day)s is a weekend.") % {"day": day}, fix=_("Choose another day."))


@check("freeze", Param("windows", "windows", (), "From which day to which nothing leaves, and why."))
def freeze(subject: Subject, params: Params) -> Iterator[Hit]:
    """Nothing appears in days on which the community keeps silent: an election, a crisis, a move.

    Source: none; it is the community's own wish.
    """
    day = _local(subject.moment, subject.zone).date()
    for window in params["windows"]:
        if window.first <= day <= window.last:
            yield Hit(
                _("Nothing leaves from %(first)s to %(last)s: %(why)s")
                % {"first": window.first, "last": window.last, "why": window.why or _("no reason given")},
                fix=_("Choose a later day, or ask for a waiver."),
            )


def _local(moment: dt.datetime, zone: str) -> dt.datetime:
    try:
        return moment.astimezone(ZoneInfo(zone or "UTC"))
    except (KeyError, ValueError, OSError):
        return moment.astimezone(dt.UTC)
