"""A post as a table holds it: what a file says and what is exported is the same, so that it can be compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, Prefetch

from folkmoot.publishing.models import Part, PartMedia, Post, Variant

#: Columns of our own layout, in their order.
COLUMNS = (
    *("post", "channel", "title", "text", "link", "date", "time", "zone"),
    *("campaign", "tags", "language", "owner", "pictures", "alt", "state"),
)
#: Between the parts of a thread, on a line of its own.
CUT = "---"
#: What a spreadsheet would run as a formula, with the marks that keep it from that.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_MARKED = re.compile(r"'+[=+\-@\t\r]")
_CUT_LINE = re.compile(r"^(\\*)---[ \t]*$", re.MULTILINE)


@dataclass
class Text:
    """What the base or a channel says: parts of a thread, and for each its pictures (name or address, description)."""

    parts: list[str] = field(default_factory=list)
    pictures: list[list[list[str]]] = field(default_factory=list)


@dataclass
class Entry:
    """A post with what each channel gets.

    Attributes:
        key: the same post has the same one in every file.
        when: wall time (``2026-11-20T09:00``) in ``zone``; both empty: no time yet.
        channels: by name; ``None``: what the base says.
        own: channels with a time of their own (wall time, zone).
    """

    key: str
    title: str = ""
    link: str = ""
    when: str = ""
    zone: str = ""
    campaign: str = ""
    tags: list[str] = field(default_factory=list)
    language: str = ""
    owner: str = ""
    base: Text = field(default_factory=Text)
    channels: dict[str, Text | None] = field(default_factory=dict)
    own: dict[str, list[str]] = field(default_factory=dict)
    state: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is staged."""
        return asdict(self)

    @classmethod
    def of(cls, value: dict[str, Any]) -> Self:
        """As it was staged."""
        texts = {name: Text(**text) if text else None for name, text in value["channels"].items()}
        return cls(**{**value, "base": Text(**value["base"]), "channels": texts})

    def differences(self, other: Self) -> list[str]:
        """The columns in which this says something, and another something else; the state is told and never taken."""
        found = [
            name
            for name in ("title", "link", "campaign", "language", "owner")
            if getattr(self, name) and getattr(self, name).casefold() != getattr(other, name).casefold()
        ]
        if self.when and (self.when, self.zone) != (other.when, other.zone):
            found.append("date")
        if self.tags and sorted(map(str.casefold, self.tags)) != sorted(map(str.casefold, other.tags)):
            found.append("tags")
        if self.channels and set(self.channels) != set(other.channels):
            found.append("channel")
        elif self.own != other.own:
            found.append("time")
        if self.base != other.base or any(
            self.channels[name] != other.channels.get(name) for name in self.channels
        ):
            found.append("text")
        return found


def key_of(post: Post) -> str:
    """What files call a post: as the file did that it came from, else by this installation and its number."""
    return post.import_key or f"{_here()}#{post.pk}"


def number_of(key: str) -> int | None:
    """The number of the post of this installation that a key names."""
    here, _hash, number = key.rpartition("#")
    return (
        int(number)
        if here == _here() and number.isascii() and number.isdigit() and len(number) < 19
        else None
    )


def _here() -> str:
    return urlsplit(settings.BASE_URL).netloc or "folkmoot"


def entries_of(posts: Sequence[Post]) -> list[Entry]:
    """Posts as a table holds them, in their order; six queries."""
    pictures = Prefetch("pictures", PartMedia.objects.select_related("media"), to_attr="shown")
    parts = Prefetch("parts", Part.objects.prefetch_related(pictures).order_by("position"), to_attr="said")
    variants: dict[int, list[Any]] = defaultdict(list)
    rows = Variant.objects.filter(post__in=posts).select_related("channel").prefetch_related(parts)
    for variant in rows.order_by(F("channel__name").asc(nulls_first=True), "pk"):
        variants[variant.post_id].append(variant)
    tags: dict[int, list[str]] = defaultdict(list)
    links = Post.tags.through._default_manager.filter(post__in=posts).order_by("tag__folded")
    for pk, name in links.values_list("post_id", "tag__name"):
        tags[pk].append(name)
    around = {
        pk: (campaign or "", owner or "")
        for pk, campaign, owner in Post.objects.filter(pk__in=[post.pk for post in posts]).values_list(
            "pk", "campaign__name", "owner__email"
        )
    }
    found = []
    for post in posts:
        entry = Entry(
            key_of(post),
            post.title,
            post.link,
            post.wall_time[:16],
            post.zone,
            around[post.pk][0],
            tags[post.pk],
            post.language,
            around[post.pk][1],
            state=post.state,
        )
        for variant in variants[post.pk]:
            text = Text(
                [part.text for part in variant.said],
                [
                    [
                        [f"sha256:{use.media.sha256}", _one_line(use.alt or use.media.alt)]
                        for use in part.shown
                    ]
                    for part in variant.said
                ],
            )
            if variant.channel is None:
                entry.base = text
                continue
            is_own = not variant.follows_base and text != entry.base
            entry.channels[variant.channel.name] = text if is_own else None
            if variant.wall_time:
                entry.own[variant.channel.name] = [variant.wall_time[:16], variant.zone]
        found.append(entry)
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------- cells


def shielded(text: str) -> str:
    """A cell that no spreadsheet runs; :func:`bare` gives the text back."""
    return f"'{text}" if _FORMULA.match(text) else text


def bare(cell: str) -> str:
    """The text of a cell that :func:`shielded` wrote."""
    return cell[1:] if _MARKED.match(cell) else cell


def joined(parts: Iterable[str]) -> str:
    """The parts of a thread as one cell."""
    return f"\n{CUT}\n".join(_CUT_LINE.sub(r"\1\\---", part) for part in parts)


def cut(cell: str) -> list[str]:
    """The parts of a thread from one cell."""
    found: list[list[str]] = [[]]
    for line in cell.replace("\r\n", "\n").split("\n"):
        if line.rstrip(" \t") == CUT:
            found.append([])
        elif match := _CUT_LINE.fullmatch(line):
            found[-1].append(line[1:] if match[1] else line)
        else:
            found[-1].append(line)
    return ["\n".join(lines) for lines in found]
