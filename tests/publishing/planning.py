"""Channels with a plan, slots and goals, and posts that stand at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from folkmoot.outbox.public import Channel, instant
from folkmoot.publishing.models import CadenceGoal, ChannelPlan, Part, Post, PostState, Slot, Variant


def make_channel(name: str = "Mastodon", *, zone: str = "UTC", kind: str = "mute", **plan: Any) -> Channel:
    """A channel for posts whose plan is in this zone."""
    channel = Channel.objects.create(kind=kind, name=name, medium="post")
    ChannelPlan.objects.create(channel=channel, zone=zone, **plan)
    return channel


def add_slots(channel: Channel, *slots: tuple[int, str]) -> None:
    """Weekly slots: ISO weekday and ``09:00``."""
    for weekday, time in slots:
        Slot.objects.create(channel=channel, weekday=weekday, time=dt.time.fromisoformat(time))


def add_goal(channel: Channel, since: str, posts: int, days: int) -> CadenceGoal:
    return CadenceGoal.objects.create(
        channel=channel, since=dt.date.fromisoformat(since), posts=posts, days=days
    )


def make_post(
    title: str = "News",
    when: str = "",
    *channels: Channel,
    zone: str = "UTC",
    state: str = PostState.DRAFT,
    text: str = "",
    **fields: Any,
) -> Post:
    """A post at a wall time of a zone (``2026-11-20T09:00``), on some channels that follow its base."""
    time: dict[str, Any] = {}
    if when:
        time = {"wall_time": when, "zone": zone, "due_at": instant(dt.datetime.fromisoformat(when), zone)}
    post = Post.objects.create(title=title, folded=title.casefold(), state=state, **time, **fields)
    base = Variant.objects.create(post=post, follows_base=False)
    Part.objects.create(variant=base, text=text or title)
    for channel in channels:
        Variant.objects.create(post=post, channel=channel)
    return post
