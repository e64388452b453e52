"""Rows of a table as posts, with line and column of what cannot be read."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.saving import block
from folkmoot.kernel.text import clean
from folkmoot.publishing.entries import Entry, Text, bare, cut

#: Rows of a file at most.
MOST_ROWS = 5000
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*([ap]m)?", re.ASCII | re.IGNORECASE)
_PICTURE = re.compile(r"(?:(\d{1,2}) )?(sha256:[0-9a-f]{64}|https?://\S{1,2000})", re.ASCII)


@dataclass
class Said:
    """What one row says, by column, and what of it cannot be read (column, why)."""

    line: int
    cells: Mapping[str, str]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def get(self, column: str) -> str:
        """A cell on one line."""
        return clean(bare(self.cells.get(column, "")))

    def block(self, column: str) -> str:
        """A cell of several lines."""
        return block(bare(self.cells.get(column, "")))


def when_of(said: Said, zone: str) -> tuple[str, str]:
    """The wall time and zone of a row; empty: it has none. A row with a time and no zone is in ``zone``."""
    named = said.get("zone")
    if named and named not in clock.zones():
        said.problems.append(
            ("zone", _("“%(zone)s” is no time zone; write one such as Europe/Berlin") % {"zone": named})
        )
        named = ""
    moment, _space, rest = said.get("when").replace("T", " ").partition(" ")
    column = "when" if moment else "date"
    day, time = (moment, rest) if moment else (said.get("date"), said.get("time"))
    if not day:
        if time:
            said.problems.append(("time", _("has no day beside it: the post has no time")))
        return "", ""
    date, hour = _day(day), _time(time or "09:00")
    if date is None:
        said.problems.append((column, _("“%(day)s” is no day; write 2026-11-20") % {"day": day[:40]}))
        return "", ""
    if hour is None:
        said.problems.append(
            (
                "when" if moment else "time",
                _("“%(time)s” is no time of day; write 09:00") % {"time": time[:40]},
            )
        )
        return "", ""
    return dt.datetime.combine(date, hour).isoformat(timespec="minutes"), named or zone


def _day(text: str) -> dt.date | None:
    match = _DAY.fullmatch(text)
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _time(text: str) -> dt.time | None:
    match = _TIME.fullmatch(text.strip())
    if not match:
        return None
    hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def link_of(said: Said) -> str:
    """The page that a row is about."""
    link = said.get("link")
    try:
        if link:
            URLValidator(schemes=["http", "https"])(link)
    except ValidationError:
        said.problems.append(("link", _("“%(link)s” is no web address") % {"link": link[:80]}))
        return ""
    return link


def text_of(said: Said) -> Text:
    """Parts and pictures of a row. Pictures are on lines of their own or between commas, each with its description."""
    parts = cut(said.block("text"))
    found: list[list[list[str]]] = [[] for _part in parts]
    alts = [clean(line) for line in bare(said.cells.get("alt", "")).splitlines()]
    names = [
        name
        for name in re.split(r"[\n,]+\s*|\s+(?=https?://)", bare(said.cells.get("pictures", "")))
        if name.strip()
    ]
    for number, name in enumerate(names):
        match = _PICTURE.fullmatch(name.strip())
        part = int(match[1] or 1) if match else 0
        if match is None or part > len(parts):
            said.problems.append(
                ("pictures", _("“%(name)s” is no address of a picture of this post") % {"name": name[:80]})
            )
            continue
        found[part - 1].append([match[2], alts[number] if number < len(alts) else ""])
    return Text(parts, found)


def grouped(rows: Iterator[Said]) -> Iterator[list[Said]]:
    """Rows that follow one another and name the same post; a row that names none stands alone."""
    group: list[Said] = []
    for said in rows:
        if group and (not said.get("post") or said.get("post") != group[0].get("post")):
            yield group
            group = []
        group.append(said)
    if group:
        yield group


def entry_of(group: list[Said], *, channels: list[str], zone: str) -> Entry:
    """The post that some rows tell of. What cannot be read of it stands in their ``problems``.

    Args:
        channels: those that a post without any gets.
        zone: of times that name none.
    """
    first = group[0]
    when, in_zone = when_of(first, zone)
    entry = Entry(
        key=first.get("post")[:200],
        title=first.get("title")[:200],
        link=link_of(first),
        when=when,
        zone=in_zone,
        campaign=first.get("campaign")[:200],
        tags=list(
            dict.fromkeys(tag for each in re.split(r"[,;]", first.get("tags")) if (tag := clean(each)))
        ),
        language=first.get("language")[:12],
        owner=first.get("owner").casefold(),
        base=text_of(first),
    )
    named = [said for said in group if said.get("channel")]
    for said in named:
        own = text_of(said) if said is not first else entry.base
        says_something = bool(said.block("text") or said.get("pictures"))
        entry.channels[said.get("channel")] = None if own == entry.base or not says_something else own
        if said is not first and said.get("date"):
            entry.own[said.get("channel")] = list(when_of(said, entry.zone or zone))
    if not named:
        entry.channels = dict.fromkeys(channels)
    if not entry.title:
        words = " ".join(entry.base.parts[0].split())
        entry.title = words[:79] + "…" if len(words) > 80 else words
    if not entry.key:
        value = "\n".join([*sorted(entry.channels), entry.when, entry.zone, *entry.base.parts])
        entry.key = f"row:{hashlib.sha256(value.encode()).hexdigest()[:40]}"
    return entry
