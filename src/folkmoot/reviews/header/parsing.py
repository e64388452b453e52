"""The text of a submission's issue: its header, what is ticked below it, every variant that was ever written.

The header is what stands before the first line ``---``: lines of ``Key: value``, bold or not. Whatever cannot be read
is told with its line, and the rest is used; keys that nobody knows are kept word for word.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from folkmoot.kernel.text import clean, fold
from folkmoot.reviews.facts import Problem
from folkmoot.reviews.header import values
from folkmoot.reviews.header.values import Named, Unreadable

#: A key of the header, as compared, and whose part it names.
PEOPLE = {
    "submitting author": "author",
    "submitting authors": "author",
    "author": "author",
    "all current maintainers": "maintainer",
    "list of all maintainers": "maintainer",
    "current maintainers": "maintainer",
    "maintainers": "maintainer",
    "eic": "eic",
    "eics": "eic",
    "editor in chief": "eic",
    "editor-in-chief": "eic",
    "editor": "editor",
    "editors": "editor",
    "reviewer": "reviewer",
    "reviewers": "reviewer",
}
#: A key of the header, our field, how it is read.
FIELDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "package name": ("title", lambda text: values.line(text).strip("\"'“”").strip()),
    "name of package": ("title", lambda text: values.line(text).strip("\"'“”").strip()),
    "one-line description of package": ("description", lambda text: values.line(text, 2000)),
    "one line description of package": ("description", lambda text: values.line(text, 2000)),
    "description": ("description", lambda text: values.line(text, 2000)),
    "repository link": ("repository", values.address),
    "repository": ("repository", values.address),
    "version submitted": ("version_submitted", values.version),
    "version accepted": ("version_accepted", values.version),
    "archive": ("archive", values.archive),
    "joss doi": ("joss_doi", values.journal),
    "joss": ("joss_doi", values.journal),
    "publication title": ("publication_title", lambda text: values.line(text, 500)),
    "publication doi": ("publication_doi", values.journal),
    "journal/venue": ("publication_venue", lambda text: values.line(text, 300)),
    "journal": ("publication_venue", lambda text: values.line(text, 300)),
    "venue": ("publication_venue", lambda text: values.line(text, 300)),
}
#: Keys that may stand below the header, too.
BELOW = {"publication title", "publication doi", "journal/venue", "journal", "venue"}
ACCEPTED = "date accepted"
DUE = {"reviews expected by", "review expected by", "reviews due", "reviews due by"}
_KEY = re.compile(
    r"^\s{0,8}(?:[-*+]\s+)?[*_]{0,3}\s*(?P<key>[^\W\d_](?:[^:*\n|`\[\]<>@]{0,80}?))\s*[*_]{0,3}\s*:\s*[*_]{0,3}(?P<value>.*)$"
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TICKED = re.compile(r"^\s*[-*+]\s*\[\s*[xX✓✔]\s*\]\s*(?P<words>.*)$")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(?P<words>.*?)\s*#*\s*$")
_RULE = re.compile(r"^\s{0,3}(?:-\s*){3,}$")
#: More of a text than any issue has is not read.
MOST = 200_000


@dataclass
class Parsed:
    """What an issue says.

    Attributes:
        raw: the header word for word: keys in their order, unknown ones too.
        fields: values that could be read, by the submission's field.
        people: whom it names, by part; a part that is open ("TBD") is empty, one that is not spoken of is left out.
        unknown: keys that nobody knows.
    """

    raw: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    people: dict[str, list[Named]] = field(default_factory=dict)
    categories: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)
    reviews_due: dt.date | None = None
    unknown: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For ``folkmoot reviews parse --json``."""
        return {
            "fields": {
                name: value.isoformat() if isinstance(value, dt.date) else value
                for name, value in self.fields.items()
            },
            "people": {
                role: [{"login": one.login, "name": one.name} for one in named]
                for role, named in self.people.items()
            },
            "categories": self.categories,
            "partners": self.partners,
            "reviews_due": self.reviews_due.isoformat() if self.reviews_due else None,
            "unknown": {key: self.raw[key] for key in self.unknown},
            "problems": [
                {
                    "line": one.line,
                    "field": one.field,
                    "value": one.value,
                    "reason": one.reason,
                    "used": one.is_used,
                }
                for one in self.problems
            ],
            "header": self.raw,
        }


@dataclass(frozen=True)
class _Line:
    number: int
    text: str


def parse(text: str) -> Parsed:
    """Read the text of an issue. Never fails: what cannot be read is among the problems."""
    parsed = Parsed()
    if len(text) > MOST:
        text = text[:MOST]
        parsed.problems.append(Problem("", "", _("is longer than an issue can be: the rest was not read")))
    lines = list(_lines(text))
    lines = _front_matter(parsed, lines)
    end = next((place for place, line in enumerate(lines) if _RULE.match(line.text)), None)
    if end is None:  # no rule: the header ends where the first heading begins
        end = next((place for place, line in enumerate(lines) if _HEADING.match(line.text)), len(lines))
    for key, value, number in _pairs(lines[:end]):
        _take(parsed, key, value, number)
    _below(parsed, lines[end:])
    return parsed


def _lines(text: str) -> Iterator[_Line]:
    """The lines, comments of Markdown blanked out, so that numbers stay."""
    bare = _COMMENT.sub(
        lambda match: "\n" * match[0].count("\n"), text.replace("\r\n", "\n").replace("\r", "\n")
    )
    for number, line in enumerate(bare.split("\n"), 1):
        yield _Line(number, line.replace("\x00", "").replace("\u00a0", " "))


def _front_matter(parsed: Parsed, lines: list[_Line]) -> list[_Line]:
    """Read YAML before the header, where there is some; the lines after it."""
    first = next((place for place, line in enumerate(lines) if line.text.strip()), None)
    if first is None or lines[first].text.strip() != "---":
        return lines
    last = next(
        (place for place in range(first + 1, len(lines)) if lines[place].text.strip() in ("---", "...")), None
    )
    if last is None:
        return lines[first + 1 :]
    inside = lines[first + 1 : last]
    try:
        found = yaml.safe_load("\n".join(line.text for line in inside))
    except (yaml.YAMLError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not any(isinstance(found.get(key), dict) for key in ("publication",)):
        # no YAML with a publication: a header between two rules
        return [*inside, *lines[last:]]
    for key, name in (
        ("title", "publication title"),
        ("doi", "publication doi"),
        ("journal", "journal"),
        ("venue", "venue"),
    ):
        value = found["publication"].get(key)
        if isinstance(value, str | int | float):
            number = next(
                (line.number for line in inside if line.text.strip().startswith(f"{key}:")), inside[0].number
            )
            _take(parsed, name, str(value), number, shown=f"publication.{key}")
    for key, value in found.items():
        if key != "publication" and isinstance(key, str):
            number = next(
                (line.number for line in inside if line.text.startswith(f"{key}:")), inside[0].number
            )
            _take(parsed, key, "" if value is None else str(value), number)
    return lines[last + 1 :]


def _pairs(lines: list[_Line]) -> Iterator[tuple[str, str, int]]:
    """Keys with their values; a value may go on in the lines below, as a list or indented."""
    held: tuple[str, list[str], int] | None = None
    for line in lines:
        found = _KEY.match(line.text)
        key = clean(found["key"]) if found else ""
        if found and fold(key) not in ("http", "https"):
            if held:
                yield held[0], " ".join(held[1]).strip(), held[2]
            held = key, [clean(found["value"]).strip("*_ ")], line.number
        elif held and line.text.strip():
            more = re.sub(r"^\s*[-*+]\s+", "", line.text).strip()
            joint = ", " if held[1][-1] and re.match(r"^\s*[-*+]\s+", line.text) else " "
            held[1].append(joint.strip() + more if joint == " " else f"{joint}{more}")
    if held:
        yield held[0], " ".join(held[1]).strip(), held[2]


def _known(key: str) -> str:
    """A key as compared: what stands in brackets and a number at its end gone."""
    bare = re.sub(r"\([^)]*\)?", " ", fold(key))
    return re.sub(r"\s*#?\d+\s*$", "", clean(bare.replace("_", " "))).strip()


def _take(parsed: Parsed, key: str, value: str, number: int, *, shown: str = "") -> None:
    """Read one key."""
    name, shown = _known(key), (shown or key)[:100]
    held = shown
    copy = 2
    while held in parsed.raw:  # a key written twice: both are kept
        held = f"{shown} ({copy})"
        copy += 1
    parsed.raw[held] = value
    try:
        if name in PEOPLE:
            named, wrong = values.people_of(value)
            parsed.problems += [Problem(held, value[:500], one, number) for one in wrong[:1]]
            if wrong and not named:
                return  # nobody is said to have the part, and nobody not to have it
            before = parsed.people.setdefault(PEOPLE[name], [])
            logins = {fold(one.login) for one in before}
            before += [one for one in named if fold(one.login) not in logins]
        elif name in FIELDS:
            ours, read = FIELDS[name]
            found = read(value)
            if found and (ours not in parsed.fields):
                parsed.fields[ours] = found
        elif name == ACCEPTED or name in DUE:
            day = values.day(value)
            if day.note:
                parsed.problems.append(Problem(held, value[:500], day.note, number, is_used=True))
            if name == ACCEPTED and day.day is not None:
                parsed.fields["accepted_on"] = day.day
            elif name in DUE:
                parsed.reviews_due = day.day
        else:
            parsed.unknown.append(held)
    except Unreadable as problem:
        parsed.problems.append(Problem(held, value[:500], str(problem), number))


def _below(parsed: Parsed, lines: list[_Line]) -> None:
    """What is ticked under Scope and Community Partnerships, and what the fast track asks for."""
    section = ""
    for line in lines:
        heading = _HEADING.match(line.text)
        if heading:
            section = fold(re.sub(r"[*_:]", "", heading["words"]))
            continue
        ticked = _TICKED.match(line.text)
        if ticked and section == "scope":
            word = category(ticked["words"])
            if word and word not in parsed.categories:
                parsed.categories.append(word)
            continue
        if ticked and "partnership" in section:
            word = partner(ticked["words"])
            if word and word not in parsed.partners:
                parsed.partners.append(word)
            continue
        found = _KEY.match(line.text)
        value = clean(found["value"]).strip("*_ ") if found else ""
        if found and value and _known(found["key"]) in BELOW:
            _take(parsed, clean(found["key"]), value, line.number)


def category(words: str) -> str:
    """A category as its tag: ``Data processing/munging[^1]`` is ``data-processing-munging``."""
    bare = re.sub(r"\[\^?[^\]]*\](?:\([^)]*\))?|\([^)]*\)?|<[^>]*>", " ", words).split(":")[0]
    return "-".join(re.findall(r"[^\W_]+", fold(bare)))[:100]


def partner(words: str) -> str:
    """A partner as its tag: ``Astropy: …`` is ``astropy``, ``[Pangeo](…)`` is ``pangeo``."""
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words)
    return category(re.split(r"[:(–—]", bare)[0])
