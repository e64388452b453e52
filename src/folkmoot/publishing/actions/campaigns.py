"""Campaigns: what posts belong together for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypedDict

from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.public import Tag
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Campaign


class CampaignFields(TypedDict, total=False):
    """What may be said of a campaign."""

    name: str
    goal: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    owner: User | None
    utm: str
    grace_hours: int | None
    tags: Iterable[Tag]


@transaction.atomic
def save_campaign(
    *, campaign: Campaign | None = None, values: CampaignFields, actor: Actor, seen: int | None = None
) -> Campaign:
    """Make a campaign, or change what is said of it; what is not named stays. Words in links of what is scheduled stay
    as they were frozen.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    plain = {name: value for name, value in values.items() if name != "tags"}
    row = base.locked(campaign, seen) if campaign is not None else Campaign(owner=actor)
    if base.put(row, plain) or row.pk is None:
        base.write(row, actor=actor)
    if "tags" in values:
        row.tags.set(values["tags"])
    return row


@transaction.atomic
def archive_campaign(*, campaign: Campaign, actor: Actor) -> Campaign:
    """No new posts join it; those that it has stay. Twice does nothing more."""
    return _archived(campaign, clock.now(), actor)


@transaction.atomic
def unarchive_campaign(*, campaign: Campaign, actor: Actor) -> Campaign:
    """It is in use again. Twice does nothing more."""
    return _archived(campaign, None, actor)


def _archived(campaign: Campaign, at: dt.datetime | None, actor: Actor) -> Campaign:
    row = base.locked(campaign)
    if (row.archived_at is None) != (at is None):
        row.archived_at = at
        base.write(row, actor=actor)
    return row
