"""Posts: what is written for each channel, where it stands, what became of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Moment, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.writing import found
from folkmoot.publishing import content
from folkmoot.publishing.addresses import post_page
from folkmoot.publishing.api.kinds import POSTS
from folkmoot.publishing.models import Post, Publication, Reading
from folkmoot.publishing.queries import post_lists

router = Router()
StateWord = Literal["draft", "review", "approved", "scheduled", "published", "trouble", "cancelled"]
KindWord = Literal["single", "evergreen", "recurring", "relative", "triggered", "imported"]
LeavingWord = Literal[
    "waiting", "scheduled", "claimed", "sending", "uncertain", "needs_person", "sent", "failed", "missed",
    "withheld", "cancelled",
]  # fmt: skip
FIGURES = ("likes", "shares", "replies", "quotes", "views", "clicks")
PLAIN = (
    "id", "title", "kind", "state", "campaign_id", "series_id", "article_id", "project_id", "sponsor_id", "language",
    "link", "wall_time", "zone", "due_at", "embargo_until", "waits_for_link", "content_sha256", "created_at",
)  # fmt: skip


class FiguresTold(Told):
    """What a platform said of a post at a moment; null: it does not say that."""

    at: dt.datetime
    likes: int | None
    shares: int | None
    replies: int | None
    quotes: int | None
    views: int | None
    clicks: int | None


class PictureTold(Told):
    """A picture of a part."""

    sha256: str = Field(description="Of its content: the same picture has the same everywhere.")
    alt: str = Field(description="What it shows, in words.")
    width: int
    height: int


class PartTold(Told):
    """One part of a thread; most posts have one."""

    text: str = Field(description="As it is written: `@[alias]` names somebody of the handle book.")
    pictures: list[PictureTold]


class PublicationTold(Told):
    """A part on its way to a channel, or there."""

    id: int
    part: int
    version: int = Field(description="Raised when it is published again.")
    state: LeavingWord
    due_at: dt.datetime
    sent_at: dt.datetime | None
    url: str = Field(description="Where it is; empty: not there, or the platform did not say.")
    figures: FiguresTold | None = Field(description="The newest reading; null: none yet.")


class VariantTold(Told):
    """A post as one channel gets it, with everything that it takes from the base."""

    channel_id: int | None = Field(description="null: the base, which others follow.")
    follows_base: bool
    title: str
    language: str
    link: str
    wall_time: str = Field(description="A time of its own; empty: the post's.")
    zone: str
    due_at: dt.datetime | None
    parts: list[PartTold]
    publications: list[PublicationTold]


class PostTold(Told):
    """Something that is said on one channel or several."""

    id: int
    title: str = Field(description="For lists; no reader sees it.")
    kind: KindWord = Field(description="How it came to be.")
    state: StateWord = Field(description="`trouble`: something was refused, missed, or asks a person.")
    campaign_id: int | None
    series_id: int | None
    article_id: int | None
    project_id: int | None
    sponsor_id: int | None = Field(description="The organisation that paid for it.")
    people_ids: list[int] = Field(description="People that it is about.")
    tags: list[str]
    language: str = Field(description="BCP 47; variants may differ.")
    link: str
    wall_time: str = Field(description="When, as it was planned, in `zone`; empty: no time yet.")
    zone: str = Field(description="An IANA zone.")
    due_at: dt.datetime | None = Field(description="The moment that this means.")
    embargo_until: dt.datetime | None
    waits_for_link: bool = Field(description="It leaves once its link answers.")
    content_sha256: str = Field(
        description="Of everything that readers will see; an approval is for one of these."
    )
    page: str = Field(description="Its page in this installation.")
    variants: list[VariantTold] = Field(description="The base first, then one for each channel.")
    created_at: dt.datetime
    updated_at: dt.datetime = Field(
        description="Of the post, its texts, what became of it, and the newest reading."
    )


class PostsTold(Pages):
    """A page of posts."""

    results: list[PostTold]


class PostsAsked(Asked):
    """The filters of the list of posts."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="Part of title, text, link or campaign.")
    state: list[StateWord] = Field(default=[], description="Only posts that stand there.")
    kind: list[KindWord] = Field(default=[], description="Only these kinds.")
    channel: list[Number] = Field(default=[], description="Channels, one of which they go to.")
    campaign: list[Number] = Field(default=[], description="Campaigns, one of which they belong to.")
    tag: list[Word] = Field(default=[], description="Tags by name, one of which they bear.")
    project: list[Number] = Field(default=[], description="Projects, one of which they are about.")
    language: list[Word] = Field(default=[], description="Languages, one of which they are in.")
    due_since: Moment | SkipJsonSchema[None] = Field(
        default=None, description="Planned for this moment or later."
    )
    due_until: Moment | SkipJsonSchema[None] = Field(
        default=None, description="Planned for earlier than this."
    )


def tell_figures(reading: Reading) -> dict[str, Any]:
    """What is sent of a reading."""
    return {"at": reading.at, **{name: getattr(reading, name) for name in FIGURES}}


def newest_readings(publications: Iterable[Publication]) -> dict[int, Reading]:
    """The newest reading of each publication; one query."""
    rows = Reading.objects.filter(publication__in=[row.pk for row in publications], is_newest=True)
    return {row.publication_id: row for row in rows}


def tell_posts(rows: list[Post]) -> list[dict[str, Any]]:
    """What is sent of posts, in eleven queries."""
    prefetch_related_objects(rows, "tags", "people")
    written = content.sources(rows, with_base=True)
    numbers = [row.pk for row in rows]
    publications: dict[int, list[Publication]] = defaultdict(list)
    every = list(
        Publication.objects.filter(variant__post__in=numbers)
        .select_related("delivery", "variant")
        .order_by("version", "part")
    )
    for one in every:
        publications[one.variant_id].append(one)
    readings = newest_readings(every)
    changed = _changed(rows, every, readings)
    return [
        {
            **{name: getattr(row, name) for name in PLAIN},
            "people_ids": sorted(person.pk for person in row.people.all()),
            "tags": sorted(tag.name for tag in row.tags.all()),
            "page": f"{settings.BASE_URL}{post_page(row.pk)}",
            "variants": [
                _tell(source, publications[source.variant.pk], readings) for source in written[row.pk]
            ],
            "updated_at": changed[row.pk],
        }
        for row in rows
    ]


def _changed(
    rows: Iterable[Post], publications: Iterable[Publication], readings: Mapping[int, Reading]
) -> dict[int, dt.datetime]:
    known = changed_at(POSTS, [row.pk for row in rows])
    found = {row.pk: max(row.changed_at, known.get(row.pk, row.changed_at)) for row in rows}
    for one in publications:
        number, reading = one.variant.post_id, readings.get(one.pk)
        moments = [found[number], one.delivery.changed_at, *([reading.at] if reading else [])]
        found[number] = max(moments)
    return found


def _tell(
    source: content.Source, publications: list[Publication], readings: Mapping[int, Reading]
) -> dict[str, Any]:
    row = source.variant
    return {
        "channel_id": row.channel_id,
        "follows_base": row.follows_base,
        "title": source.title,
        "language": source.language,
        "link": source.link,
        "wall_time": row.wall_time,
        "zone": row.zone,
        "due_at": row.due_at,
        "parts": [
            {
                "text": part.text,
                "pictures": [
                    {
                        "sha256": one.media.sha256,
                        "alt": one.alt,
                        "width": one.media.width,
                        "height": one.media.height,
                    }
                    for one in part.pictures
                ],
            }
            for part in source.parts
        ],
        "publications": [
            {
                "id": one.pk,
                "part": one.part,
                "version": one.version,
                "state": one.delivery.state,
                "due_at": one.delivery.due_at,
                "sent_at": one.delivery.sent_at,
                "url": one.delivery.remote_url,
                "figures": tell_figures(readings[one.pk]) if one.pk in readings else None,
            }
            for one in publications
        ],
    }


def _changed_since(rows: QuerySet[Post], moment: dt.datetime) -> QuerySet[Post]:
    """Posts that were written, left or were read about since a moment."""
    mine = Publication.objects.filter(variant__post=OuterRef("pk"))
    read = Reading.objects.filter(publication__variant__post=OuterRef("pk"), at__gte=moment)
    edited = changed_since(POSTS, Post.objects.all(), moment)
    return rows.filter(
        Q(pk__in=edited.order_by().values("pk"))
        | Exists(mine.filter(delivery__changed_at__gte=moment))
        | Exists(read)
    )


@reads(router, "/posts", "publishing:read", PostsTold)
def list_posts(request: HttpRequest, response: HttpResponse, asked: Query[PostsAsked]) -> Any:
    """List posts.

    Drafts too, with what each channel gets and what became of it.
    """
    rows = Post.objects.all()
    if asked.q is not None:
        rows = post_lists.found(rows, asked.q)
    if asked.state:
        rows = rows.filter(state__in=asked.state)
    if asked.kind:
        rows = rows.filter(kind__in=asked.kind)
    if asked.channel:
        rows = post_lists.on_channels(rows, asked.channel)
    if asked.campaign:
        rows = rows.filter(campaign__in=asked.campaign)
    if asked.tag:
        rows = post_lists.bearing(rows, asked.tag)
    if asked.project:
        rows = rows.filter(project__in=asked.project)
    if asked.language:
        rows = rows.filter(language__in=asked.language)
    if asked.due_since is not None:
        rows = rows.filter(due_at__gte=asked.due_since)
    if asked.due_until is not None:
        rows = rows.filter(due_at__lt=asked.due_until)
    if asked.updated_since is not None:
        rows = _changed_since(rows, asked.updated_since)
    return page(request, response, rows, asked, tell=tell_posts)


@reads(router, "/posts/{post_id}", "publishing:read", PostTold)
def get_post(request: HttpRequest, post_id: Number) -> Any:
    """Read a post."""
    return tell_posts([found(POSTS, post_id)])[0]
