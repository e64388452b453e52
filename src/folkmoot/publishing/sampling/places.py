"""Before the sample's posts are imported: where they go. Every channel is posted to by hand, so nothing ever leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.public import Channel, save_channel
from folkmoot.publishing.actions.articles import save_site
from folkmoot.publishing.actions.book import save_entry
from folkmoot.publishing.actions.campaigns import save_campaign
from folkmoot.publishing.actions.plans import save_goal, save_plan
from folkmoot.publishing.models import BookEntry, Campaign, Site

#: Goals hold from so long ago on.
HELD_FOR = dt.timedelta(days=190)


@transaction.atomic
def make_places(*, about: Mapping[str, Any], actor: User) -> None:
    """Channels with plans and goals, campaigns, the handle book, a site; what is there by name already stays.

    Args:
        about: what ``publishing.yml`` says.
    """
    for row in about["channels"]:
        if not Channel.objects.filter(name=row["name"], medium="post").exists():
            _channel(row, about["zone"], actor)
    today = clock.today()
    for row in about["campaigns"]:
        if not Campaign.objects.filter(name=row["name"]).exists():
            first, last = (today + dt.timedelta(days=days) for days in row["days"])
            save_campaign(
                values={"name": row["name"], "goal": row["goal"], "starts_on": first, "ends_on": last},
                actor=actor,
            )
    for row in about["book"]:
        if not BookEntry.objects.filter(alias=row["alias"]).exists():
            save_entry(
                values={"alias": row["alias"], "name": row["name"]},
                handles={platform: (row[platform], "") for platform in ("mastodon", "bluesky")},
                actor=actor,
            )
    if not Site.objects.filter(name=about["site"]["name"]).exists():
        save_site(site=None, values={**about["site"], "zone": about["zone"]}, actor=actor)


def _channel(row: Mapping[str, Any], zone: str, actor: User) -> None:
    channel = save_channel(
        channel=None,
        kind="manual",
        name=row["name"],
        settings={"place": row["place"], "page": row.get("page", "")},
        secrets={},
        per_minute=None,
        is_default=False,
        actor=actor,
    )
    save_plan(channel=channel, values={"zone": zone, "language": "en", "owner": actor}, actor=actor)
    posts, days = row["goal"]
    save_goal(channel=channel, since=clock.today() - HELD_FOR, posts=posts, days=days, actor=actor)
