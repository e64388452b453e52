"""What appeared on channels, as a feed for websites and dashboards; and how it fared."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api.fields import Moment, Number, Told
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.outbox.public import Delivery, State, Verb
from folkmoot.publishing.api.posts import FiguresTold, newest_readings, tell_figures
from folkmoot.publishing.models import Publication, Reading

router = Router()


class PublishedTold(Told):
    """A part of a post that is on a channel, as readers saw it when it appeared."""

    id: int
    post_id: int
    title: str = Field(description="As lists here call the post.")
    channel_id: int
    platform: str = Field(description="`mastodon`, `bluesky` and others.")
    part: int = Field(description="Of a thread; most posts have one.")
    sent_at: dt.datetime
    url: str = Field(description="Where it is; empty: the platform did not say.")
    text: str
    language: str
    figures: FiguresTold | None = Field(description="The newest reading; null: none yet.")


class PublishedListTold(Pages):
    """A page of what appeared."""

    results: list[PublishedTold]


class PublishedAsked(Asked):
    """On which channels, of which posts, when."""

    channel: list[Number] = Field(default=[], description="Only on these channels.")
    campaign: list[Number] = Field(default=[], description="Only of these campaigns.")
    post: list[Number] = Field(default=[], description="Only of these posts.")
    since: Moment | SkipJsonSchema[None] = Field(default=None, description="It appeared then or later.")
    until: Moment | SkipJsonSchema[None] = Field(default=None, description="It appeared earlier than this.")


class ReadingTold(FiguresTold):
    """What a platform said of a publication at a moment."""

    id: int
    publication_id: int
    post_id: int


class ReadingsTold(Pages):
    """A page of readings."""

    results: list[ReadingTold]


class ReadingsAsked(Asked):
    """Of which posts."""

    post: list[Number] = Field(default=[], description="Only of these posts.")
    channel: list[Number] = Field(default=[], description="Only on these channels.")


def _tell(rows: list[Any]) -> list[dict[str, Any]]:
    readings = newest_readings(rows)
    found = []
    for row in rows:
        payload, variant = row.delivery.payload, row.variant
        found.append(
            {
                "id": row.pk,
                "post_id": variant.post_id,
                "title": variant.post.title,
                "channel_id": variant.channel_id,
                "platform": variant.channel.kind,
                "part": row.part,
                "sent_at": row.sent_at,
                "url": row.delivery.remote_url,
                "text": str(payload.get("text", "")),
                "language": str(payload.get("language", "")),
                "figures": tell_figures(readings[row.pk]) if row.pk in readings else None,
            }
        )
    return found


@reads(router, "/published", "publishing:read", PublishedListTold)
def list_published(request: HttpRequest, response: HttpResponse, asked: Query[PublishedAsked]) -> Any:
    """List what appeared.

    In the order in which it appeared, without what was withdrawn since. With `updated_since` what was sent or read
    about at this moment or later.
    """
    gone = Delivery.objects.filter(about=OuterRef("delivery"), verb=Verb.WITHDRAW, state=State.SENT)
    rows: Any = Publication.objects.filter(
        ~Exists(gone), delivery__state=State.SENT, delivery__sent_at__isnull=False
    )
    rows = rows.annotate(sent_at=F("delivery__sent_at"))
    if asked.channel:
        rows = rows.filter(variant__channel__in=asked.channel)
    if asked.campaign:
        rows = rows.filter(variant__post__campaign__in=asked.campaign)
    if asked.post:
        rows = rows.filter(variant__post__in=asked.post)
    if asked.since is not None:
        rows = rows.filter(sent_at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(sent_at__lt=asked.until)
    if asked.updated_since is not None:
        read = Exists(Reading.objects.filter(publication=OuterRef("pk"), at__gte=asked.updated_since))
        later = Exists(Delivery.objects.filter(pk=OuterRef("delivery"), changed_at__gte=asked.updated_since))
        rows = rows.filter(later | read)
    rows = rows.select_related("delivery", "variant__post", "variant__channel")
    return page(request, response, rows, asked, tell=_tell, order=("sent_at", "pk"))


@reads(router, "/readings", "publishing:read", ReadingsTold)
def list_readings(request: HttpRequest, response: HttpResponse, asked: Query[ReadingsAsked]) -> Any:
    """List readings of how posts fare.

    Each is dated and never changes; with `updated_since` those read at this moment or later.
    """
    rows = Reading.objects.select_related("publication__variant")
    if asked.post:
        rows = rows.filter(publication__variant__post__in=asked.post)
    if asked.channel:
        rows = rows.filter(publication__variant__channel__in=asked.channel)
    if asked.updated_since is not None:
        rows = rows.filter(at__gte=asked.updated_since)

    def tell(found: list[Reading]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.pk,
                "publication_id": row.publication_id,
                "post_id": row.publication.variant.post_id,
                **tell_figures(row),
            }
            for row in found
        ]

    return page(request, response, rows, asked, tell=tell)
