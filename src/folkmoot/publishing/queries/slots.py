"""Weekly places for posts: when they come round, and which of them are free.

A slot is a wall time on a weekday in the zone of its channel's plan. Where a clock is put forward, a slot that is
skipped comes as much later as the clock jumps; where it is put back, a slot that comes twice means the first
(RFC 5545, section 3.3.5). Two slots that so come to mean the same moment are one place.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from folkmoot.outbox.public import Channel, instant, written
from folkmoot.publishing.models import ChannelPlan, Post, Slot
from folkmoot.publishing.queries.plans import Standing, plans_of, standing

#: A post so near to a slot stands in it.
NEAR = dt.timedelta(minutes=30)
#: How far ahead a free slot is sought: every weekly slot came round, in summer and in winter.
HORIZON = dt.timedelta(weeks=53)

_DAY = dt.timedelta(days=1)


class FreeSlot(NamedTuple):
    """A moment of a slot: the wall time as it is stored (``2026-11-20T09:00``), its IANA zone, and the moment (UTC)."""

    wall_time: str
    zone: str
    instant: dt.datetime

    @property
    def day(self) -> dt.date:
        """Its day on the channel's clock."""
        return dt.date.fromisoformat(self.wall_time[:10])


def comes_round(
    weekly: Iterable[tuple[int, dt.time]], zone: str, first: dt.date, last: dt.date
) -> list[FreeSlot]:
    """Every moment of weekly slots on the days from ``first`` to ``last`` (both included, on the zone's clock).

    Args:
        weekly: ISO weekdays (1 is Monday) with wall times.

    Raises:
        ValidationError: there is no such zone.
    """
    times: dict[int, list[dt.time]] = {}
    for weekday, time in weekly:
        times.setdefault(weekday, []).append(time)
    place, found = None, {}
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        for time in times.get(day.isoweekday(), ()):
            moment = instant(dt.datetime.combine(day, time), zone)
            place = place or ZoneInfo(zone)
            # Read back: a time that the clock leaves out is written as the one that comes instead.
            found[moment] = FreeSlot(written(moment.astimezone(place)), zone, moment)
    return [found[moment] for moment in sorted(found)]


def taken(
    moments: Sequence[dt.datetime], posts: Iterable[dt.datetime], *, apart: dt.timedelta = dt.timedelta()
) -> set[dt.datetime]:
    """Which of the moments (in their order) have a post.

    A post takes the moment that is nearest to it, the earlier of two, when it is not further than :data:`NEAR`; and
    every moment that is nearer to it than posts have to be ``apart``.
    """
    found: set[dt.datetime] = set()
    for post in posts:
        at = bisect_left(moments, post)
        around = moments[max(0, at - 1) : at + 1]
        if around:
            nearest = min(around, key=lambda moment: abs(moment - post))
            if abs(nearest - post) <= NEAR:
                found.add(nearest)
        if apart:
            low, high = bisect_left(moments, post - apart), bisect_left(moments, post + apart)
            found.update(moment for moment in moments[low:high] if moment > post - apart)
    return found


def weekly_of(channels: Iterable[Channel]) -> dict[int, list[tuple[int, dt.time]]]:
    """The slots of each channel, as ISO weekdays with wall times; one query."""
    found: dict[int, list[tuple[int, dt.time]]] = {channel.pk: [] for channel in channels}
    rows = Slot.objects.filter(channel__in=list(found)).values_list("channel_id", "weekday", "time")
    for pk, weekday, time in rows:
        found[pk].append((weekday, time))
    return found


def reach(plans: Iterable[ChannelPlan], first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Between which moments a post may take a place on the days (both included), on whatever clock."""
    most = max((plan.apart_minutes for plan in plans), default=0)
    beyond = 2 * _DAY + dt.timedelta(minutes=most)
    midnight = dt.time()
    return (
        dt.datetime.combine(first, midnight, dt.UTC) - beyond,
        dt.datetime.combine(last, midnight, dt.UTC) + _DAY + beyond,
    )


def free_among(
    plan: ChannelPlan,
    weekly: Sequence[tuple[int, dt.time]],
    posts: Iterable[Standing],
    first: dt.date,
    last: dt.date,
) -> list[FreeSlot]:
    """The slots that none of the posts stands in, on the days (both included) of the plan's clock."""
    # From the day before to the day after, so that a post takes its nearest slot and not the nearest inside.
    places = comes_round(weekly, plan.zone, first - _DAY, last + _DAY)
    gone = taken(
        [place.instant for place in places],
        [post.moment for post in posts],
        apart=dt.timedelta(minutes=plan.apart_minutes),
    )
    return [place for place in places if first <= place.day <= last and place.instant not in gone]


def free_slots_of(
    channels: Iterable[Channel], first: dt.date, last: dt.date, *, but: Post | None = None
) -> dict[int, list[FreeSlot]]:
    """The slots of each channel that no post stands in, on days of its own clock (both included); three queries.

    Args:
        but: a post that takes no place: the one for which a place is sought.
    """
    among = list(channels)
    plans, weekly = plans_of(among), weekly_of(among)
    posts = standing(
        [each for each in among if weekly[each.pk]], *reach(plans.values(), first, last), but=but
    )
    return {pk: free_among(plans[pk], weekly[pk], posts.get(pk, ()), first, last) for pk in plans}


def free_slots(channel: Channel, first: dt.date, last: dt.date, *, but: Post | None = None) -> list[FreeSlot]:
    """The slots of a channel that no post stands in, on the days (both included) of its own clock."""
    return free_slots_of([channel], first, last, but=but)[channel.pk]


def next_free_slots(
    channels: Iterable[Channel], after: dt.datetime, *, but: Post | None = None
) -> dict[int, FreeSlot | None]:
    """For each channel its first free slot later than a moment; ``None``: it has no slots, or none free for a year."""
    among = list(channels)
    first = after.astimezone(dt.UTC).date() - _DAY
    found = free_slots_of(among, first, first + HORIZON, but=but)
    return {
        channel.pk: next((slot for slot in found[channel.pk] if slot.instant > after), None)
        for channel in among
    }


def next_free_slot(channel: Channel, after: dt.datetime, *, but: Post | None = None) -> FreeSlot | None:
    """The first free slot of a channel later than a moment; ``None``: it has no slots, or none free for a year.

    Args:
        but: the post for which a place is sought: where it stands now counts as free.
    """
    return next_free_slots([channel], after, but=but)[channel.pk]
