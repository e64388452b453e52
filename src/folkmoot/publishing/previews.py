"""What readers of each platform will see: text with its links, pictures as they are cropped, the page's card, the cut.

Plain data from :class:`~folkmoot.connectors.posts.Content`; what a platform counts and marks is its connector's. What
stands here is only how the platforms lay it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.connectors.counting import cut
from folkmoot.connectors.posts import Ability, Content, Limits, Media, PostConnector, Segment
from folkmoot.outbox.public import Channel
from folkmoot.publishing.content import host_of
from folkmoot.publishing.queries.book import system_of


@dataclass(frozen=True)
class Look:
    """How a platform lays a post out.

    Attributes:
        shown: graphemes before its readers have to ask for more; 0: all of it.
        tallest, widest: a single picture is shown between these (width by height).
        focus: it keeps the point visible that must stay so; the others crop around the middle.
        address_first: the account's address stands beside its name.
        counts: what stands below a post, as icons.
    """

    shown: int = 0
    tallest: float = 0.75
    widest: float = 3.0
    focus: bool = False
    at: str = "@"
    counts: tuple[str, ...] = ("chat", "arrow-repeat", "heart")


_PLAIN = Look(at="", counts=())
#: By system. LinkedIn folds a text after its third line, about 210 characters; a Mastodon server folds what is long
#: by height, not by length; the others show everything.
LOOKS: Mapping[str, Look] = {
    "mastodon": Look(focus=True, counts=("reply", "arrow-repeat", "star", "bookmark")),
    "bluesky": Look(tallest=0.5, counts=("chat", "arrow-repeat", "heart", "three-dots")),
    "linkedin": Look(shown=210, at="", counts=("hand-thumbs-up", "chat-text", "arrow-repeat", "send")),
    "x": Look(shown=280, counts=("chat", "arrow-repeat", "heart", "bar-chart")),
}


@dataclass(frozen=True)
class Crop:
    """A picture and the part of it that is shown; all in its own pixels.

    ``x``, ``y``, ``width``, ``height`` are the visible part, ``full_width`` and ``full_height`` the whole picture.
    """

    url: str
    alt: str
    x: int
    y: int
    width: int
    height: int
    full_width: int
    full_height: int

    @property
    def box(self) -> str:
        """For the ``viewBox`` of an SVG picture."""
        return f"{self.x} {self.y} {self.width} {self.height}"

    @property
    def is_cropped(self) -> bool:
        """Some of it is not seen."""
        return (self.width, self.height) != (self.full_width, self.full_height)


def crop(picture: Media, ratio: float, *, focus: tuple[float, float] = (0.0, 0.0), url: str = "") -> Crop:
    """The part of a picture that a frame of this ratio (width by height) shows.

    The focus moves the frame as far towards its side as it says: -1 to 1, to the right and upwards (as Mastodon does).
    """
    full_width, full_height = max(picture.width, 1), max(picture.height, 1)
    width, height = full_width, full_height
    if full_width > full_height * ratio:
        width = max(1, round(full_height * ratio))
    else:
        height = max(1, round(full_width / ratio))
    height = min(height, full_height)
    across, down = (focus[0] + 1) / 2, (1 - focus[1]) / 2
    x, y = round((full_width - width) * across), round((full_height - height) * down)
    return Crop(url, picture.alt, x, y, width, height, full_width, full_height)


def ratios(pictures: Sequence[Media], look: Look) -> list[float]:
    """The frame of each picture: one keeps its own shape, within bounds; two to four share one of 16 by 9."""
    if len(pictures) == 1:
        own = max(pictures[0].width, 1) / max(pictures[0].height, 1)
        return [min(max(own, look.tallest), look.widest)]
    half, quarter = 8 / 9, 16 / 9
    if len(pictures) == 2:
        return [half, half]
    if len(pictures) == 3:
        return [half, quarter, quarter]
    return [quarter] * len(pictures)


@dataclass(frozen=True)
class Count:
    """One counter: how long something is, and how long it may be."""

    label: str
    length: int
    limit: int
    unit: str

    @property
    def left(self) -> int:
        """What may be added; negative: too long by so much."""
        return self.limit - self.length

    @property
    def over(self) -> int:
        """Too long by so much."""
        return max(0, -self.left)

    @property
    def is_near(self) -> bool:
        """It fits, and nine tenths are used."""
        return 0 <= self.left < self.limit / 10


@dataclass(frozen=True)
class CardShown:
    """The page below a post."""

    url: str
    host: str
    title: str
    description: str = ""
    image: Crop | None = None


@dataclass(frozen=True)
class PartShown:
    """One part of a thread, as its readers see it."""

    number: int
    title: str
    warning: str
    shown: list[Segment]
    rest: list[Segment]
    pictures: list[Crop]
    card: CardShown | None
    counts: list[Count]
    language: str = ""
    #: What the platform would refuse, in words.
    problems: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Something of it is too long."""
        return any(count.over for count in self.counts)


@dataclass(frozen=True)
class Preview:
    """A post as one channel shows it."""

    channel: Channel
    platform: PostConnector | None
    parts: list[PartShown]
    look: Look = _PLAIN

    @property
    def key(self) -> str:
        """The platform's system, for the page's look."""
        return system_of(self.channel.kind)

    @property
    def icon(self) -> str:
        """The platform's icon."""
        return self.platform.icon if self.platform else "megaphone"

    @property
    def label(self) -> str:
        """The platform's name."""
        return str(self.platform.label) if self.platform else self.channel.kind

    @property
    def handle(self) -> str:
        """The account's address there, as the platform writes it."""
        account = account_of(self.channel)
        return f"{self.look.at}{account}" if account else ""

    @property
    def problems(self) -> list[str]:
        """What the platform would refuse, of all parts; in a thread each says which part it is."""
        if len(self.parts) == 1:
            return self.parts[0].problems
        return [
            _("Part %(n)s: %(problem)s") % {"n": part.number, "problem": problem}
            for part in self.parts
            for problem in part.problems
        ]

    @property
    def takes_alt(self) -> bool:
        """Descriptions of pictures reach its readers."""
        return self.platform is not None and Ability.ALT in self.platform.abilities


def account_of(channel: Channel) -> str:
    """What a channel's account is called there: as its server said, else as its settings say; ``""``: nobody knows."""
    for known in (channel.facts, channel.settings):
        for name in (
            "acct",
            "account",
            "handle",
            "username",
            "screen_name",
            "author_name",
            "channel",
            "identifier",
        ):
            value = known.get(name)
            if isinstance(value, str) and value:
                return value.removeprefix("@")
    return ""


def picture_url(picture: Media) -> str:
    """Where somebody who is signed in sees a picture of a post."""
    return reverse("publishing:picture_file", args=[picture.sha256 or "none"])


def preview_of(
    channel: Channel,
    platform: PostConnector | None,
    contents: Sequence[Content],
    *,
    url_of: Callable[[Media], str] = picture_url,
) -> Preview:
    """A post's parts as a channel shows them; no query.

    Args:
        url_of: where the pictures' files are seen, for readers who are not signed in.
    """
    look = LOOKS.get(system_of(channel.kind), _PLAIN)
    access = channel.access
    parts = []
    for content in contents:
        segments = platform.segments(content) if platform else [Segment(content.text)]
        shown, rest = folded(segments, look.shown)
        parts.append(
            PartShown(
                number=content.part,
                title=content.title,
                warning=str(content.options.get("warning", "")),
                shown=shown,
                rest=rest,
                pictures=list(_pictures(content.media, look, url_of)),
                card=_card(content, platform, url_of),
                counts=counts_of(content, platform, platform.limits_of(access)) if platform else [],
                language=content.language,
                problems=platform.problems(content.as_payload(), access) if platform else [],
            )
        )
    return Preview(channel, platform, parts, look)


def counts_of(content: Content, platform: PostConnector, limits: Limits) -> list[Count]:
    """Every counter of a part, as the platform counts."""
    labels = {"text": _("Text"), "title": _("Title"), "bytes": _("Size")}
    return [
        Count(labels.get(each.what, each.what), each.length, each.limit, str(each.unit.label))
        for each in platform.measures(content, limits)
    ]


def folded(segments: Sequence[Segment], most: int) -> tuple[list[Segment], list[Segment]]:
    """What is shown at once, and what only after asking for more; ``most`` in graphemes, 0: all at once."""
    if not most or len(cut("".join(each.text for each in segments), most)) == sum(
        len(e.text) for e in segments
    ):
        return list(segments), []
    room = len(cut("".join(each.text for each in segments), most))
    shown: list[Segment] = []
    rest: list[Segment] = []
    for each in segments:
        if room <= 0:
            rest.append(each)
        elif len(each.text) <= room:
            shown.append(each)
            room -= len(each.text)
        elif each.kind == "text":
            shown.append(replace(each, text=each.text[:room].rstrip()))
            rest.append(replace(each, text=each.text[room:].lstrip()))
            room = 0
        else:  # a link is not torn
            rest.append(each)
            room = 0
    return shown, rest


def _pictures(pictures: Sequence[Media], look: Look, url_of: Callable[[Media], str]) -> Iterator[Crop]:
    for picture, ratio in zip(pictures, ratios(pictures, look), strict=True):
        focus = picture.focus if look.focus else (0.0, 0.0)
        yield crop(picture, ratio, focus=focus, url=url_of(picture))


def _card(
    content: Content, platform: PostConnector | None, url_of: Callable[[Media], str]
) -> CardShown | None:
    """The page below a post: what is known of it, where the platform shows cards and no picture takes its place."""
    if content.media or platform is None or Ability.LINK_CARD not in platform.abilities:
        return None
    card = content.card
    url = card.url if card else content.link
    if not url:
        url = next((each.url for each in platform.segments(content) if each.kind == "link" and each.url), "")
    if not url:
        return None
    host = host_of(url).removeprefix("www.")
    if card is None:
        return CardShown(url, host, host)
    image = card.image
    shown = crop(image, 1.91, url=url_of(image)) if image else None
    return CardShown(url, host, card.title or host, card.description, shown)
