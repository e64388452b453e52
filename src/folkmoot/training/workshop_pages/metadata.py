"""What a workshop's page says of itself: ``<meta name>`` of its HTML, or the front matter it is made of.

The keys are those of The Carpentries' workshop template: slug, startdate, enddate, country, venue, address, latlng (or
lat and lng), language, eventbrite, instructor, helper, contact; people are separated by ``|``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.kernel import front
from folkmoot.kernel.saving import line
from folkmoot.people.public import is_country

KEYS = (
    *("slug", "startdate", "enddate", "country", "venue", "address", "latlng", "language", "eventbrite"),
    *("instructor", "helper", "contact"),
)
REQUIRED = ("slug", "startdate", "country", "venue", "address", "latlng", "instructor", "helper", "contact")
#: The country of what takes place online.
ONLINE = "W3"
#: Longest value that is kept, in characters.
LONGEST = 500
_GITHUB = re.compile(r"https?://(?:www\.)?github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?(?:[?#].*)?", re.ASCII)
_PAGES = re.compile(r"https?://([\w-]+)\.github\.io/([\w.-]+)/?(?:index\.html)?(?:[?#].*)?", re.ASCII)
_RAW = "https://raw.githubusercontent.com/{owner}/{name}/gh-pages/{file}"
_SITE = "https://{owner}.github.io/{name}/"


def is_of_github(address: str) -> bool:
    """Whether it is the address of a page or repository on GitHub, where workshops have their pages."""
    return _on_github(address) is not None


def _on_github(address: str) -> tuple[str, str] | None:
    match = _GITHUB.fullmatch(address.strip()) or _PAGES.fullmatch(address.strip())
    return (match[1], match[2]) if match else None


def addresses(address: str) -> list[str]:
    """Where to ask, one after the other: the page itself, then the files that GitHub makes it of."""
    found = _on_github(address)
    if found is None:
        return [address.strip()] if address.strip() else []
    owner, name = found
    files = [_RAW.format(owner=owner, name=name, file=file) for file in ("index.html", "index.md")]
    return [_SITE.format(owner=owner, name=name), *files]


class _Metas(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            return
        said = dict(attrs)
        name = (said.get("name") or "").strip().lower()
        if name in (*KEYS, "lat", "lng"):
            self.found.setdefault(name, said.get("content") or "")


def read(text: str) -> dict[str, str]:
    """What a page or its source says, by key; empty where it says nothing of a workshop."""
    try:
        values = front.values(front.read(text))
    except front.FrontProblem:
        values = {}
    if not values:
        parser = _Metas()
        parser.feed(text)
        values = dict(parser.found)
    said = {key: _text(values[key]) for key in (*KEYS, "lat", "lng") if values.get(key) not in (None, "")}
    latitude, longitude = said.pop("lat", ""), said.pop("lng", "")
    if latitude and longitude:
        said.setdefault("latlng", f"{latitude}, {longitude}")
    return {key: said[key] for key in KEYS if said.get(key)} if "startdate" in said else {}


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " | ".join(filter(None, map(_text, value)))[:LONGEST]
    return line(value)[:LONGEST]


@dataclass(frozen=True)
class Values:
    """What can be compared with an event: fields by name, and what is wrong with the page, in words."""

    fields: dict[str, Any]
    problems: list[str]


def values(said: Mapping[str, str]) -> Values:
    """The values that an event takes, and what the page lacks or says wrongly."""
    fields: dict[str, Any] = {}
    problems = [_("“%(key)s” is missing.") % {"key": key} for key in REQUIRED if not said.get(key)]
    for key, text in said.items():
        if "FIXME" in text:
            problems.append(_("“%(key)s” still says FIXME.") % {"key": key})
            continue
        read_one = _READERS.get(key)
        if read_one is None:
            continue
        found = read_one(text)
        if found is None:
            problems.append(_("“%(key)s” cannot be read: %(text)s") % {"key": key, "text": text[:60]})
        else:
            fields |= found
    first, last = fields.get("starts_on"), fields.get("ends_on")
    if first and last and last < first:
        problems.append(_("The last day is before the first."))
        del fields["ends_on"]
    return Values(fields, problems)


def people(text: str) -> list[str]:
    """Names or addresses between bars."""
    return [word for each in text.split("|") if (word := line(each)) and "FIXME" not in word]


def _day(name: str) -> Any:
    def read_day(text: str) -> dict[str, Any] | None:
        try:
            return {name: dt.date.fromisoformat(text.strip()[:10])}
        except ValueError:
            return None

    return read_day


def _slug(text: str) -> dict[str, Any] | None:
    slug = text.strip().lower()
    return {"slug": slug} if re.fullmatch(r"[\w-]{1,100}", slug, re.ASCII) else None


def _country(text: str) -> dict[str, Any] | None:
    code = text.strip().upper()
    if code == ONLINE:
        return {"is_online": True}
    return {"country": code} if is_country(code) else None


def _place(text: str) -> dict[str, Any] | None:
    match = re.fullmatch(r"\s*([+-]?\d{1,2}(?:\.\d+)?)\s*[,;]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*", text, re.ASCII)
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[2])
    fits = abs(latitude) <= 90 and abs(longitude) <= 180
    return {"latitude": latitude, "longitude": longitude} if fits else None


def _language(text: str) -> dict[str, Any] | None:
    code = text.strip().lower()
    return {"languages": [code]} if re.fullmatch(r"[a-z]{2}", code, re.ASCII) else None


_READERS: dict[str, Any] = {
    "slug": _slug,
    "startdate": _day("starts_on"),
    "enddate": _day("ends_on"),
    "country": _country,
    "venue": lambda text: {"venue": text[:200]},
    "address": lambda text: {"address": text},
    "latlng": _place,
    "language": _language,
    "eventbrite": lambda text: {} if text.strip().isdecimal() else None,
    "contact": lambda text: {"contact": ", ".join(people(text))[:320]},
}
