"""What the figures of publishing rest on: posts on channels, as they were known at the end of a scope."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from folkmoot.kernel.metrics import Scope
from folkmoot.outbox.public import Channel, State, Verb
from folkmoot.publishing.models import CadenceGoal, FollowerReading, Publication, Reading
from folkmoot.publishing.queries.cadence import Window, windows_of
from folkmoot.publishing.queries.plans import plans_of

#: Fewer posts than this say nothing about hours, kinds or channels.
ENOUGH = 20
#: Leaving so long after its time is on time: the engine looks twice a second, platforms take a while.
ON_TIME = dt.timedelta(minutes=1)


def planned(scope: Scope) -> QuerySet[Publication]:
    """Posts on channels (of a thread its first part) whose time lies in the period; cancelled ones are left out."""
    rows = Publication.objects.filter(
        part=1, delivery__verb=Verb.SEND, delivery__due_at__gte=scope.start, delivery__due_at__lt=scope.end
    ).exclude(delivery__state=State.CANCELLED)
    if scope.project:
        rows = rows.filter(variant__post__project__name=scope.project)
    return rows


def sent(scope: Scope) -> QuerySet[Publication]:
    """Those that left."""
    return planned(scope).filter(delivery__state=State.SENT)


def missed(scope: Scope) -> QuerySet[Publication]:
    """Those that did not: refused, withheld, or their time went by."""
    return planned(scope).filter(
        delivery__state__in=[State.MISSED, State.FAILED, State.WITHHELD, State.NEEDS_PERSON]
    )


def on_time(scope: Scope) -> QuerySet[Publication]:
    """Those that left within a minute of their time."""
    return sent(scope).filter(delivery__sent_at__lte=F("delivery__due_at") + ON_TIME)


def with_readings(rows: QuerySet[Any], until: dt.datetime) -> QuerySet[Any]:
    """With the newest reading before a moment (UTC) as ``reading_…``, and ``engagement``: all of it together.

    Engagement of a thread is that of its first part. It is ``None`` where the platform told nothing.
    """
    newest = Reading.objects.filter(publication=OuterRef("pk"), at__lt=until).order_by("-at")
    found: dict[str, Any] = {
        f"reading_{name}": Subquery(newest.values(name)[:1])
        for name in ("likes", "shares", "replies", "quotes", "views", "clicks")
    }
    beside: QuerySet[Any] = rows.annotate(reading_at=Subquery(newest.values("at")[:1]), **found)
    whole: QuerySet[Any] = beside.annotate(
        engagement=Coalesce("reading_likes", 0)
        + Coalesce("reading_shares", 0)
        + Coalesce("reading_replies", 0)
        + Coalesce("reading_quotes", 0)
    )
    return whole


def told(scope: Scope) -> QuerySet[Any]:
    """Those that left and of which a platform told something, with their readings."""
    return with_readings(sent(scope), scope.known_until).filter(reading_at__isnull=False)


def reached(scope: Scope) -> QuerySet[Any]:
    """Those of which a platform told how often they were seen."""
    return told(scope).filter(reading_views__isnull=False)


def middle(values: Iterable[float]) -> float | None:
    """The median; ``None`` of nothing."""
    among = list(values)
    return float(median(among)) if among else None


def windows(scope: Scope) -> list[Window]:
    """The windows of cadence goals that ended in the period, in the order of channels and days."""
    channels = list(
        Channel.objects.filter(pk__in=CadenceGoal.objects.values("channel")).order_by("name", "pk")
    )
    first, last = scope.period.first, (scope.end - dt.timedelta(days=1)).date()
    if last < first:
        return []
    found = windows_of(channels, first, last)
    return [window for channel in channels for window in found[channel.pk] if first <= window.last <= last]


def by_tag(scope: Scope) -> dict[str, int]:
    """Tag to how many posts on channels that left bear it; a post with two tags counts under both."""
    rows = sent(scope).filter(variant__post__tags__isnull=False)
    found: dict[str, int] = defaultdict(int)
    for tag in rows.values_list("variant__post__tags__name", flat=True):
        found[str(tag)] += 1
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def by_channel(scope: Scope) -> list[tuple[str, int, int, float | None, float | None]]:
    """For each channel: planned, left, median engagement, median of views."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for channel, state in planned(scope).values_list("delivery__channel", "delivery__state"):
        counts[channel][0] += 1
        counts[channel][1] += state == State.SENT
    liked: dict[int, list[float]] = defaultdict(list)
    seen: dict[int, list[float]] = defaultdict(list)
    for channel, engagement, views in told(scope).values_list(
        "delivery__channel", "engagement", "reading_views"
    ):
        liked[channel].append(engagement)
        if views is not None:
            seen[channel].append(views)
    names = dict(Channel.objects.filter(pk__in=list(counts)).values_list("pk", "name"))
    return [
        (names[pk], counts[pk][0], counts[pk][1], middle(liked[pk]), middle(seen[pk]))
        for pk in sorted(counts, key=lambda pk: (names[pk].casefold(), pk))
    ]


def by_kind(scope: Scope) -> list[tuple[str, int, float | None]]:
    """For each kind of post: how many left, and their median engagement."""
    return _engagement_by(scope, "variant__post__kind")


def by_campaign(scope: Scope) -> list[tuple[str, int, float | None]]:
    """For each campaign: how many posts on channels left, and their median engagement."""
    return _engagement_by(scope, "variant__post__campaign__name")


def _engagement_by(scope: Scope, field: str) -> list[tuple[str, int, float | None]]:
    number: dict[str, int] = defaultdict(int)
    for name in sent(scope).values_list(field, flat=True):
        number[str(name or "")] += 1
    liked: dict[str, list[float]] = defaultdict(list)
    for name, engagement in told(scope).values_list(field, "engagement"):
        liked[str(name or "")].append(engagement)
    return [
        (name, number[name], middle(liked[name]))
        for name in sorted(number, key=lambda name: (-number[name], name))
    ]


def best(scope: Scope, most: int = 10) -> list[Publication]:
    """What worked: the posts on channels with the most engagement, each with its readings."""
    rows = told(scope).select_related("variant__post", "delivery__channel")
    return list(rows.filter(engagement__gt=0).order_by("-engagement", "-delivery__sent_at", "pk")[:most])


def by_hour(scope: Scope) -> list[tuple[int, int, float]]:
    """For each hour of the day, on the channel's clock: how many left then, and their median engagement.

    Empty where fewer than :data:`ENOUGH` posts were told of: chance would be taken for a finding.
    """
    rows = list(told(scope).values_list("delivery__channel", "delivery__sent_at", "engagement"))
    if len(rows) < ENOUGH:
        return []
    channels = list(Channel.objects.filter(pk__in={channel for channel, _at, _number in rows}))
    zones = {pk: ZoneInfo(plan.zone) for pk, plan in plans_of(channels).items()}
    hours: dict[int, list[float]] = defaultdict(list)
    for channel, at, engagement in rows:
        hours[at.astimezone(zones[channel]).hour].append(engagement)
    return [(hour, len(hours[hour]), float(median(hours[hour]))) for hour in sorted(hours)]


def followers(scope: Scope) -> list[tuple[str, int | None, int]]:
    """For each channel that tells: followers at the period's beginning (or when first known) and at its end."""
    last = (scope.end - dt.timedelta(days=1)).date()
    known: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
    for name, day, number in (
        FollowerReading.objects.filter(on__lte=last)
        .order_by("channel", "on")
        .values_list("channel__name", "on", "followers")
    ):
        known[name].append((day, number))
    found = []
    for name in sorted(known, key=str.casefold):
        before = [number for day, number in known[name] if day <= scope.period.first]
        inside = [number for day, number in known[name] if day >= scope.period.first]
        start = before[-1] if before else inside[0] if inside else None
        found.append((name, start, known[name][-1][1]))
    return found


def of_post(post: int) -> list[tuple[Publication, Reading | None]]:
    """The publications of a post, each with its newest reading; two queries."""
    rows = list(
        Publication.objects.filter(variant__post=post)
        .select_related("delivery__channel", "variant")
        .order_by("delivery__channel__name", "version", "part")
    )
    newest = {one.publication_id: one for one in Reading.objects.filter(publication__in=rows, is_newest=True)}
    return [(row, newest.get(row.pk)) for row in rows]


def totals(publications: Iterable[int]) -> dict[str, int | None]:
    """What platforms told of these altogether; ``None`` for what none of them tells."""
    rows = Reading.objects.filter(publication__in=list(publications), is_newest=True)
    found: dict[str, int | None] = rows.aggregate(
        **{name: Sum(name) for name in ("likes", "shares", "replies", "quotes", "views", "clicks")}
    )
    return found
