"""Front matter: values at the top of a Markdown file, read and changed without touching the rest.

A file is taken apart into pieces that together are the file again, letter by letter: line ends, a byte order mark, odd
spacing and comments stay. Changing one value rewrites the lines of that value only.

Sources: Jekyll's documentation, "Front Matter" (YAML between two lines of three dashes); Hugo's documentation, "Front
matter" (the same, or TOML between two lines of three plus signs).
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, replace
from typing import Any

import yaml
from django.utils.translation import gettext as _

YAML, TOML = "---", "+++"
_OPENING = re.compile(r"(\ufeff?)(---|\+\+\+)([ \t]*)(\r\n|\n)")
#: A key at the beginning of a line; quoted keys too.
_KEY = re.compile(r"(?P<quote>[\"']?)(?P<key>[^\s\"'#:][^\"':]*?)(?P=quote)[ \t]*:(?=[ \t\r\n]|$)")

_BREAKS = re.compile("[\x85\u2028\u2029]")


class FrontProblem(ValueError):
    """Front matter that cannot be read: in which line of the file, and why."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(_("Line %(line)s: %(words)s") % {"line": line, "words": words})
        self.line, self.words = line, words


@dataclass(frozen=True)
class Document:
    """A file in pieces: ``head + front + fence + body`` is the file.

    Attributes:
        head: the opening fence with its line end (and a byte order mark); ``""``: the file has no front matter.
        front: what stands between the fences.
        fence: the closing fence with its line end.
        body: the Markdown.
    """

    head: str
    front: str
    fence: str
    body: str

    @property
    def text(self) -> str:
        """The file."""
        return self.head + self.front + self.fence + self.body

    @property
    def mark(self) -> str:
        """Which fence it has: ``---`` (YAML), ``+++`` (TOML), ``""``."""
        return self.head.lstrip("\ufeff")[:3]

    @property
    def newline(self) -> str:
        """The line end of its front matter."""
        return "\r\n" if self.head.endswith("\r\n") else "\n"

    @property
    def body_line(self) -> int:
        """The line of the file, from one, in which the body begins."""
        return (self.head + self.front + self.fence).count("\n") + 1


def read(text: str) -> Document:
    """Take a file apart. Without a closing fence all of it is body."""
    opening = _OPENING.match(text)
    if opening is None:
        return Document("", "", "", text)
    closing = re.compile(rf"^{re.escape(opening[2])}[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
    found = closing.search(text, opening.end())
    if found is None:
        return Document("", "", "", text)
    return Document(text[: opening.end()], text[opening.end() : found.start()], found[0], text[found.end() :])


def values(document: Document) -> dict[str, Any]:
    """What the front matter says.

    Raises:
        FrontProblem: it is no YAML (or TOML), or no list of names with values.
    """
    try:
        found = tomllib.loads(document.front) if document.mark == TOML else yaml.safe_load(document.front)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        raise FrontProblem((mark.line if mark else 0) + 2, str(problem.problem or problem)) from None
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError) as problem:
        raise FrontProblem(2, str(problem).splitlines()[0]) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise FrontProblem(2, _("The front matter is no list of names with values."))
    return {str(key): value for key, value in found.items()}


def with_values(document: Document, changes: dict[str, Any]) -> Document:
    """The document with other values; ``None`` takes a value out, a new name is added at the end.

    What a value is already is not written anew, so that nothing changes that nobody changed.

    Raises:
        FrontProblem: the front matter cannot be read, or is TOML (which is kept as it is).
    """
    now = values(document)
    wanted = {
        name: value
        for name, value in changes.items()
        if (value is None and name in now) or (value is not None and not _same(now.get(name), value))
    }
    if not wanted:
        return document
    if document.mark == TOML:
        raise FrontProblem(2, _("TOML is shown and kept, but changed in its own lines only."))
    if not document.head:
        document = replace(document, head="---\n", fence="---\n")
    lines = [line for line in re.split(r"(?<=\n)", document.front) if line]
    places = _places(lines)
    for name, value in sorted(wanted.items(), key=lambda each: -places.get(each[0], (len(lines), 0))[0]):
        new = [] if value is None else _dumped(name, value, document.newline)
        if name in places:
            start, end = places[name]
            lines[start:end] = new
    added = [
        line
        for name, value in wanted.items()
        if name not in places and value is not None
        for line in _dumped(name, value, document.newline)
    ]
    if added and lines and not lines[-1].endswith("\n"):
        lines[-1] += document.newline
    changed = replace(document, front="".join([*lines, *added]))
    said = values(changed)
    if any(not _same(said.get(name), value) for name, value in wanted.items() if value is not None):
        raise FrontProblem(2, _("This front matter is written in a way that cannot be changed line by line."))
    return changed


def _places(lines: list[str]) -> dict[str, tuple[int, int]]:
    """The lines of each name at the outermost level; comments and empty lines behind a value are not its own, and the
    rows of a list that is not set in are no names."""
    starts = [
        (number, found["key"].strip())
        for number, line in enumerate(lines)
        if not line.startswith((" ", "\t", "#", "- ")) and (found := _KEY.match(line))
    ]
    places: dict[str, tuple[int, int]] = {}
    for place, (number, key) in enumerate(starts):
        end = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        while end > number + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1
        places.setdefault(key, (number, end))
    return places


def _dumped(name: str, value: Any, newline: str) -> list[str]:
    as_it_is = not _BREAKS.search(
        str(value)
    )  # the library takes these for line ends where it does not escape them
    text = yaml.safe_dump({name: value}, allow_unicode=as_it_is, sort_keys=False, width=100)
    return [line + newline for line in text.removesuffix("\n").split("\n")]


def _same(one: Any, other: Any) -> bool:
    """Whether two values say the same: a date, and the date as text, do."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value


def day_of(value: Any) -> dt.date | None:
    """The day that a value means: a date, a moment, or text that begins with ``2026-11-20``."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        return None


def names_of(value: Any) -> list[str]:
    """Names in a value: one, several, or parted by commas."""
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [name for each in value for name in names_of(each)]
    if isinstance(value, dict):
        return names_of(value.get("name"))
    return [name for name in (part.strip() for part in re.split(r",| and | & ", str(value))) if name]
