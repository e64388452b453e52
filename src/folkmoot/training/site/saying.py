"""What a page's front matter says of an event, and a page that says what an event says.

The front matter is that of pyopensci.org: ``title``, ``date``, ``excerpt``, ``draft``, and under ``event`` the days,
the place, the kind. Whatever else stands there is kept and never read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from folkmoot.kernel import front
from folkmoot.kernel.front import Document
from folkmoot.kernel.saving import block
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import country_code, country_name
from folkmoot.training.models import Event, EventKind

#: The event's fields that a page says.
FIELDS = (
    "title",
    "summary",
    "description",
    "starts_on",
    "ends_on",
    "is_online",
    "venue",
    "city",
    "country",
)
PLACE = ("is_online", "venue", "city", "country")
ONLINE = "Online"
#: What a page says of each session; whatever else stands there is the website's own.
SESSION = ("title", "from", "to", "room", "track")
#: Postal codes of the states of the USA (USPS, Publication 28, appendix B).
_STATES = frozenset(
    re.findall(
        "..",
        "ALAKAZARCACOCTDCDEFLGAHIIAIDILINKSKYLAMAMDMEMIMNMOMSMTNCNDNENHNJNMNVNYOHOKORPAPRRISCSDTNTXUTVAVTWAWIWVWY",
    )
)


class Unsaid(ValueError):
    """A page does not say what every event needs: which value, and why."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name, self.words = name, words


def fields_of(document: Document) -> dict[str, Any]:
    """The fields of an event (:data:`FIELDS`) that a page says.

    Raises:
        FrontProblem: the front matter cannot be read.
        Unsaid: the title or the first day is missing, a day is none, or the last is before the first.
    """
    said = front.values(document)
    about = about_of(said)
    title = said.get("title")
    if not isinstance(title, str) or not clean(title):
        raise Unsaid("title", "is missing")
    first = _day(about, "start_date") or front.day_of(said.get("date"))
    if first is None:
        raise Unsaid("start_date", "is missing: write 2026-11-20")
    last = _day(about, "end_date") or first
    if last < first:
        raise Unsaid("end_date", "is before the first day")
    place = place_of(clean(str(about.get("location") or "")))
    return {
        "title": clean(title)[:200],
        "summary": clean(str(said.get("excerpt") or ""))[:400],
        "description": block(document.body),
        "starts_on": first,
        "ends_on": last,
        **place,
    }


def about_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """What stands under ``event``."""
    about = said.get("event")
    return about if isinstance(about, dict) else {}


def word_of(said: Mapping[str, Any]) -> str:
    """The website's word for the kind of event."""
    return clean(str(about_of(said).get("event_type") or ""))[:60]


def is_draft(said: Mapping[str, Any]) -> bool:
    """The website does not show it yet."""
    return said.get("draft") is True


def _day(about: Mapping[str, Any], name: str) -> dt.date | None:
    value = about.get(name)
    if value in (None, ""):
        return None
    day = front.day_of(value)
    if day is None:
        raise Unsaid(name, f"“{str(value)[:40]}” is no day: write 2026-11-20")
    return day


def place_of(location: str) -> dict[str, Any]:
    """A place in one line as the fields of an event: ``Online``, ``Kraków, Poland``, ``Room 1, Long Beach, CA``."""
    found: dict[str, Any] = {"is_online": False, "venue": "", "city": "", "country": ""}
    if not location:
        return found
    if fold(location).startswith("online"):
        return {**found, "is_online": True, "venue": "" if fold(location) == "online" else location[:200]}
    parts = [part for part in map(clean, location.split(",")) if part]
    if len(parts) > 1 and parts[-1] in _STATES:  # before countries: CA is Canada, too
        return {
            **found,
            "country": "US",
            "city": ", ".join(parts[-2:])[:120],
            "venue": ", ".join(parts[:-2])[:200],
        }
    code = country_code(parts[-1]) if len(parts) > 1 else ""
    if code:
        return {**found, "country": code, "city": ", ".join(parts[:-1])[:120]}
    return {**found, "city": location[:120]}


def location_of(event: Event) -> str:
    """An event's place in one line, as websites write it; empty where nothing is known."""
    if event.is_online and not event.city:
        return event.venue if fold(event.venue).startswith("online") else ONLINE
    country = country_name(event.country) if event.country else ""
    state = event.city.rpartition(", ")[2]
    if event.country == "US" and state in _STATES:
        country = ""
    return ", ".join(filter(None, (event.venue, event.city, country)))


def kind_word(kind: EventKind) -> str:
    """The website's word for a kind."""
    return kind.site_word or kind.slug


def differing(event: Event, said: Mapping[str, Any]) -> list[str]:
    """The fields of which the event says something else than the page did."""
    return [name for name in FIELDS if name in said and _plain(name, event) != said[name]]


def _plain(name: str, event: Event) -> Any:
    value = getattr(event, name)
    if name == "ends_on":
        return value or event.starts_on
    return block(value) if name == "description" else value


def sessions_of(event: Event) -> list[dict[str, str]]:
    """An event's programme as pages have it: moments as the clocks at the place say, with how far they are from UTC;
    what is not known is left out. The sessions are read beforehand.
    """
    zone = ZoneInfo(event.time_zone)

    def moment(at: dt.datetime | None) -> str:
        return at.astimezone(zone).isoformat(timespec="seconds") if at else ""

    said = (
        (one.title, moment(one.starts_at), moment(one.ends_at), one.room, one.track)
        for one in event.sessions.all()
    )
    return [{name: value for name, value in zip(SESSION, each, strict=True) if value} for each in said]


def _programme(
    said: Any, sessions: Sequence[Mapping[str, str]], gone: Collection[str]
) -> list[dict[str, Any]] | None:
    """The programme of a page that has one, with what its website keeps beside each title; ``None``: what stands under
    ``sessions`` is something else, or nothing is known here.

    Args:
        gone: titles of sessions that the event had; where it has none any more, they are withdrawn.
    """
    there = [] if said is None else said
    if not isinstance(there, list):
        return None
    if not all(isinstance(one, dict) and isinstance(one.get("title"), str) for one in there):
        return None
    if not sessions:
        left = [one for one in there if clean(one["title"]) not in gone]
        return left if len(left) < len(there) else None
    beside = {clean(one["title"]): one for one in there}
    return [
        {
            **one,
            **{
                name: value
                for name, value in beside.get(clean(one["title"]), {}).items()
                if name not in SESSION
            },
        }
        for one in sessions
    ]


def page_with(document: Document, event: Event, gone: Collection[str] = ()) -> Document:
    """A page that says what the event says; what says the same already stays letter by letter.

    Args:
        gone: titles of sessions that the event had.

    Raises:
        FrontProblem: the front matter cannot be read, or cannot be changed line by line.
    """
    said, now = front.values(document), fields_of(document)
    about = dict(about_of(said))
    changes: dict[str, Any] = {}
    other = set(differing(event, now))
    if "title" in other:
        changes["title"] = event.title
    if "summary" in other:
        changes["excerpt"] = event.summary
    if "starts_on" in other and event.starts_on:
        about["start_date"] = event.starts_on.isoformat()
    if "ends_on" in other and event.starts_on:
        about["end_date"] = (event.ends_on or event.starts_on).isoformat()
    if other & set(PLACE):
        about["location"] = location_of(event)
    if word_of(said) != kind_word(event.kind) and word_of(said):
        about["event_type"] = kind_word(event.kind)
    if about != about_of(said):
        changes["event"] = about
    if "sessions" in said:
        programme = _programme(said["sessions"], sessions_of(event), gone)
        if programme is not None:
            changes["sessions"] = programme
    changed = front.with_values(document, changes)
    if "description" not in other:
        return changed
    body = f"{changed.newline}{event.description.replace(chr(10), changed.newline)}{changed.newline}"
    return Document(changed.head, changed.front, changed.fence, body)


def new_page(event: Event, *, layout: str = "") -> Document:
    """The page of an event that no website has yet, with its programme. The sessions are read beforehand.

    Args:
        layout: the ``layout`` that Jekyll wants to be told.
    """
    days = {
        "start_date": event.starts_on.isoformat() if event.starts_on else "",
        "end_date": (event.ends_on or event.starts_on).isoformat() if event.starts_on else "",
    }
    about = {**days, "location": location_of(event), "event_type": kind_word(event.kind)}
    values = {
        "layout": layout or None,
        "title": event.title,
        "date": days["start_date"],
        "excerpt": event.summary or None,
        "event": {name: value for name, value in about.items() if value},
        "sessions": sessions_of(event) or None,
    }
    empty = Document("---\n", "", "---\n", f"\n{event.description.strip()}\n" if event.description else "")
    return front.with_values(empty, values)
