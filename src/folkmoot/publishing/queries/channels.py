"""The channels of posts with what their servers say, their next free slot and their followers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from folkmoot.connectors.posts import Limits
from folkmoot.kernel import clock
from folkmoot.outbox.public import Channel
from folkmoot.publishing.models import ChannelPlan, FollowerReading
from folkmoot.publishing.queries.plans import plans_of
from folkmoot.publishing.queries.post_lists import platform_of
from folkmoot.publishing.queries.slots import FreeSlot, next_free_slots


@dataclass(frozen=True)
class Known:
    """What is known of a channel.

    Attributes:
        limits: what its server said, else what is usual; ``None``: this version does not know the platform.
        followers: as they were read last; ``None``: never.
    """

    plan: ChannelPlan
    limits: Limits | None
    free: FreeSlot | None
    followers: FollowerReading | None


def known_of(channels: Iterable[Channel]) -> dict[int, Known]:
    """What is known of channels; a fixed number of queries."""
    among = list(channels)
    plans, free = plans_of(among), next_free_slots(among, clock.now())
    newest = (
        FollowerReading.objects.filter(channel__in=among)
        .annotate(rank=Window(RowNumber(), partition_by=[F("channel")], order_by=[F("on").desc()]))
        .filter(rank=1)
    )
    followers = {row.channel_id: row for row in newest}
    return {
        channel.pk: Known(plans[channel.pk], _limits(channel), free[channel.pk], followers.get(channel.pk))
        for channel in among
    }


def _limits(channel: Channel) -> Limits | None:
    platform: Any = platform_of(channel)
    return platform.limits_of(channel.access) if platform else None
