"""Campaigns, and the channels that posts go to: what they take, none of what opens them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.connectors.posts import MEDIUM
from folkmoot.kernel.api.fields import Flag, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import Problem
from folkmoot.kernel.api.writing import found
from folkmoot.outbox.public import Channel
from folkmoot.publishing import content
from folkmoot.publishing.api.kinds import CAMPAIGNS
from folkmoot.publishing.models import Campaign
from folkmoot.publishing.queries import campaigns as queries
from folkmoot.publishing.queries.plans import plans_of

router = Router()


class CampaignTold(Told):
    """Posts that belong together."""

    id: int
    name: str
    goal: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    utm: str = Field(description="`utm_campaign` of its links; empty: none.")
    posts: int = Field(description="Without those that were cancelled.")
    published: int
    is_archived: bool
    created_at: dt.datetime
    updated_at: dt.datetime = Field(description="Of what is said of it; not of its posts.")


class CampaignsTold(Pages):
    """A page of campaigns."""

    results: list[CampaignTold]


class CampaignsAsked(Asked):
    """The filters of the list of campaigns."""

    q: Word | SkipJsonSchema[None] = Field(default=None, description="Part of the name.")
    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only archived ones, or only others; else both."
    )


class LimitsTold(Told):
    """What a platform takes; 0: no limit that is known."""

    text: int = Field(description="Of a part's text, counted in `unit`.")
    unit: str = Field(description="`graphemes`, `weighted`, `code points` or `bytes`.")
    url: int = Field(description="What every address counts as; 0: as long as it is.")
    title: int
    images: int = Field(description="For each part.")
    alt: int
    parts: int = Field(description="Of a thread; 1: no threads.")


class ChannelTold(Told):
    """A channel that posts go to."""

    id: int
    name: str
    platform: str = Field(description="`mastodon`, `bluesky` and others.")
    abilities: list[str] = Field(description="What the platform lets us do: `thread`, `images`, `withdraw` …")
    limits: LimitsTold
    zone: str = Field(description="The IANA zone of its slots.")
    language: str
    is_paused: bool
    is_failing: bool
    is_archived: bool
    created_at: dt.datetime


class ChannelsTold(Pages):
    """A page of channels."""

    results: list[ChannelTold]


class ChannelsAsked(Asked):
    """The filters of the list of channels."""

    platform: list[Word] = Field(default=[], description="Only of these platforms.")
    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only archived ones, or only others; else both."
    )


def _tell_campaigns(rows: list[Any]) -> list[dict[str, Any]]:
    changed = changed_at(CAMPAIGNS, [row.pk for row in rows])
    return [
        {
            **{name: getattr(row, name) for name in ("id", "name", "goal", "starts_on", "ends_on", "utm")},
            "posts": row.posts_count,
            "published": row.published_count,
            "is_archived": row.archived_at is not None,
            "created_at": row.created_at,
            "updated_at": changed.get(row.pk, row.created_at),
        }
        for row in rows
    ]


def _tell_channels(rows: list[Channel]) -> list[dict[str, Any]]:
    plans = plans_of(rows)
    found = []
    for row in rows:
        connector, limits = content.connector_of(row), content.limits_of(row)
        plan = plans[row.pk]
        found.append(
            {
                "id": row.pk,
                "name": row.name,
                "platform": row.kind,
                "abilities": sorted(one.value for one in connector.abilities) if connector else [],
                "limits": {
                    **{
                        name: getattr(limits, name)
                        for name in ("text", "url", "title", "images", "alt", "parts")
                    },
                    "unit": limits.unit.value,
                },
                "zone": plan.zone,
                "language": plan.language,
                "is_paused": row.paused_at is not None,
                "is_failing": row.failing_since is not None,
                "is_archived": row.archived_at is not None,
                "created_at": row.created_at,
            }
        )
    return found


@reads(router, "/campaigns", "publishing:read", CampaignsTold)
def list_campaigns(request: HttpRequest, response: HttpResponse, asked: Query[CampaignsAsked]) -> Any:
    """List campaigns."""
    rows = queries.campaigns()
    if asked.q is not None:
        rows = rows.filter(name__icontains=asked.q)
    if asked.archived is not None:
        rows = rows.filter(archived_at__isnull=not asked.archived)
    if asked.updated_since is not None:
        rows = changed_since(CAMPAIGNS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_campaigns)


@reads(router, "/campaigns/{campaign_id}", "publishing:read", CampaignTold)
def get_campaign(request: HttpRequest, campaign_id: Number) -> Any:
    """Read a campaign."""
    row: Campaign = found(CAMPAIGNS, campaign_id, queries.campaigns())
    return _tell_campaigns([row])[0]


@reads(router, "/channels", "publishing:read", ChannelsTold)
def list_channels(request: HttpRequest, response: HttpResponse, asked: Query[ChannelsAsked]) -> Any:
    """List channels.

    Those that posts go to, with what they take. With `updated_since` those that were changed at this moment or later.
    """
    rows = Channel.objects.filter(medium=MEDIUM)
    if asked.platform:
        rows = rows.filter(kind__in=asked.platform)
    if asked.archived is not None:
        rows = rows.filter(archived_at__isnull=not asked.archived)
    if asked.updated_since is not None:
        history: Any = Channel.history
        rows = rows.filter(pk__in=history.filter(history_date__gte=asked.updated_since).values("id"))
    return page(request, response, rows, asked, tell=_tell_channels)


@reads(router, "/channels/{channel_id}", "publishing:read", ChannelTold)
def get_channel(request: HttpRequest, channel_id: Number) -> Any:
    """Read a channel."""
    row = Channel.objects.filter(medium=MEDIUM, pk=channel_id).first()
    if row is None:
        raise Problem("not-found", f"There is no channel for posts {channel_id}.")
    return _tell_channels([row])[0]
