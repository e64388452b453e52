"""How channels are planned: their zones, and when posts stand on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from folkmoot.connectors.posts import MEDIUM
from folkmoot.kernel import clock
from folkmoot.kernel.community import Community
from folkmoot.outbox.public import Channel, State, channels
from folkmoot.publishing.models import ChannelPlan, Post, PostState, Publication, Variant


def post_channels() -> QuerySet[Channel]:
    """The channels in use that posts go to, with their plans."""
    return channels().filter(medium=MEDIUM).select_related("plan")


def community_zone() -> str:
    """The IANA zone of the community, else of the installation."""
    return Community.current().time_zone or settings.DISPLAY_TIME_ZONE


def plans_of(channels: Iterable[Channel], *, loaded: bool = False) -> dict[int, ChannelPlan]:
    """The plan of each channel; one without a plan gets the defaults in the community's zone, unsaved. One query.

    Args:
        loaded: the channels came with their plans just now (:func:`post_channels`): none is asked for.
    """
    among = list(channels)
    if loaded:
        found = {channel.pk: plan for channel in among if (plan := getattr(channel, "plan", None))}
    else:
        found = {plan.channel_id: plan for plan in ChannelPlan.objects.filter(channel__in=among)}
    for channel in among:
        if channel.pk not in found:
            found[channel.pk] = ChannelPlan(channel=channel, zone=community_zone())
    return found


class Standing(NamedTuple):
    """A moment (UTC) at which a post stands on a channel; ``counts``: it is to come, or it has left."""

    moment: dt.datetime
    counts: bool


def standing(
    channels: Iterable[Channel], first: dt.datetime, last: dt.datetime, *, but: Post | None = None
) -> dict[int, list[Standing]]:
    """What stands on each channel between two moments (both included), in the order of time; one query.

    A variant without a time of its own has its post's; cancelled posts stand nowhere.

    Args:
        but: a post that does not count: the one for which a place is sought.
    """
    among = [channel.pk for channel in channels]
    found: dict[int, list[Standing]] = {pk: [] for pk in among}
    if not among:
        return found
    now = clock.now()
    here = Q(due_at__range=(first, last)) | Q(due_at=None, post__due_at__range=(first, last))
    sent = Publication.objects.filter(variant=OuterRef("pk"), delivery__state=State.SENT)
    rows = Variant.objects.filter(here, channel__in=among).exclude(post__state=PostState.CANCELLED)
    if but is not None and but.pk is not None:
        rows = rows.exclude(post=but)
    for pk, own, shared, state, has_left in rows.values_list(
        "channel_id", "due_at", "post__due_at", "post__state", Exists(sent)
    ):
        moment = own or shared
        leaves = state in (PostState.PUBLISHED, PostState.SCHEDULED)
        found[pk].append(Standing(moment, moment > now or leaves or has_left))
    for moments in found.values():
        moments.sort()
    return found
