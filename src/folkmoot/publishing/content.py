"""What readers will see: the content of a post for each channel, and its hash.

Two steps. :func:`sources` reads what is written, with variants that follow the base resolved; an approval is for the
hash of that. :func:`rendered_many` then writes it as each platform takes it: mentions by the handle book, words in
links, pictures in the platform's size. Both take any number of posts in the same number of queries.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from folkmoot.connectors.posts import ADDRESS, Ability, Card, Content, Limits, PostConnector
from folkmoot.connectors.posts import Media as Picture
from folkmoot.outbox.public import Channel
from folkmoot.publishing import utm
from folkmoot.publishing.models import (
    Campaign,
    ChannelPlan,
    LinkCheck,
    Media,
    PartMedia,
    Post,
    Rendition,
    Variant,
)
from folkmoot.publishing.queries.book import Named, aliases_in, named, written
from folkmoot.publishing.sizes import fits, made_for


@dataclass(frozen=True)
class Shown:
    """A picture in a part, with its description there."""

    media: Media
    alt: str


@dataclass(frozen=True)
class SourcePart:
    """One part as it is written."""

    text: str
    pictures: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Source:
    """A variant as it is written, with what it takes from the base and the post."""

    variant: Variant
    title: str
    language: str
    link: str
    parts: tuple[SourcePart, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Everything of it that readers see."""
        return {
            "channel": self.variant.channel_id,
            "title": self.title,
            "language": self.language,
            "link": self.link,
            "options": dict(self.options),
            "parts": [
                {
                    "text": part.text,
                    "pictures": [
                        [one.media.sha256, one.alt, one.media.focus_x, one.media.focus_y]
                        for one in part.pictures
                    ],
                }
                for part in self.parts
            ],
        }


def connector_of(channel: Channel | None) -> PostConnector | None:
    """What speaks to a channel's platform; ``None`` for the base and for kinds of no posts, or unknown ones."""
    try:
        connector = channel.connector if channel is not None else None
    except LookupError:
        return None
    return connector if isinstance(connector, PostConnector) else None


def limits_of(channel: Channel | None) -> Limits:
    """What a channel takes; no limits for the base."""
    connector = connector_of(channel)
    if connector is None or channel is None:
        return Limits(images=100)
    return connector.limits_of(channel.access)


# ------------------------------------------------------------------ sources


def sources(posts: Sequence[Post], *, with_base: bool = False) -> dict[int, list[Source]]:
    """What is written, by post, channel by channel; four queries.

    Args:
        with_base: the base first, as a source of its own.
    """
    variants = list(Variant.objects.filter(post__in=posts).select_related("channel").order_by("post", "pk"))
    parts = _parts(variants)
    by_post: dict[int, list[Variant]] = defaultdict(list)
    for variant in variants:
        by_post[variant.post_id].append(variant)
    found = {}
    for post in posts:
        mine = by_post[post.pk]
        base = next((each for each in mine if each.channel_id is None), None)
        wanted = [each for each in mine if with_base or each.channel_id is not None]
        wanted.sort(key=lambda each: (each.channel_id is not None, each.channel_id or 0))
        found[post.pk] = [_source(post, each, base, parts) for each in wanted]
    return found


def _source(post: Post, variant: Variant, base: Variant | None, parts: dict[int, list[SourcePart]]) -> Source:
    texts_of = base if variant.follows_base and base is not None else variant
    return Source(
        variant=variant,
        title=texts_of.title,
        language=variant.language or (base.language if base else "") or post.language,
        link=variant.link or (base.link if base else "") or post.link,
        parts=tuple(parts.get(texts_of.pk) or [SourcePart("")]),
        options=variant.options,
    )


def _parts(variants: Sequence[Variant]) -> dict[int, list[SourcePart]]:
    from folkmoot.publishing.models import Part

    rows = list(Part.objects.filter(variant__in=variants).order_by("variant", "position"))
    pictures: dict[int, list[Shown]] = defaultdict(list)
    uses = PartMedia.objects.filter(part__in=rows).select_related("media").order_by("position", "pk")
    for use in uses:
        pictures[use.part_id].append(Shown(use.media, use.alt or use.media.alt))
    found: dict[int, list[SourcePart]] = defaultdict(list)
    for row in rows:
        found[row.variant_id].append(SourcePart(row.text, tuple(pictures[row.pk])))
    return found


def hash_of(post: Post, written_as: Iterable[Source]) -> str:
    """SHA-256 over what is written and where it goes, the embargo and who paid. Not the time; not how lists call it.

    Handles and words in links are left out: who is named and where a link leads is in the source, and a handle that
    somebody mends in the book is no other text.
    """
    value = {
        "variants": [each.as_json() for each in written_as],
        "embargo": post.embargo_until.isoformat() if post.embargo_until else "",
        "sponsor": post.sponsor_id,
    }
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(post: Post) -> str:
    """SHA-256 of what readers will see, where. Four queries."""
    return hash_of(post, sources([post])[post.pk])


# ------------------------------------------------------------------ rendering


def rendered(post: Post, *, with_base: bool = False) -> dict[int, list[Content]]:
    """The parts of each channel's variant, by variant, as the platform takes them."""
    return rendered_many([post], with_base=with_base)[post.pk]


def rendered_many(posts: Sequence[Post], *, with_base: bool = False) -> dict[int, dict[int, list[Content]]]:
    """As :func:`rendered`, by post; at most twelve queries however many posts there are."""
    return {
        each.post.pk: {
            source.variant.pk: parts for source, parts in zip(each.sources, each.contents, strict=True)
        }
        for each in read_whole(posts, with_base=with_base)
    }


def rendered_of(post: Post, written_as: Sequence[Source]) -> list[list[Content]]:
    """As :func:`rendered`, of sources that need not be saved: the parts of each. Seven queries at most."""
    return whole_of([(post, written_as)])[0].contents


@dataclass(frozen=True)
class Whole:
    """A post with what it says and how each platform takes it: read once for everything that looks at it.

    Attributes:
        contents: the parts of each source, in the order of the sources.
        plans: of its channels, by number.
        known: who is named in it, by folded alias.
        pages: what addresses answered that were asked for here; ``None``: nobody has asked them.
    """

    post: Post
    sources: Sequence[Source]
    contents: list[list[Content]]
    plans: Mapping[int, ChannelPlan]
    known: Mapping[str, Named]
    pages: Mapping[str, LinkCheck | None]


def read_whole(posts: Sequence[Post], *, with_base: bool = True) -> list[Whole]:
    """Posts as they are saved, each as a whole; at most twelve queries however many there are."""
    found = sources(posts, with_base=with_base)
    return whole_of([(post, found[post.pk]) for post in posts])


def whole_of(posts: Sequence[tuple[Post, Sequence[Source]]]) -> list[Whole]:
    """Posts with sources that need not be saved, each as a whole; seven queries at most."""
    about = _Around([post for post, _mine in posts], [each for _post, mine in posts for each in mine])
    return [
        Whole(
            post,
            mine,
            [_contents(post, each, about) for each in mine],
            about.plans,
            about.known,
            about.pages,
        )
        for post, mine in posts
    ]


class _Around:
    """What rendering has to know beside what is written, read once for all."""

    def __init__(self, posts: Sequence[Post], everything: Sequence[Source]) -> None:
        self.known: dict[str, Named] = named(
            aliases_in(part.text for source in everything for part in source.parts)
        )
        channels = {source.variant.channel_id for source in everything if source.variant.channel_id}
        self.plans = {plan.channel_id: plan for plan in ChannelPlan.objects.filter(channel__in=channels)}
        self.campaigns = {
            post.campaign.pk: post.campaign.utm
            for post in posts
            if post.campaign_id and Post.campaign.is_cached(post) and post.campaign
        }
        wanted = {post.campaign_id for post in posts if post.campaign_id} - set(self.campaigns)
        self.campaigns |= dict(Campaign.objects.filter(pk__in=wanted).values_list("pk", "utm"))
        media = {one.media.pk for source in everything for part in source.parts for one in part.pictures}
        self.renditions = {
            (row.media_id, row.made_for): row for row in Rendition.objects.filter(media__in=media)
        }
        links = {link for source in everything if (link := card_link(source))}
        self.pages: dict[str, LinkCheck | None] = dict.fromkeys(links)
        self.pages |= {row.url: row for row in LinkCheck.objects.filter(url__in=links)}
        self.limits: dict[int, Limits] = {}

    def limits_of(self, channel: Channel) -> Limits:
        """Each channel's limits once: its secrets are not read for every variant."""
        if channel.pk not in self.limits:
            self.limits[channel.pk] = limits_of(channel)
        return self.limits[channel.pk]

    def added(self, post: Post, channel: Channel | None) -> dict[str, str]:
        """Words for links."""
        plan = self.plans.get(channel.pk) if channel is not None else None
        if plan is None:
            return {}
        campaign = self.campaigns.get(post.campaign_id, "") if post.campaign_id else ""
        return utm.words(source=plan.utm_source, medium=plan.utm_medium, campaign=campaign)


def card_link(source: Source) -> str:
    """The page that a post would show beneath it: its link, else the first address in its text."""
    if source.link:
        return source.link
    found = next((match for part in source.parts for match in ADDRESS.finditer(part.text)), None)
    return found[0] if found else ""


def _contents(post: Post, source: Source, about: _Around) -> list[Content]:
    channel = source.variant.channel
    connector = connector_of(channel)
    limits = about.limits_of(channel) if channel is not None else Limits(images=100)
    plan = about.plans.get(channel.pk) if channel is not None else None
    added = about.added(post, channel)
    stands = any(source.link and source.link in part.text for part in source.parts)
    found = []
    for number, part in enumerate(source.parts, 1):
        platform = channel.kind if channel is not None else ""
        text, mentions = written(part.text, about.known, platform, connector)
        found.append(
            Content(
                text=utm.tagged_text(text, added),
                title=source.title,
                language=source.language or (plan.language if plan else ""),
                link="" if stands or number > 1 else utm.tagged(source.link, added),
                media=tuple(_picture(one, limits, about.renditions) for one in part.pictures),
                mentions=mentions,
                part=number,
                parts=len(source.parts),
                options={**(plan.options if plan else {}), **source.options},
            )
        )
    if connector is not None and Ability.LINK_CARD in connector.abilities and not found[0].media:
        link = card_link(source)
        if link:
            page = about.pages.get(link)
            title = (page.title if page else "") or host_of(link)
            found[0] = replace(found[0], card=Card(utm.tagged(link, added), title))
    return found


def host_of(link: str) -> str:
    """Where an address leads; of what is none the address itself, as it is typed."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return link


def as_shown(post: Post, channel: Channel, texts: Iterable[str]) -> Callable[[str], str]:
    """A function that writes any piece of these texts as the channel will have it: to measure it before it is cut."""
    known = named(aliases_in(texts))
    connector = connector_of(channel)
    plan = ChannelPlan.objects.filter(channel=channel).first()
    added = (
        utm.words(
            source=plan.utm_source,
            medium=plan.utm_medium,
            campaign=post.campaign.utm if post.campaign else "",
        )
        if plan
        else {}
    )
    return lambda text: utm.tagged_text(written(text, known, channel.kind, connector)[0], added)


def _picture(one: Shown, limits: Limits, renditions: Mapping[tuple[int, str], Rendition]) -> Picture:
    media = one.media
    row: Media | Rendition = media
    if not fits(media, limits):
        row = renditions.get((media.pk, made_for(limits)), media)
    return Picture(
        file=row.file,
        type=row.type,
        alt=one.alt,
        width=row.width,
        height=row.height,
        size=row.size,
        focus=(media.focus_x, media.focus_y),
        sha256=row.sha256,
    )
