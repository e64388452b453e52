"""Cadence: how often a channel is meant to have a post, and where it does not.

A goal says so many posts in so many days, from a day on, until the next goal of the channel begins. Its windows follow
one another from that first day. The last one may be cut short by the next goal; a window that is cut asks for nothing.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from folkmoot.outbox.public import Channel
from folkmoot.publishing.models import CadenceGoal
from folkmoot.publishing.queries.plans import Standing, plans_of, standing

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Some days of a channel that have a goal: the first and the last of them, and how many posts they have.

    Attributes:
        wanted: posts that the goal asks for.
        posts: posts that stand there; of those whose time is over, the ones that left.
    """

    channel: Channel
    first: dt.date
    last: dt.date
    wanted: int
    posts: int

    @property
    def missing(self) -> int:
        """How many posts it lacks."""
        return max(0, self.wanted - self.posts)

    @property
    def is_kept(self) -> bool:
        """It has what the goal asks for."""
        return not self.missing


@dataclass(frozen=True)
class Span:
    """Days that have a goal (both included), and how many posts it asks for."""

    first: dt.date
    last: dt.date
    wanted: int


def spans(goals: Iterable[tuple[dt.date, int, int]], first: dt.date, last: dt.date) -> list[Span]:
    """The whole windows that touch the days from ``first`` to ``last`` (both included).

    Args:
        goals: since, posts, days; by their beginning.
    """
    found: list[Span] = []
    ordered = sorted(goals)
    for number, (since, posts, days) in enumerate(ordered):
        ends = ordered[number + 1][0] - _DAY if number + 1 < len(ordered) else dt.date.max
        if not posts or since > last or ends < first:
            continue
        width = dt.timedelta(days=days)
        begins = since + max(0, (first - since).days // days) * width
        while begins <= last and begins <= ends - width + _DAY:
            found.append(Span(begins, begins + width - _DAY, posts))
            begins += width
    return found


def goals_of(channels: Iterable[Channel]) -> dict[int, list[tuple[dt.date, int, int]]]:
    """The goals of each channel (since, posts, days), in their order; one query."""
    found: dict[int, list[tuple[dt.date, int, int]]] = {channel.pk: [] for channel in channels}
    rows = CadenceGoal.objects.filter(channel__in=list(found)).order_by("since")
    for pk, since, posts, days in rows.values_list("channel_id", "since", "posts", "days"):
        found[pk].append((since, posts, days))
    return found


def reach(found: Iterable[Span], first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Between which moments a post may stand in one of the windows, or on the days, on whatever clock."""
    among = list(found)
    earliest = min([first, *(span.first for span in among)])
    latest = max([last, *(span.last for span in among)])
    midnight = dt.time()
    return (
        dt.datetime.combine(earliest, midnight, dt.UTC) - _DAY,
        dt.datetime.combine(latest, midnight, dt.UTC) + 2 * _DAY,
    )


def filled(channel: Channel, zone: str, among: Iterable[Span], posts: Iterable[Standing]) -> list[Window]:
    """The windows with what stands in them, on days of the zone."""
    place = ZoneInfo(zone)
    days = [post.moment.astimezone(place).date() for post in posts if post.counts]
    return [
        Window(
            channel,
            span.first,
            span.last,
            span.wanted,
            bisect_left(days, span.last + _DAY) - bisect_left(days, span.first),
        )
        for span in among
    ]


def windows_of(channels: Iterable[Channel], first: dt.date, last: dt.date) -> dict[int, list[Window]]:
    """The windows of each channel's goals that touch the days (both included, on its own clock); three queries."""
    among = list(channels)
    plans, goals = plans_of(among), goals_of(among)
    wanted = {channel.pk: spans(goals[channel.pk], first, last) for channel in among}
    every = [span for found in wanted.values() for span in found]
    posts = standing([each for each in among if wanted[each.pk]], *reach(every, first, last))
    return {
        channel.pk: filled(channel, plans[channel.pk].zone, wanted[channel.pk], posts.get(channel.pk, ()))
        for channel in among
    }


def windows(channel: Channel, first: dt.date, last: dt.date) -> list[Window]:
    """The windows of a channel's goals that touch the days (both included, on its own clock)."""
    return windows_of([channel], first, last)[channel.pk]


def gaps(channel: Channel, first: dt.date, last: dt.date) -> list[Window]:
    """The windows that have fewer posts than their goal asks for."""
    return [window for window in windows(channel, first, last) if not window.is_kept]
