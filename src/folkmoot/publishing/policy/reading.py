"""Makes what checks look at from posts, in a fixed number of queries however many posts there are."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import Content, Limits, PostConnector
from folkmoot.kernel import clock
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import Channel
from folkmoot.people.public import consents_of
from folkmoot.publishing import content
from folkmoot.publishing.addresses import post_page
from folkmoot.publishing.cards.faint import of_rows
from folkmoot.publishing.models import LinkCheck, Post, PostState, Variant, Waiver
from folkmoot.publishing.policy.subject import Count, LinkFacts, Other, Picture, Piece, Subject, links_in
from folkmoot.publishing.queries.book import aliases_in

#: Posts of a channel before and after that a post is compared with, in days and number.
AROUND, MOST_OTHERS = dt.timedelta(days=60), 3000
PHOTOGRAPH = "photograph"
_UTM = re.compile(r"(?:^|&)utm_[^&=]*(?:=[^&]*)?", re.IGNORECASE)


def subjects(posts: Sequence[Post], *, channel: Channel | None = None) -> dict[int, list[Subject]]:
    """What checks look at, by post: one subject for each channel; the base text alone where there is no channel yet.

    Args:
        channel: only this one.
    """
    posts = list(
        Post.objects.filter(pk__in=[post.pk for post in posts])
        .select_related("campaign", "sponsor", "owner", "written_by")
        .prefetch_related("tags", "people")
    )
    found = subjects_of([Looked.at(whole) for whole in content.read_whole(posts)], channel=channel)
    return {post.pk: mine for post, mine in zip(posts, found, strict=True)}


@dataclass(frozen=True)
class Looked:
    """A post as a whole, with what else is said of it; it need not be saved.

    Attributes:
        tags: their names.
        has_people: it is about somebody.
    """

    whole: content.Whole
    tags: frozenset[str]
    has_people: bool

    @classmethod
    def at(cls, whole: content.Whole) -> Looked:
        """A saved post; no query where its tags and people came with it."""
        tags, people = whole.post.tags.all(), whole.post.people.all()
        return cls(whole, frozenset(tag.name for tag in tags), bool(people))


def subjects_of(looked: Sequence[Looked], *, channel: Channel | None = None) -> list[list[Subject]]:
    """:func:`subjects` of posts that were read already, in their order."""
    sources = [one for each in looked for one in each.whole.sources]
    pages = {url: page for each in looked for url, page in each.whole.pages.items()}
    around = _read([each.whole.post for each in looked], sources, pages)
    found = []
    for each in looked:
        pairs = list(zip(each.whole.sources, each.whole.contents, strict=True))
        on_channels = [pair for pair in pairs if pair[0].variant.channel_id is not None]
        if channel is not None:
            on_channels = [pair for pair in on_channels if pair[0].variant.channel_id == channel.pk]
        wanted = on_channels or ([] if channel is not None else pairs)
        found.append([_subject(each, source, contents, around) for source, contents in wanted])
    return found


def waiver_rows(posts: Iterable[Post]) -> list[Waiver]:
    """The waivers of posts that hold now; one query."""
    keys = [post.pk for post in posts]
    rows = Waiver.objects.filter(post__in=keys, withdrawn_at=None, until__gt=clock.now())
    return list(rows.select_related("by"))


def waivers(rows: Iterable[Waiver]) -> dict[int, dict[str, str]]:
    """Which rules each post may pass now, with who let it and why, by its number; no query.

    Args:
        rows: as :func:`waiver_rows`.
    """
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row in rows:
        words = _("%(who)s lets it pass until %(until)s: %(why)s")
        found[row.post_id][row.rule] = words % {
            "who": row.by or _("Somebody"),
            "until": formats.date_format(row.until, "DATE_FORMAT"),
            "why": row.reason,
        }
    return found


@dataclass
class _Around:
    """What is the same for all subjects, read once."""

    now: dt.datetime
    #: By media: who can be recognised, by number and name.
    people: Mapping[int, list[tuple[int, str]]] = field(default_factory=dict)
    agreed: Mapping[int, Mapping[str, bool]] = field(default_factory=dict)
    links: Mapping[str, LinkFacts] = field(default_factory=dict)
    #: By channel: posts with their own number.
    others: Mapping[int, list[tuple[int, Other]]] = field(default_factory=dict)


def _read(
    posts: Sequence[Post], sources: Sequence[content.Source], pages: Mapping[str, LinkCheck | None]
) -> _Around:
    media = {shown.media.pk for one in sources for part in one.parts for shown in part.pictures}
    people: dict[int, list[tuple[int, str]]] = defaultdict(list)
    if media:
        through = _media_people(media)
        for media_pk, person, name in through:
            people[media_pk].append((person, name))
    ids = {person for mine in people.values() for person, _name in mine}
    channels = {one.variant.channel_id for one in sources if one.variant.channel_id is not None}
    return _Around(
        now=clock.now(),
        people=people,
        agreed=consents_of(ids, [PHOTOGRAPH]) if ids else {},
        links=_link_facts(sources, pages),
        others=_others(posts, sources, channels) if channels else {},
    )


def _media_people(media: set[int]) -> Iterable[tuple[int, int, str]]:
    from folkmoot.publishing.models import Media

    rows = Media.people.through.objects.filter(media__in=media).order_by("pk")
    return rows.values_list("media_id", "person_id", "person__name")


def addresses_of(sources: Iterable[content.Source]) -> set[str]:
    """Every address that the sources lead to, as it is written, without ``utm_…``."""
    found = set()
    for one in sources:
        found |= {bare(one.link)} if one.link else set()
        found |= {bare(each.url) for part in one.parts for each in links_in(part.text)}
    return found


def bare(url: str) -> str:
    """An address without ``utm_…``; what cannot be read stays as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if not parts.query:
        return url
    return urlunsplit(parts._replace(query=_UTM.sub("", parts.query).lstrip("&")))


def _link_facts(
    sources: Iterable[content.Source], pages: Mapping[str, LinkCheck | None]
) -> dict[str, LinkFacts]:
    urls = addresses_of(sources)
    rows = [page for url in urls if (page := pages.get(url)) is not None]
    unread = urls - set(pages)
    rows += LinkCheck.objects.filter(url__in=unread) if unread else []
    return {row.url: LinkFacts(row.status, row.words) for row in rows}


def _others(
    posts: Sequence[Post], sources: Sequence[content.Source], channels: set[int]
) -> dict[int, list[tuple[int, Other]]]:
    """Posts of the channels that are or were planned around those that are looked at; four queries."""
    now = clock.now()
    planned = (*(one.variant.due_at for one in sources), *(post.due_at for post in posts))
    moments = [due for due in planned if due is not None]
    first, last = _shifted(min([*moments, now]), -AROUND), _shifted(max([*moments, now]), AROUND)
    rows = list(
        Variant.objects.filter(
            Q(due_at__range=(first, last)) | Q(due_at=None, post__due_at__range=(first, last)),
            channel__in=channels,
        )
        .exclude(post__state=PostState.CANCELLED)
        .select_related("post")
        .order_by("-pk")[:MOST_OTHERS]
    )
    texts = _texts({row.post_id for row in rows})
    found: dict[int, list[tuple[int, Other]]] = defaultdict(list)
    for row in rows:
        at = row.due_at or row.post.due_at
        text = texts.get((row.post_id, None if row.follows_base else row.pk), "")
        if at is not None and row.channel_id is not None:
            found[row.channel_id].append(
                (row.post_id, Other(row.post.title, text, at, post_page(row.post_id)))
            )
    return found


def _shifted(moment: dt.datetime, by: dt.timedelta) -> dt.datetime:
    """A moment before or after; at the ends of the calendar the moment itself."""
    try:
        return moment + by
    except OverflowError:
        return moment


def _texts(posts: set[int]) -> dict[tuple[int, int | None], str]:
    """Texts by post and variant; those of bases under ``None``."""
    from folkmoot.publishing.models import Part

    found: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    rows = Part.objects.filter(variant__post__in=posts).order_by("variant", "position")
    for post, variant, channel, text in rows.values_list(
        "variant__post_id", "variant_id", "variant__channel_id", "text"
    ):
        found[post, variant if channel else None].append(text)
    return {key: "\n\n".join(each) for key, each in found.items()}


def _subject(looked: Looked, source: content.Source, contents: Sequence[Content], around: _Around) -> Subject:
    post, known = looked.whole.post, looked.whole.known
    variant, channel = source.variant, source.variant.channel
    connector = content.connector_of(channel)
    limits = content.limits_of(channel)
    platform = channel.kind if channel is not None else ""
    plan = looked.whole.plans.get(channel.pk) if channel is not None else None
    aliases = sorted(aliases_in(part.text for part in source.parts))
    pieces = tuple(
        Piece(
            text=each.text,
            pictures=tuple(_picture(shown, around) for shown in part.pictures),
            links=links_in(each.text),
            counts=_counts(connector, each, limits),
        )
        for part, each in zip(source.parts, contents, strict=True)
    )
    link = contents[0].link or source.link
    facts = {
        url: around.links[bare(url)]
        for url in [link, *(each.url for piece in pieces for each in piece.links)]
        if bare(url) in around.links
    }
    writer = post.written_by or post.owner
    return Subject(
        parts=pieces,
        channel=channel.name if channel is not None else "",
        platform=platform,
        title=source.title,
        language=contents[0].language,
        link=link,
        kind=post.kind,
        tags=looked.tags,
        author=f"{writer.email}\n{writer.name}" if writer is not None else "",
        campaign=post.campaign.name if post.campaign is not None else "",
        sponsor=post.sponsor.name if post.sponsor is not None else "",
        due_at=variant.due_at or post.due_at,
        zone=(plan.zone if plan is not None else "") or variant.zone or post.zone or "UTC",
        now=around.now,
        embargo_until=post.embargo_until,
        waits_for_link=post.waits_for_link,
        alt_limit=limits.alt,
        apart_minutes=plan.apart_minutes if plan is not None else 0,
        link_facts=facts,
        others=tuple(other for pk, other in around.others.get(variant.channel_id or 0, ()) if pk != post.pk),
        unknown=tuple(alias for alias in aliases if fold(alias) not in known),
        nameless=tuple(
            one.name
            for alias in aliases
            if platform and (one := known.get(fold(alias))) and not any(one.on(platform))
        ),
        fields=_fields(looked, source),
    )


def _picture(shown: content.Shown, around: _Around) -> Picture:
    media = shown.media
    people = around.people.get(media.pk, [])
    return Picture(
        name=media.name,
        alt=shown.alt,
        type=media.type,
        width=media.width,
        height=media.height,
        size=media.size,
        shows_people=media.shows_people,
        people=tuple(name for _pk, name in people),
        unagreed=tuple(name for pk, name in people if not around.agreed[pk][PHOTOGRAPH]),
        faint=of_rows(media.faint),
    )


def _counts(connector: PostConnector | None, one: Content, limits: Limits) -> tuple[Count, ...]:
    if connector is None:
        return ()
    return tuple(
        Count(
            _("The title") if each.what == "title" else _("The text"),
            each.length,
            each.limit,
            str(each.unit.label),
        )
        for each in connector.measures(one, limits)
    )


def _fields(looked: Looked, source: content.Source) -> dict[str, bool]:
    post = looked.whole.post
    return {
        "campaign": post.campaign_id is not None,
        "owner": post.owner_id is not None,
        "tags": bool(looked.tags),
        "project": post.project_id is not None,
        "people": looked.has_people,
        "language": bool(source.language),
        "link": bool(source.link),
        "sponsor": post.sponsor_id is not None,
        "time": bool(source.variant.due_at or post.due_at),
        "embargo": post.embargo_until is not None,
        "picture": any(part.pictures for part in source.parts),
        "title": bool(source.title),
    }
