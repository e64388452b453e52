"""What stands on the calendar of posts: the first of each day, and how many more there are; free places and goals.

A post stands where it leaves; a channel that gets it at a time of its own makes it stand there, too. Nothing here grows
with the number of posts but what the database counts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import Cast, RowNumber, TruncDate
from django.utils import timezone

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Tag
from folkmoot.publishing.models import CadenceGoal, Campaign, ChannelPlan, Post, PostState, Slot, Variant
from folkmoot.publishing.queries import cadence, slots
from folkmoot.publishing.queries.plans import plans_of, standing

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Stop:
    """A post at a moment (UTC), for the channels that get it then; ``variant``: the one whose own time it is."""

    post: Post
    moment: dt.datetime
    channels: tuple[int, ...] = ()
    variant: int = 0

    @property
    def day(self) -> dt.date:
        """Its day on the reader's clock."""
        return timezone.localtime(self.moment).date()


@dataclass(frozen=True)
class Stops:
    """The first stops of each day, and how many stops a day has beside them."""

    shown: Sequence[Stop]
    left_out: Mapping[dt.date, int]


def begin_of(day: dt.date) -> dt.datetime:
    """When a day begins on the reader's clock (UTC)."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time())).astimezone(dt.UTC)


def stops(
    posts: QuerySet[Post], first: dt.date, last: dt.date, *, most: int, channels: Sequence[int] = ()
) -> Stops:
    """What stands on the days (both included, on the reader's clock); three queries.

    Args:
        posts: those that may be shown.
        most: stops of a day at most.
        channels: only what these get; empty: all.
    """
    between = Q(due_at__gte=begin_of(first), due_at__lt=begin_of(last + _DAY))
    shared = _shared(posts.filter(between), channels).select_related("owner")
    own = Variant.objects.filter(between, post__in=posts.order_by().values("pk"), channel__isnull=False)
    if channels:
        own = own.filter(channel__in=channels)
    counts: Counter[dt.date] = Counter()
    found: list[Stop] = []
    for row in _ranked(shared, most):
        counts[row.day] = max(counts[row.day], row.on_day)
        found.append(Stop(row, row.due_at))
    alone: Counter[dt.date] = Counter()
    for variant in _ranked(own.select_related("post__owner"), most):
        alone[variant.day] = max(alone[variant.day], variant.on_day)
        found.append(Stop(variant.post, variant.due_at, (variant.channel_id,), variant.pk))
    counts.update(alone)
    kept = _first_of(found, most)
    left_out = counts - Counter(stop.day for stop in kept)
    return Stops(_with_channels(kept, channels), left_out)


def _shared(posts: QuerySet[Post], channels: Sequence[int]) -> QuerySet[Any]:
    """Those that stand at their own time: some channel gets them then, or they have no channel yet."""
    there = Variant.objects.filter(post=OuterRef("pk"), channel__isnull=False)
    if channels:
        return posts.filter(Exists(there.filter(due_at=None, channel__in=channels)))
    return posts.filter(~Exists(there) | Exists(there.filter(due_at=None)))


def _ranked(rows: QuerySet[Any], most: int) -> QuerySet[Any]:
    """The first rows of each day, each with its ``day`` and how many rows there are ``on_day``."""
    day = TruncDate("due_at", tzinfo=timezone.get_current_timezone())
    ranked: QuerySet[Any] = (
        rows.order_by()
        .annotate(day=day)
        .annotate(
            rank=Window(RowNumber(), partition_by=[F("day")], order_by=[F("due_at").asc(), F("pk").asc()]),
            on_day=Window(Count("pk"), partition_by=[F("day")]),
        )
        .filter(rank__lte=most)
    )
    return ranked


def _first_of(found: Iterable[Stop], most: int) -> list[Stop]:
    days: dict[dt.date, list[Stop]] = defaultdict(list)
    for stop in sorted(found, key=lambda stop: (stop.moment, stop.post.pk, stop.variant)):
        days[stop.day].append(stop)
    return [stop for each in days.values() for stop in each[:most]]


def _with_channels(found: Iterable[Stop], channels: Sequence[int]) -> list[Stop]:
    among = list(found)
    posts = {stop.post.pk for stop in among if not stop.variant}
    rows = Variant.objects.filter(post__in=posts, channel__isnull=False, due_at=None)
    if channels:
        rows = rows.filter(channel__in=channels)
    gets: dict[int, list[int]] = defaultdict(list)
    for post, channel in rows.order_by("channel__name", "pk").values_list("post_id", "channel_id"):
        if channel is not None:
            gets[post].append(channel)
    return [
        stop if stop.variant else Stop(stop.post, stop.moment, tuple(gets[stop.post.pk])) for stop in among
    ]


# ------------------------------------------------------- places and goals


@dataclass(frozen=True)
class OfChannel:
    """How a channel is doing on the days shown."""

    channel: Channel
    plan: ChannelPlan
    #: Whole windows of its goals that touch the days.
    windows: Sequence[cadence.Window]
    free: Sequence[slots.FreeSlot]

    @property
    def kept(self) -> int:
        """How many windows have what their goal asks for."""
        return sum(window.is_kept for window in self.windows)

    @property
    def gaps(self) -> list[cadence.Window]:
        """Windows that lack a post."""
        return [window for window in self.windows if not window.is_kept]


def of_channels(channels: Iterable[Channel], first: dt.date, last: dt.date) -> list[OfChannel]:
    """Free places and goals of channels that came with their plans, on the days (both included); two queries."""
    among = list(channels)
    plans = plans_of(among, loaded=True)
    weekly, goals = declared(among)
    wanted = {channel.pk: cadence.spans(goals[channel.pk], first, last) for channel in among}
    asking = [channel for channel in among if weekly[channel.pk] or wanted[channel.pk]]
    reaches = (
        slots.reach(plans.values(), first, last),
        cadence.reach([span for found in wanted.values() for span in found], first, last),
    )
    posts = standing(asking, min(start for start, _end in reaches), max(end for _start, end in reaches))
    return [
        OfChannel(
            channel,
            plans[channel.pk],
            cadence.filled(channel, plans[channel.pk].zone, wanted[channel.pk], posts.get(channel.pk, ())),
            slots.free_among(plans[channel.pk], weekly[channel.pk], posts.get(channel.pk, ()), first, last),
        )
        for channel in among
    ]


@dataclass(frozen=True)
class Known:
    """What the calendar can be narrowed to (key and name), and how many posts need a look."""

    campaigns: list[tuple[str, str]]
    tags: list[tuple[str, str]]
    owners: list[tuple[str, str]]
    trouble: int


def known() -> Known:
    """Campaigns in use, tags and owners of posts, how many posts need a look; one query."""
    tagged = Post.tags.through._default_manager.filter(tag=OuterRef("pk"))
    owned = Post.objects.filter(owner=OuterRef("pk"))
    troubled = Post.objects.filter(state=PostState.TROUBLE).order_by().values(what=Value("trouble"))
    fields = ("what", "number", "label")
    sources: list[QuerySet[Any]] = [
        rows.order_by().annotate(what=Value(what), number=F("pk"), label=F("name")).values_list(*fields)
        for what, rows in (
            ("campaign", Campaign.objects.filter(archived_at=None)),
            ("tag", Tag.objects.filter(Exists(tagged))),
            ("owner", User.objects.filter(Exists(owned))),
        )
    ]
    sources.append(troubled.annotate(number=Count("pk"), label=Value("")).values_list(*fields))
    first, *rest = sources
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for what, number, label in sorted(first.union(*rest, all=True), key=lambda row: str(row[2]).casefold()):
        found[what].append((str(number), label))
    trouble = sum(int(number) for number, _label in found["trouble"])
    return Known(found["campaign"], found["tag"], found["owner"], trouble)


def declared(
    channels: Iterable[Channel],
) -> tuple[dict[int, list[tuple[int, dt.time]]], dict[int, list[tuple[dt.date, int, int]]]]:
    """The slots and the goals of channels, as :func:`slots.weekly_of` and :func:`cadence.goals_of`; one query."""
    weekly: dict[int, list[tuple[int, dt.time]]] = {channel.pk: [] for channel in channels}
    goals: dict[int, list[tuple[dt.date, int, int]]] = {pk: [] for pk in weekly}
    fields = ("what", "channel", "one", "two", "when")
    text = CharField()
    places = Slot.objects.filter(channel__in=list(weekly)).order_by()
    wanted = CadenceGoal.objects.filter(channel__in=list(weekly)).order_by()
    rows: QuerySet[Any] = places.annotate(
        what=Value("slot"), one=F("weekday"), two=Value(0), when=Cast("time", text)
    ).values_list(*fields)
    others: QuerySet[Any] = wanted.annotate(
        what=Value("goal"), one=F("posts"), two=F("days"), when=Cast("since", text)
    ).values_list(*fields)
    for what, pk, one, two, when in rows.union(others, all=True):
        if what == "slot":
            weekly[pk].append((one, dt.time.fromisoformat(when)))
        else:
            goals[pk].append((dt.date.fromisoformat(when), one, two))
    return weekly, goals
