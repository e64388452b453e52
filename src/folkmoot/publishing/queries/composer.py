"""What the composer shows of what is being written: editors with counters, previews, what does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.connectors.base import Setting
from folkmoot.connectors.counting import graphemes
from folkmoot.connectors.posts import MEDIUM, Ability, PostConnector
from folkmoot.outbox.public import Channel
from folkmoot.publishing import options
from folkmoot.publishing.content import connector_of, limits_of, whole_of
from folkmoot.publishing.drafting import BASE, Draft, TextDraft, sources_of
from folkmoot.publishing.models import ChannelPlan, Media, Post, Variant
from folkmoot.publishing.previews import Count, Preview, preview_of
from folkmoot.publishing.queries.media import thumbnails
from folkmoot.publishing.queries.post_lists import icon_of


@dataclass(frozen=True)
class Counter:
    """How long a part is on one channel."""

    name: str
    icon: str
    counts: list[Count]


@dataclass(frozen=True)
class PictureShown:
    """A picture of a part in the composer."""

    media: Media
    alt: str
    thumbnail: str


@dataclass(frozen=True)
class PartEditor:
    """The field for one part of a text."""

    number: int
    #: The field's id.
    anchor: str
    text: str
    pictures: list[PictureShown]
    counters: list[Counter]
    #: What somebody else saved here meanwhile; ``None``: nothing else.
    theirs: str | None = None


@dataclass(frozen=True)
class OptionField:
    """Something that only one platform knows."""

    setting: Setting
    value: Any

    #: What the channel's plan says, in words; empty: the platform decides.
    usual: str = ""

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """What can be chosen, "as usual" first; empty: it is typed."""
        words = _("as usual (%(value)s)") % {"value": self.usual} if self.usual else _("as usual")
        return options.choices_of(self.setting, words)

    @property
    def chosen(self) -> str:
        """As the form says it."""
        return options.as_typed(self.value)


@dataclass(frozen=True)
class Editor:
    """The fields of the base text, or of a channel's."""

    key: str
    text: TextDraft
    parts: list[PartEditor]
    channel: Channel | None = None
    icon: str = ""
    options: list[OptionField] = field(default_factory=list)
    has_title: bool = False
    has_threads: bool = True
    problems: list[str] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        """It has several parts."""
        return len(self.parts) > 1

    @property
    def hidden(self) -> list[PartEditor]:
        """Parts of its own that are kept in the form while it follows the base."""
        kept = any(not part.is_empty for part in self.text.parts)
        return self.parts if self.channel is not None and not self.text.is_own and kept else []


@dataclass(frozen=True)
class ChannelChoice:
    """A channel that may get the post."""

    channel: Channel
    icon: str
    is_chosen: bool


@dataclass(frozen=True)
class Problem:
    """Something that a platform would refuse, and the field where it is mended."""

    channel: str
    words: str
    anchor: str


@dataclass(frozen=True)
class Composing:
    """The composer's page."""

    base: Editor
    editors: list[Editor]
    choices: list[ChannelChoice]
    previews: list[Preview]
    problems: list[Problem]
    #: Of each channel that gets it: name and the zone of its plan.
    zones: list[tuple[str, str]]


def offered(post: Post | None) -> list[Channel]:
    """The channels that the composer offers: those in use, and those that the post has; one query, two with a post."""
    rows = Channel.objects.filter(medium=MEDIUM, archived_at=None)
    if post is not None and post.pk:
        used = Variant.objects.filter(post=post, channel__isnull=False).values_list("channel_id", flat=True)
        rows = Channel.objects.filter(medium=MEDIUM, archived_at=None) | Channel.objects.filter(
            pk__in=list(used)
        )
    return list(rows.order_by("name", "pk"))


def composing(
    draft: Draft, post: Post, channels: Sequence[Channel], *, theirs: Draft | None = None
) -> Composing:
    """The page for what is being written; a fixed number of queries.

    Args:
        post: with the language, link and campaign that the form says; need not be saved.
        channels: as :func:`offered`.
        theirs: what somebody else saved meanwhile.
    """
    media = Media.objects.in_bulk(draft.media)
    thumbs = thumbnails(media.values())
    sources = sources_of(draft, post, channels, media)
    (whole,) = whole_of([(post, sources)])
    previews = {
        source.variant.channel_id: preview_of(channel, connector_of(channel), contents)
        for source, contents in zip(sources, whole.contents, strict=True)
        if (channel := source.variant.channel) is not None
    }
    chosen = [channel for channel in channels if channel.pk in draft.channels]
    following = [channel for channel in chosen if not draft.text_of(str(channel.pk)).is_own]
    base = _editor(draft.base, None, [previews[each.pk] for each in following], media, thumbs, theirs)
    editors = [
        replace(
            _editor(draft.text_of(str(channel.pk)), channel, [previews[channel.pk]], media, thumbs, theirs),
            options=_options(draft.text_of(str(channel.pk)), channel, whole.plans.get(channel.pk)),
        )
        for channel in chosen
    ]
    return Composing(
        base=_with_title(base, following),
        editors=editors,
        choices=[ChannelChoice(each, icon_of(each), each in chosen) for each in channels],
        previews=[previews[channel.pk] for channel in chosen],
        problems=_problems(draft, [previews[channel.pk] for channel in chosen]),
        zones=[(channel.name, plan.zone) for channel in chosen if (plan := whole.plans.get(channel.pk))],
    )


def _options(text: TextDraft, channel: Channel, plan: ChannelPlan | None) -> list[OptionField]:
    connector = connector_of(channel)
    usual = plan.options if plan is not None else {}
    return [
        OptionField(each, text.options.get(each.name), options.in_words(each, usual.get(each.name)))
        for each in (connector.options if connector is not None else ())
    ]


def _with_title(editor: Editor, following: Sequence[Channel]) -> Editor:
    wants = any(_has_title(connector_of(channel)) for channel in following)
    return Editor(editor.key, editor.text, editor.parts, has_title=wants or bool(editor.text.title))


def _has_title(connector: PostConnector | None) -> bool:
    return connector is not None and Ability.TITLE in connector.abilities


def _editor(
    text: TextDraft,
    channel: Channel | None,
    previews: Sequence[Preview],
    media: Mapping[int, Media],
    thumbs: Mapping[int, str],
    theirs: Draft | None,
) -> Editor:
    saved = theirs.texts.get(text.key) if theirs is not None else None
    is_edited = channel is None or text.is_own
    parts = []
    for number, part in enumerate(text.parts, 1):
        other = saved.parts[number - 1].text if saved is not None and number <= len(saved.parts) else ""
        parts.append(
            PartEditor(
                number=number,
                anchor=f"text-{text.key}-{number}",
                text=part.text,
                pictures=[
                    PictureShown(media[one.media], one.alt, thumbs[one.media])
                    for one in part.pictures
                    if one.media in media
                ],
                counters=_counters(previews, number, part.text) if is_edited else [],
                theirs=other if saved is not None and other != part.text else None,
            )
        )
    connector = connector_of(channel)
    limits = limits_of(channel)
    return Editor(
        key=text.key,
        text=text,
        parts=parts,
        channel=channel,
        icon=icon_of(channel) if channel is not None else "",
        has_title=_has_title(connector),
        has_threads=connector is not None and limits.parts != 1 and Ability.THREAD in connector.abilities,
        problems=[words for preview in previews for words in preview.problems] if channel is not None else [],
    )


def _counters(previews: Sequence[Preview], number: int, text: str) -> list[Counter]:
    found = [
        Counter(preview.channel.name, preview.icon, preview.parts[number - 1].counts)
        for preview in previews
        if number <= len(preview.parts) and preview.parts[number - 1].counts
    ]
    if not found and not previews:
        return [Counter("", "", [Count(_("Text"), graphemes(text), 0, _("characters"))])]
    return found


def _problems(draft: Draft, previews: Sequence[Preview]) -> list[Problem]:
    found = []
    for preview in previews:
        key = str(preview.channel.pk)
        key = key if draft.text_of(key).is_own else BASE
        found += [
            Problem(preview.channel.name, words, f"text-{key}-{part.number}")
            for part in preview.parts
            for words in part.problems
        ]
    return found
