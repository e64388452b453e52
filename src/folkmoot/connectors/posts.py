"""Posts: what the payloads of all platforms look like, and what a connector of a platform says of itself.

A payload of the medium ``post`` is JSON of one shape (:class:`Content`), made when a post is planned: mentions are
written as this platform writes them, pictures are named by where their file is. What the platform does with it is the
connector's: how it counts (:meth:`PostConnector.measures`), what it shows (:meth:`PostConnector.segments`), what it
takes (:class:`Limits`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import Access, Connector, Payload, Renewed, Setting

MEDIUM = "post"


class Ability(Enum):
    """What a platform lets us do."""

    THREAD = "thread"
    TITLE = "title"
    IMAGES = "images"
    ALT = "alt"
    LANGUAGE = "language"
    LINK_CARD = "link_card"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    FIGURES = "figures"
    FOLLOWERS = "followers"
    READ_BACK = "read_back"
    LIMITS = "limits"


class Unit(Enum):
    """What a platform counts a text in."""

    GRAPHEMES = "graphemes"
    WEIGHTED = "weighted"
    CODE_POINTS = "code points"
    BYTES = "bytes"

    @property
    def label(self) -> Any:
        """In words."""
        return _UNITS[self]


_UNITS = {
    Unit.GRAPHEMES: _("characters"),
    Unit.WEIGHTED: _("weighted characters"),
    Unit.CODE_POINTS: _("characters"),
    Unit.BYTES: _("bytes"),
}


@dataclass(frozen=True)
class Media:
    """A picture of a post.

    Attributes:
        file: its name in the storage, already of the platform's size.
        alt: what it shows, in words.
        focus: what must stay visible when it is cropped: from -1 to 1, to the right and upwards.
        size: of the file, in bytes.
    """

    file: str
    type: str
    alt: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    focus: tuple[float, float] = (0.0, 0.0)
    sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        """As a payload holds it."""
        return {**self.__dict__, "focus": list(self.focus)}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """From a payload."""
        x, y = (*value.get("focus", ()), 0.0, 0.0)[:2]
        return cls(**{**value, "focus": (float(x), float(y))})


@dataclass(frozen=True)
class Mention:
    """Somebody who is named: the characters of the text that name them, and who they are there.

    Attributes:
        text: as it stands in the text: ``@ada@example.social``, ``@ada.example.org``, ``Ada Lovelace``.
        handle: their name on the platform, without a leading ``@``.
        id: what the platform calls them (``did:…``, ``urn:li:person:…``, ``U123``), where that is known.
    """

    text: str
    handle: str = ""
    id: str = ""


@dataclass(frozen=True)
class Card:
    """A page that a post shows beneath it."""

    url: str
    title: str = ""
    description: str = ""
    image: Media | None = None


@dataclass(frozen=True)
class Content:
    """One part of a post, as one channel gets it.

    Attributes:
        text: with mentions and addresses written out; hashtags with their ``#``.
        title: where the platform has one.
        language: BCP 47 (``en``, ``es``); ``""``: not said.
        link: the page it is about, when it does not stand in the text.
        media: in their order.
        marker: unguessable, the same for every try: may be put where no reader sees it.
        part: of a thread, from one.
        options: what only this platform knows (``visibility``, ``warning``, ``category``).
    """

    text: str
    title: str = ""
    language: str = ""
    link: str = ""
    media: tuple[Media, ...] = ()
    mentions: tuple[Mention, ...] = ()
    card: Card | None = None
    marker: str = ""
    part: int = 1
    parts: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    def as_payload(self) -> dict[str, Any]:
        """As JSON; what is empty is left out."""
        card = self.card
        found: dict[str, Any] = {
            "text": self.text,
            "title": self.title,
            "language": self.language,
            "link": self.link,
            "media": [each.as_json() for each in self.media],
            "mentions": [dict(each.__dict__) for each in self.mentions],
            "card": card and {**card.__dict__, "image": card.image and card.image.as_json()},
            "marker": self.marker,
            "part": self.part,
            "parts": self.parts,
            "options": dict(self.options),
        }
        return {name: value for name, value in found.items() if value or name == "text"}

    @classmethod
    def of(cls, payload: Payload) -> Self:
        """From a payload.

        Raises:
            KeyError, TypeError: it is none of a post.
        """
        card = payload.get("card")
        image = card and card.get("image")
        return cls(
            text=str(payload["text"]),
            title=str(payload.get("title", "")),
            language=str(payload.get("language", "")),
            link=str(payload.get("link", "")),
            media=tuple(Media.of(each) for each in payload.get("media", ())),
            mentions=tuple(Mention(**each) for each in payload.get("mentions", ())),
            card=Card(**{**card, "image": image and Media.of(image)}) if card else None,
            marker=str(payload.get("marker", "")),
            part=int(payload.get("part", 1)),
            parts=int(payload.get("parts", 1)),
            options=payload.get("options", {}),
        )


@dataclass(frozen=True)
class Limits:
    """What a platform takes; zero: no limit that is known.

    Attributes:
        text: at most, in ``unit``.
        bytes: of the text in UTF-8.
        url: what every address counts as; 0: as long as it is.
        title: code points.
        images: for each part.
        image_bytes: of one picture.
        image_pixels: width times height.
        image_side: the longer side, in pixels.
        alt: code points of a description.
        types: what pictures may be.
        parts: of a thread; 1: no threads.
        least: code points that a text must have.
    """

    text: int = 0
    unit: Unit = Unit.CODE_POINTS
    bytes: int = 0
    url: int = 0
    title: int = 0
    least_title: int = 0
    least: int = 0
    images: int = 0
    image_bytes: int = 0
    image_pixels: int = 0
    image_side: int = 0
    alt: int = 0
    types: tuple[str, ...] = ("image/jpeg", "image/png")
    parts: int = 100


@dataclass(frozen=True)
class Measure:
    """One count of a text against its limit: ``what`` is ``text``, ``bytes`` or ``title``."""

    what: str
    length: int
    limit: int
    unit: Unit = Unit.CODE_POINTS

    @property
    def left(self) -> int:
        """How much may be added; negative: it is too long by so much."""
        return self.limit - self.length

    @property
    def is_over(self) -> bool:
        """It is too long."""
        return bool(self.limit) and self.length > self.limit


@dataclass(frozen=True)
class Segment:
    """A piece of a text as the platform shows it; ``kind``: ``text``, ``link``, ``mention``, ``tag`` or ``strong``."""

    text: str
    kind: str = "text"
    url: str = ""


@dataclass(frozen=True)
class Scope:
    """A right that the platform has to give, and what for."""

    name: str
    why: Any


class SignIn:
    """Connecting a channel by going to the platform and coming back (OAuth).

    ``start`` may ask the platform (to register this installation), and returns what ``finish`` has to know again.
    """

    #: What has to be known before one can go there: an address, the app's own id and secret.
    needs: ClassVar[Sequence[str]] = ()

    def start(self, access: Access, *, back: str, state: str) -> tuple[str, Mapping[str, Any]]:
        """The address to go to, and what to keep until the answer comes (kept encrypted).

        Raises:
            HttpProblem: nobody answers.
            MustConnect: the platform refuses; in words.
        """
        raise NotImplementedError

    def finish(self, access: Access, *, code: str, back: str, kept: Mapping[str, Any]) -> Renewed:
        """The access, from the code that the platform sent along.

        Raises:
            HttpProblem, MustConnect: as above.
        """
        raise NotImplementedError


#: An address in a text. Its end is the writer's: punctuation behind it does not belong to it.
ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}…]", re.IGNORECASE)
TAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d]\w*)")


class PostConnector(Connector):
    """A platform that posts go to."""

    medium = MEDIUM
    abilities: ClassVar[frozenset[Ability]] = frozenset()
    #: What a variant may set for this platform only (``visibility``); as settings of a channel are declared.
    options: ClassVar[Sequence[Setting]] = ()
    #: What the platform takes when its server was not asked.
    limits: ClassVar[Limits] = Limits()
    #: Rights to be given, for the page that connects a channel.
    scopes: ClassVar[Sequence[Scope]] = ()
    #: How one connects by going there; ``None``: the settings say it all.
    sign_in: ClassVar[SignIn | None] = None
    #: Icon of Bootstrap Icons.
    icon: ClassVar[str] = "megaphone"
    #: What it was proven against, for the docs: ``server`` (a real one), ``documentation`` (our own stand-in).
    proof: ClassVar[str] = "documentation"

    def limits_of(self, access: Access | None) -> Limits:
        """What this channel takes: what its server said, else what is usual."""
        return self.limits

    def needs_title(self, access: Access | None) -> bool:
        """Whether the first part of a post has to have a title."""
        return Ability.TITLE in self.abilities

    def length(self, text: str, limits: Limits) -> int:
        """How long a text is, in the limits' unit."""
        return len(text)

    def measures(self, content: Content, limits: Limits) -> list[Measure]:
        """Every count of this part that has a limit."""
        found = []
        if limits.text:
            found.append(Measure("text", self.length(content.text, limits), limits.text, limits.unit))
        if limits.bytes:
            found.append(Measure("bytes", len(content.text.encode()), limits.bytes, Unit.BYTES))
        if limits.title and content.title:
            found.append(Measure("title", len(content.title), limits.title))
        return found

    def segments(self, content: Content) -> list[Segment]:
        """The text as its readers see it: mentions, addresses and hashtags told apart."""
        return pieces(content)

    def written(self, mention: Mention) -> str:
        """How the platform writes a mention in a text."""
        return f"@{mention.handle}" if mention.handle else mention.text

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        """What the platform would refuse: too long, too many pictures, no title."""
        content, limits = Content.of(payload), self.limits_of(access)
        found = [
            _now("%(what)s is too long by %(by)s %(unit)s (%(length)s of %(limit)s).")
            % {
                "what": _now("The title") if each.what == "title" else _now("The text"),
                "by": -each.left,
                "unit": each.unit.label,
                "length": each.length,
                "limit": each.limit,
            }
            for each in self.measures(content, limits)
            if each.is_over
        ]
        if not content.text.strip() and not content.media:
            found.append(_now("There is no text."))
        elif limits.least and len(content.text.strip()) < limits.least:
            found.append(_now("The text is shorter than %(n)s characters.") % {"n": limits.least})
        needs_title = self.needs_title(access) and content.part == 1
        if needs_title and len(content.title.strip()) < max(1, limits.least_title):
            found.append(
                _now("The title is shorter than %(n)s characters.") % {"n": max(1, limits.least_title)}
            )
        if len(content.media) > limits.images:
            found.append(
                _now("Too many pictures: %(n)s, and at most %(most)s are taken.")
                % {"n": len(content.media), "most": limits.images}
            )
        if content.part > max(1, limits.parts):
            found.append(_now("Threads are not taken here: write one part."))
        for each in content.media:
            if limits.alt and len(each.alt) > limits.alt:
                found.append(
                    _now("A description of a picture is longer than %(n)s characters.") % {"n": limits.alt}
                )
            if limits.image_bytes and each.size > limits.image_bytes:
                found.append(
                    _now("A picture is larger than %(n)s bytes, which is the most that is taken.")
                    % {"n": limits.image_bytes}
                )
        return found


def pieces(content: Content) -> list[Segment]:
    """A text in mentions, addresses, hashtags, and what lies between; together they are the text."""
    marks = [(*match.span(), Segment(match[0], "link", match[0])) for match in ADDRESS.finditer(content.text)]
    for mention in content.mentions:
        start = content.text.find(mention.text) if mention.text else -1
        while start >= 0:
            marks.append((start, start + len(mention.text), Segment(mention.text, "mention")))
            start = content.text.find(mention.text, start + len(mention.text))
    marks += [(*match.span(), Segment(match[0], "tag")) for match in TAG.finditer(content.text)]
    found: list[Segment] = []
    at = 0
    for start, end, segment in sorted(marks, key=lambda each: each[:2]):
        if start < at:
            continue
        if start > at:
            found.append(Segment(content.text[at:start]))
        found.append(segment)
        at = end
    if at < len(content.text):
        found.append(Segment(content.text[at:]))
    return found
