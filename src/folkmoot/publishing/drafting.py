"""A post while somebody writes it: what the composer's form says, changed by its buttons, not yet saved.

Every field of the form bears the key of the text that it belongs to: ``base``, or a channel's number. So one form holds
the texts of all channels, works without a script, and each button is one small change of plain data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from folkmoot.connectors.base import Setting
from folkmoot.connectors.posts import PostConnector
from folkmoot.kernel.saving import block, line
from folkmoot.outbox.public import Channel
from folkmoot.publishing import options
from folkmoot.publishing.content import Shown, Source, SourcePart, connector_of
from folkmoot.publishing.models import Media, Post, Variant

BASE = "base"
#: What a form may hold at most; more is left out.
MOST_PARTS, MOST_PICTURES, MOST_TEXT = 100, 20, 100_000


@dataclass(frozen=True)
class PictureDraft:
    """A picture of a part; ``alt``: in this part's language, empty: the picture's own."""

    media: int
    alt: str = ""


@dataclass(frozen=True)
class PartDraft:
    """One part of a text."""

    text: str = ""
    pictures: tuple[PictureDraft, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was written and no picture was chosen."""
        return not self.text.strip() and not self.pictures


@dataclass(frozen=True)
class TextDraft:
    """The base text, or a channel's.

    Attributes:
        is_own: it does not follow the base. What a channel had of its own stays in the form while it follows.
        date, time, zone: another time than the post's, as typed; empty: the post's.
    """

    key: str
    is_own: bool = False
    parts: tuple[PartDraft, ...] = (PartDraft(),)
    title: str = ""
    language: str = ""
    link: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    date: str = ""
    time: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Draft:
    """All texts of a post, and the channels that get it."""

    texts: Mapping[str, TextDraft]
    channels: tuple[int, ...] = ()

    @property
    def base(self) -> TextDraft:
        """The text that channels follow."""
        return self.texts[BASE]

    def text_of(self, key: str) -> TextDraft:
        """A text; a channel that has none yet follows the base."""
        return self.texts.get(key) or TextDraft(key)

    def shown(self, key: str) -> TextDraft:
        """A channel's text as it goes out: its own, or the base's."""
        mine = self.text_of(key)
        if mine.is_own or key == BASE:
            return mine
        return replace(mine, parts=self.base.parts, title=self.base.title)

    def with_text(self, text: TextDraft) -> Draft:
        """With one text put in its place."""
        return replace(self, texts={**self.texts, text.key: text})

    @property
    def media(self) -> set[int]:
        """Every picture that is named."""
        return {one.media for text in self.texts.values() for part in text.parts for one in part.pictures}

    @property
    def is_empty(self) -> bool:
        """Nothing was written at all."""
        return all(part.is_empty for text in self.texts.values() for part in text.parts)


# --------------------------------------------------------------- from a form


def typed(data: QueryDict, channels: Sequence[Channel]) -> Draft:
    """What the form says.

    Args:
        channels: those that the form offers.
    """
    texts = {BASE: _text(data, BASE, None)}
    for channel in channels:
        texts[str(channel.pk)] = _text(data, str(channel.pk), connector_of(channel))
    wanted = set(data.getlist("channels"))
    return Draft(texts, tuple(channel.pk for channel in channels if str(channel.pk) in wanted))


def _text(data: QueryDict, key: str, connector: PostConnector | None) -> TextDraft:
    written = data.getlist(f"text-{key}")[:MOST_PARTS]
    parts = tuple(
        PartDraft(block(text[:MOST_TEXT]), _pictures(data, key, number))
        for number, text in enumerate(written, 1)
    )
    return TextDraft(
        key=key,
        is_own=data.get(f"own-{key}") == "1",
        parts=parts or (PartDraft(),),
        title=line(data.get(f"title-{key}", ""))[:300],
        language=line(data.get(f"language-{key}", ""))[:12],
        link=line(data.get(f"link-{key}", ""))[:500],
        options=_options(data, key, connector.options) if connector else {},
        date=line(data.get(f"date-{key}", ""))[:10],
        time=line(data.get(f"time-{key}", ""))[:8],
        zone=line(data.get(f"zone-{key}", ""))[:64],
    )


def _pictures(data: QueryDict, key: str, part: int) -> tuple[PictureDraft, ...]:
    found: dict[int, PictureDraft] = {}
    for word in data.getlist(f"pictures-{key}-{part}")[:MOST_PICTURES]:
        if word.isascii() and word.isdigit() and len(word) < 19:
            found.setdefault(
                int(word), PictureDraft(int(word), block(data.get(f"alt-{key}-{part}-{word}", "")[:2000]))
            )
    return tuple(found.values())


def _options(data: QueryDict, key: str, declared: Iterable[Setting]) -> dict[str, Any]:
    """What is said for this platform only; what is empty is left to the channel's plan."""
    found: dict[str, Any] = {}
    for setting in declared:
        try:
            value = options.read(
                setting, line(data.get(f"option-{key}-{setting.name}", ""))[: options.LONGEST]
            )
        except ValidationError:  # what a browser's own field would not send
            continue
        if value is not None:
            found[setting.name] = value
    return found


# --------------------------------------------------------------- from a post


def draft_of(post: Post) -> Draft:
    """A saved post's texts; three queries."""
    variants = list(
        Variant.objects.filter(post=post).prefetch_related("parts__pictures").order_by("channel__name", "pk")
    )
    texts = {BASE: TextDraft(BASE)}
    for variant in variants:
        key = BASE if variant.channel_id is None else str(variant.channel_id)
        parts = tuple(
            PartDraft(part.text, tuple(PictureDraft(use.media_id, use.alt) for use in part.pictures.all()))
            for part in variant.parts.all()
        )
        day, _t, time = variant.wall_time.partition("T")
        texts[key] = TextDraft(
            key=key,
            is_own=key != BASE and not variant.follows_base,
            parts=parts or (PartDraft(),),
            title=variant.title,
            language=variant.language,
            link=variant.link,
            options=dict(variant.options),
            date=day,
            time=time,
            zone=variant.zone,
        )
    return Draft(texts, tuple(each.channel_id for each in variants if each.channel_id is not None))


# ------------------------------------------------------------- what buttons do


def add_part(draft: Draft, key: str) -> Draft:
    """One more part at the end of a text."""
    text = draft.text_of(key)
    if len(text.parts) >= MOST_PARTS:
        return draft
    return draft.with_text(replace(text, parts=(*text.parts, PartDraft())))


def remove_part(draft: Draft, key: str, number: int) -> Draft:
    """Without one part (from one); the last one stays."""
    text = draft.text_of(key)
    if len(text.parts) < 2 or not 1 <= number <= len(text.parts):
        return draft
    parts = (*text.parts[: number - 1], *text.parts[number:])
    return draft.with_text(replace(text, parts=parts))


def set_parts(draft: Draft, key: str, texts: Sequence[str]) -> Draft:
    """A text in other parts: the pictures stay with the first of them."""
    text = draft.text_of(key)
    pictures = tuple(one for part in text.parts for one in part.pictures)
    parts = [
        PartDraft(words, pictures if place == 0 else ()) for place, words in enumerate(texts[:MOST_PARTS])
    ]
    return draft.with_text(replace(text, parts=tuple(parts) or (PartDraft(),), is_own=key != BASE))


def make_own(draft: Draft, key: str) -> Draft:
    """A channel gets a text of its own: what it had before, else a copy of the base's."""
    text = draft.text_of(key)
    if all(part.is_empty for part in text.parts):
        text = replace(text, parts=draft.base.parts, title=text.title or draft.base.title)
    return draft.with_text(replace(text, is_own=True))


def follow_base(draft: Draft, key: str) -> Draft:
    """A channel follows the base again; its own text is kept in the form."""
    return draft.with_text(replace(draft.text_of(key), is_own=False))


def add_pictures(draft: Draft, key: str, number: int, media: Iterable[int]) -> Draft:
    """More pictures in a part (from one); none stands there twice."""
    text = draft.text_of(key)
    if not 1 <= number <= len(text.parts):
        return draft
    part = text.parts[number - 1]
    there = {one.media for one in part.pictures}
    more = [PictureDraft(pk) for pk in dict.fromkeys(media) if pk not in there]
    return _with_pictures(draft, text, number, (*part.pictures, *more)[:MOST_PICTURES])


def remove_picture(draft: Draft, key: str, number: int, media: int) -> Draft:
    """A part without one of its pictures."""
    text = draft.text_of(key)
    if not 1 <= number <= len(text.parts):
        return draft
    pictures = text.parts[number - 1].pictures
    return _with_pictures(draft, text, number, tuple(one for one in pictures if one.media != media))


def _with_pictures(draft: Draft, text: TextDraft, number: int, pictures: tuple[PictureDraft, ...]) -> Draft:
    parts = list(text.parts)
    parts[number - 1] = replace(parts[number - 1], pictures=pictures)
    return draft.with_text(replace(text, parts=tuple(parts)))


# ---------------------------------------------------------------- for previews


def sources_of(
    draft: Draft,
    post: Post,
    channels: Sequence[Channel],
    media: Mapping[int, Media],
    *,
    with_base: bool = False,
) -> list[Source]:
    """What would be saved, for rendering: a source for each channel that gets it; no query.

    Args:
        post: with the language and link that the form says.
        media: the pictures that are named, by number.
        with_base: the base first, as a source of its own.
    """
    found = []
    base = draft.base
    chosen: list[Channel | None] = [channel for channel in channels if channel.pk in draft.channels]
    for channel in [None, *chosen] if with_base else chosen:
        text = draft.shown(BASE if channel is None else str(channel.pk))
        parts = tuple(
            SourcePart(
                part.text,
                tuple(
                    Shown(media[one.media], one.alt or media[one.media].alt)
                    for one in part.pictures
                    if one.media in media
                ),
            )
            for part in text.parts
        )
        found.append(
            Source(
                variant=Variant(
                    post=post,
                    channel=channel,
                    follows_base=channel is not None and not text.is_own,
                    options=dict(text.options),
                ),
                title=text.title,
                language=text.language or base.language or post.language,
                link=text.link or base.link or post.link,
                parts=parts,
                options=dict(text.options),
            )
        )
    return found


def first_words(draft: Draft, most: int = 80) -> str:
    """A title for lists from the first line that was written; ``""``: nothing was."""
    for text in (draft.base, *draft.texts.values()):
        for part in text.parts:
            words = line(part.text.strip().split("\n")[0])
            if words:
                return words if len(words) <= most else words[: most - 1].rsplit(" ", 1)[0] + "…"
    return ""
