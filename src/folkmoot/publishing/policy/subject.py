"""What checks look at: plain data, made from a post (``reading``) or from a file (``files``)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from folkmoot.connectors.posts import ADDRESS
from folkmoot.publishing.cards.faint import Faint


@dataclass(frozen=True)
class Picture:
    """A picture as readers get it.

    Attributes:
        alt: what it shows in words; ``None`` where a file does not even say that it is decoration.
        caption: what stands beneath it.
        size: bytes; 0: not known, as are width and height.
        shows_people: somebody can be recognised.
        people: who.
        unagreed: those of them who did not agree to be shown.
        faint: texts of it that are hard to read, where it was drawn here.
        at: where it stands in the part's text.
    """

    name: str
    alt: str | None = ""
    caption: str = ""
    type: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    shows_people: bool = False
    people: tuple[str, ...] = ()
    unagreed: tuple[str, ...] = ()
    faint: tuple[Faint, ...] = ()
    at: int = 0


@dataclass(frozen=True)
class Link:
    """An address in a part; ``at`` is where it stands in the text, ``words`` are what it is called there."""

    url: str
    at: int = 0
    words: str = ""


@dataclass(frozen=True)
class Count:
    """How long something of a part is: ``what`` in words, its length, and the most that is taken."""

    what: str
    length: int
    limit: int
    unit: str = ""


@dataclass(frozen=True)
class Piece:
    """One part of a thread, or the body of a file.

    Attributes:
        text: as readers see it; in files what is no prose (code, markup) is blank, so that places stay true.
        links: the addresses in it.
        counts: against the platform's limits.
        line: of its first character, in a file; 0: none.
    """

    text: str
    pictures: tuple[Picture, ...] = ()
    links: tuple[Link, ...] = ()
    counts: tuple[Count, ...] = ()
    line: int = 0

    @cached_property
    def prose(self) -> str:
        """The text with addresses, handles, hashtags and e-mails blanked; every character keeps its place."""
        return _NOT_PROSE.sub(lambda match: " " * len(match[0]), self.text)


_NOT_PROSE = re.compile(
    rf"{ADDRESS.pattern}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@\[[^\]\n]*\]|@[\w.-]+(?:@[\w.-]+)?|(?<![\w&/])#\w+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LinkFacts:
    """What an address answered last: an HTTP status, 0 for no answer; ``words`` say more."""

    status: int
    words: str = ""

    @property
    def is_dead(self) -> bool:
        """Nobody answers, or the page is not there. 401, 403 and 429 mean only that programs are not served."""
        return self.status == 0 or self.status in (404, 410) or self.status >= 500


@dataclass(frozen=True)
class Other:
    """Another post of the same channel: its title, text, when (UTC), and the way to it."""

    title: str
    text: str
    at: dt.datetime
    url: str = ""


@dataclass(frozen=True)
class Subject:
    """One text on one channel, or one file.

    Attributes:
        source: ``post`` or ``file``.
        channel: its name; ``platform`` is the connector's key. Empty: the base text, a file.
        due_at: when it is to appear (UTC); ``zone`` is where its times of day count.
        now: the moment of the check.
        language: BCP 47; ``""``: nobody said.
        alt_limit: characters of a description that the platform takes; 0: no limit.
        apart_minutes: between two posts, as the channel's plan says.
        waits_for_link: it leaves once its link answers.
        link_facts: what addresses answered, as far as somebody asked.
        unknown: who is mentioned as ``@[alias]`` and nobody knows.
        nameless: who is known, but has no handle on this platform: the name stands there.
        fields: what a rule may require, by name: filled or not.
        lines: of each field, in a file.
        others: of the channel, around its time; ``due_at`` of each is known.
    """

    parts: tuple[Piece, ...]
    source: str = "post"
    channel: str = ""
    platform: str = ""
    title: str = ""
    language: str = ""
    link: str = ""
    kind: str = ""
    tags: frozenset[str] = frozenset()
    author: str = ""
    campaign: str = ""
    sponsor: str = ""
    due_at: dt.datetime | None = None
    zone: str = "UTC"
    now: dt.datetime = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    embargo_until: dt.datetime | None = None
    waits_for_link: bool = False
    alt_limit: int = 0
    apart_minutes: int = 0
    link_facts: Mapping[str, LinkFacts] = field(default_factory=dict)
    others: tuple[Other, ...] = ()
    unknown: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    fields: Mapping[str, bool] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All parts, an empty line between them."""
        return "\n\n".join(piece.text for piece in self.parts)

    @property
    def moment(self) -> dt.datetime:
        """When it appears, as far as that is known."""
        return self.due_at or self.now

    @property
    def base_language(self) -> str:
        """``es`` of ``es-MX``."""
        return re.split("[-_]", self.language)[0].lower()

    def links(self) -> list[tuple[int, Link]]:
        """Every address, with the number of its part (0: the post's own link)."""
        found = [(0, Link(self.link))] if self.link else []
        for number, piece in enumerate(self.parts, 1):
            found += [(number, each) for each in piece.links]
        return found


def links_in(text: str) -> tuple[Link, ...]:
    """The addresses that stand in a plain text."""
    return tuple(Link(match[0], match.start()) for match in ADDRESS.finditer(text))


Params = Mapping[str, Any]
