"""Rows of a table as events, with what in them cannot be read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_slug
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.saving import block
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import country_code
from folkmoot.training.models import Status, Visibility

#: Fields of the event that a row fills; what is not said stays empty.
_LENGTHS = {"title": 200, "summary": 400, "venue": 200, "address": 500, "city": 120, "contact": 320}
YES, NO = ("yes", "y", "true", "1", "x"), ("", "no", "n", "false", "0")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass
class Said:
    """What one row says: fields of the event, words that lead to other records, and (column, why) of what it does not.

    Attributes:
        values: plain fields, as JSON can hold them.
        status: what it is said to be; empty: what its days say.
    """

    values: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    kind: str = ""
    programme: str = ""
    host: str = ""
    instructors: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the table calls the event: its short name, else title and day."""
        slug = self.values.get("slug")
        return str(slug) if slug else f"{fold(self.values['title'])}/{self.values['starts_on']}"


class _Reader:
    """Reads the cells of one row, and notes what cannot be read."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells, self.problems = cells, list[tuple[str, str]]()

    def line(self, name: str) -> str:
        text = clean(self.cells.get(name, ""))
        most = _LENGTHS.get(name, 200)
        if len(text) > most:
            self.problems.append((name, _("is longer than %(most)d characters: cut") % {"most": most}))
        return text[:most]

    def parsed(self, name: str, parse: Callable[[str], Any], why: str, empty: Any = None) -> Any:
        text = clean(self.cells.get(name, ""))
        if not text:
            return empty
        try:
            return parse(text)
        except (ValueError, ValidationError):
            self.problems.append((name, why % {"said": text[:60]}))
            return empty

    def words(self, name: str) -> list[str]:
        parts = re.split(r"[;,]", self.cells.get(name, ""))
        return list(dict.fromkeys(word for part in parts if (word := clean(part))))


def read_row(cells: Mapping[str, str]) -> Said:
    """One row. Without a title or a first day it is no event: its problems say so."""
    read = _Reader(cells)
    day, time = _("“%(said)s” is no day: write 2026-11-20"), _("“%(said)s” is no time of day: write 09:00")
    first = read.parsed("start", _day, day)
    last = read.parsed("end", _day, day) or first
    if first and last and last < first:
        read.problems.append(("end", _("is before the first day: left out")))
        last = first
    begins, ends = read.parsed("from", _time, time), read.parsed("to", _time, time)
    if (begins is None) != (ends is None) or (begins and ends and first == last and ends <= begins):
        read.problems.append(("to", _("say both times, the later one last: both are left out")))
        begins = ends = None
    degrees = _("“%(said)s” is no degree of this kind")
    latitude = read.parsed("latitude", lambda text: _number(text, 90), degrees)
    longitude = read.parsed("longitude", lambda text: _number(text, 180), degrees)
    if (latitude is None) != (longitude is None):
        read.problems.append(("latitude", _("latitude and longitude go together: both are left out")))
        latitude = longitude = None
    whole = _("“%(said)s” is no whole number")
    address = _("“%(said)s” is no web address")
    yes_or_no = _("“%(said)s” is neither yes nor no")
    values = {
        "slug": read.parsed("slug", _slug, _("“%(said)s” is no short name: small letters, digits, hyphens"), ""),
        "title": read.line("title"),
        "summary": read.line("summary"),
        "description": block(cells.get("description", "")),
        "visibility": Visibility.PUBLIC if read.parsed("public", _truth, yes_or_no, True) else Visibility.PRIVATE,
        "starts_on": first.isoformat() if first else None,
        "ends_on": last.isoformat() if last else None,
        "starts_time": begins.isoformat("minutes") if begins else None,
        "ends_time": ends.isoformat("minutes") if ends else None,
        "time_zone": read.parsed("zone", _zone, _("“%(said)s” is no time zone: write Europe/Berlin"), "UTC"),
        "is_online": read.parsed("online", _truth, yes_or_no, False),
        "venue": read.line("venue"),
        "address": read.line("address"),
        "city": read.line("city"),
        "country": read.parsed("country", _country, _("“%(said)s” is no country: write its code or name"), ""),
        "latitude": latitude,
        "longitude": longitude,
        "languages": [word for word in read.words("languages") if _LANGUAGE.fullmatch(word)],
        "capacity": read.parsed("capacity", _whole, whole),
        "attendance": read.parsed("attendance", _whole, whole),
        "website": read.parsed("website", _web, address, ""),
        "contact": read.line("contact"),
    }  # fmt: skip
    known = ", ".join(Status.values)
    said = Said(
        values=values,
        status=read.parsed("status", _status, _("“%(said)s” is no status; known: ") + known, ""),
        kind=read.line("kind")[:60],
        programme=read.line("programme"),
        host=read.line("host"),
        instructors=read.words("instructors"),
        helpers=read.words("helpers"),
        problems=read.problems,
    )
    if not values["title"]:
        said.problems.append(("title", _("is missing: the row is left out")))
    elif first is None:
        said.problems.append(("start", _("is missing: the row is left out")))
    return said


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row as the model has them."""
    found = dict(values)
    for name in ("starts_on", "ends_on"):
        found[name] = dt.date.fromisoformat(found[name]) if found[name] else None
    for name in ("starts_time", "ends_time"):
        found[name] = dt.time.fromisoformat(found[name]) if found[name] else None
    return found


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text.replace("/", "-").replace(".", "-")[:10])


def _time(text: str) -> dt.time:
    hour, _colon, rest = text.partition(":")
    return dt.time(int(hour), int(rest[:2]))


def _number(text: str, most: float) -> float:
    value = float(text)
    if not -most <= value <= most:
        raise ValueError
    return value


def _whole(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 1_000_000:
        raise ValueError
    return value


def _slug(text: str) -> str:
    validate_slug(text)
    if len(text) > 100:
        raise ValueError
    return text


def _truth(text: str) -> bool:
    if fold(text) not in YES + NO:
        raise ValueError
    return fold(text) in YES


def _zone(text: str) -> str:
    if text not in clock.zones():
        raise ValueError
    return text


def _country(text: str) -> str:
    code = country_code(text)
    if not code:
        raise ValueError
    return code


def _web(text: str) -> str:
    URLValidator(schemes=["http", "https"])(text)
    if len(text) > 500:
        raise ValueError
    return text


def _status(text: str) -> str:
    if fold(text) not in Status.values:
        raise ValueError
    return fold(text)
