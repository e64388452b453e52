"""Days and times that are right: the weekday is that day's, the zone is said, the event is still to come."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject

LOOKS = ("weekday", "zone", "past")
_DAYS = {
    **dict(
        zip(
            ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
            range(7),
            strict=True,
        )
    ),
    **dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), range(7), strict=True)),
    "tues": 1,
    "weds": 2,
    "thur": 3,
    "thurs": 3,
    **dict(
        zip(("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"), range(7), strict=True)
    ),
    "miercoles": 2,
    "sabado": 5,
}
_MONTHS = {
    name: number
    for names in (
        ("january february march april may june july august september october november december"),
        ("jan feb mar apr may jun jul aug sep oct nov dec"),
        ("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    )
    for number, name in enumerate(names.split(), 1)
} | {"sept": 9, "setiembre": 9}
_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted(_DAYS, key=len, reverse=True))})"
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
#: "15", "15th", "15-16": of a span its first day.
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:\s?[-–]\s?[0-3]?\d(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>20\d\d)"
_LINK = r"[\s,.]{1,3}(?:(?:the|el|día|on)\s+)?"
_PATTERNS = tuple(
    re.compile(rf"(?<!\w){each}(?!\w)", re.IGNORECASE)
    for each in (
        # Tuesday, 20 November 2026 · martes, 20 de noviembre de 2026
        rf"(?:{_WEEKDAY}{_LINK})?{_DAY}\s+(?:of\s+|de\s+)?{_MONTH}\.?(?:,?\s+(?:de\s+|del\s+)?{_YEAR})?",
        # Tuesday, November 20th, 2026
        rf"(?:{_WEEKDAY}{_LINK})?{_MONTH}\.?\s+{_DAY}(?!\d|:)(?:,?\s+{_YEAR})?",
        # Tuesday, 2026-11-20
        rf"(?:{_WEEKDAY}[\s,.]{{1,3}})?{_YEAR}-(?P<month>[01]\d)-(?P<day>[0-3]\d)",
    )
)
#: A weekday behind a date: "20 November 2026 (Tuesday)".
_BEHIND = re.compile(
    rf"\s*(?:\(\s*{_WEEKDAY}\b\.?\s*\)|,\s*{_WEEKDAY.replace('weekday', 'or')}\b)", re.IGNORECASE
)
_TIME = re.compile(
    r"(?<![\w:.,/-])(?:[01]?\d|2[0-3])(?::[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\.?)?|\s?[ap]\.?m\.?)(?![\w:])",
    re.IGNORECASE,
)
#: A zone near a time: its short name, an offset, a city of the IANA list, or words that say whose time it is.
_ZONE = re.compile(
    r"\b(?:UTC|GMT|AoE|Anywhere on Earth|[ECMP][SD]?T|AK[SD]T|HST|BST|IST|WES?T|CES?T|EES?T|SAST|JST|KST|SGT"
    r"|A[EW][SD]?T|NZ[SD]?T|BRT|ART|CLS?T|COT|PET)\b|[A-Z][a-z]+/[A-Z][A-Za-z_]+"
    r"|\b(?i:eastern|central|mountain|pacific|local|universal)\b"
    r"|\b[A-Z][\wá-ú]+\s+time\b|\bhora\s+(?:de|local|central|peninsular)\b|(?<=\d)Z\b",
)
_TO_COME = re.compile(
    r"\b(?:join|register|registration|sign up|rsvp|deadline|apply|applications?|submit|save the date|upcoming|will be"
    r"|will take place|tickets?|until|by|únete|inscríbete|inscripci[óo]n|regístrate|plazo|fecha límite|hasta el"
    r"|tendrá lugar|próxim[oa])\b",
    re.IGNORECASE,
)
#: A day without a year that is nearer than this means that year.
_NEAR = dt.timedelta(days=120)


@dataclass(frozen=True)
class Named:
    """A day that a text names."""

    words: str
    at: int
    end: int
    month: int
    day: int
    year: int | None
    weekday: int | None

    def dates(self, near: dt.date) -> list[dt.date]:
        """The day, or where no year is said those of the years around, the nearest first."""
        years = [self.year] if self.year else [near.year, near.year + 1, near.year - 1]
        found = []
        for year in years:
            try:
                found.append(dt.date(year, self.month, self.day))
            except ValueError:
                continue
        return sorted(found, key=lambda each: abs(each - near))


@check(
    "dates",
    Param("look_for", "words", ("weekday", "zone", "past"), "What to look for.", LOOKS),
    Param("around", "number", 60, "A zone stands within so many characters of a time."),
)
def dates(subject: Subject, params: Params) -> Iterator[Hit]:
    """A weekday that stands with a date is that date's weekday; a time of day says in which zone; what one is asked to
    join, apply for or register for has not passed when the text appears. English and Spanish.

    A date without a year means the nearest one; where that is months away, any year around may be meant.

    Source: the Gregorian calendar (ISO 8601); abbreviations of zones from the IANA time zone database.
    """
    looks = params["look_for"]
    near = subject.moment.date()
    for part, piece in enumerate(subject.parts, 1):
        text = piece.prose
        for found in named_days(text):
            days = found.dates(near)
            is_near = bool(days) and abs(days[0] - near) < _NEAR
            if "weekday" in looks and found.weekday is not None:
                yield from _weekday(found, days, part, is_near)
            if "past" in looks and days and _is_over(days[0], near) and (found.year or is_near):
                before = text[max(0, found.at - 80) : found.at]
                sentence = before[max(before.rfind("."), before.rfind("\n"), before.rfind("!")) + 1 :]
                if _TO_COME.search(sentence):
                    yield Hit(
                        _("%(day)s is over when this appears.") % {"day": found.words},
                        part,
                        found.at,
                        found.words,
                        _("Look whether the day or the time of the post is wrong."),
                    )
        if "zone" in looks:
            yield from _zones(text, part, params["around"])


def _is_over(day: dt.date, near: dt.date) -> bool:
    """Within the year before: what is older is told as history."""
    return near - dt.timedelta(days=365) < day < near


def _weekday(found: Named, days: list[dt.date], part: int, is_near: bool) -> Iterator[Hit]:
    if not days:
        yield Hit(_("There is no %(day)s.") % {"day": found.words}, part, found.at, found.words)
    elif days[0].weekday() != found.weekday and (
        found.year or is_near or all(each.weekday() != found.weekday for each in days)
    ):
        yield Hit(
            _("%(words)s: %(date)s is a %(weekday)s.")
            % {"words": found.words, "date": days[0], "weekday": _weekday_name(days[0].weekday())},
            part,
            found.at,
            found.words,
            _("Correct the weekday or the date."),
        )


def _weekday_name(number: int) -> str:
    from django.utils.dates import WEEKDAYS

    return str(WEEKDAYS[number])


def named_days(text: str) -> list[Named]:
    """The days that a text names, in its order, those that begin at the same place once."""
    found: dict[int, Named] = {}
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            given = match.groupdict()
            month = given["month"].lower().rstrip(".")
            number = int(month) if month.isdecimal() else _MONTHS[month]
            weekday = given.get("weekday")
            end, words = match.end(), match[0]
            if weekday is None and (behind := _BEHIND.match(text, end)):
                weekday = behind["weekday"] or behind["or"]
                words, end = text[match.start() : behind.end()], behind.end()
            named = Named(
                words,
                match.start(),
                end,
                number,
                int(given["day"]),
                int(given["year"]) if given["year"] else None,
                _DAYS[weekday.lower()] if weekday else None,
            )
            overlapping = [at for at, each in found.items() if each.at < named.end and named.at < each.end]
            if all(found[at].end - found[at].at < end - named.at for at in overlapping):
                for at in overlapping:
                    del found[at]
                found[named.at] = named
    return [found[at] for at in sorted(found)]


def _zones(text: str, part: int, around: int) -> Iterator[Hit]:
    for match in _TIME.finditer(text):
        if not _ZONE.search(text[max(0, match.start() - around) : match.end() + around]):
            yield Hit(
                _("%(time)s: in which time zone?") % {"time": match[0]},
                part,
                match.start(),
                match[0],
                _("Say the zone, and UTC beside it where readers are all over the world."),
            )
