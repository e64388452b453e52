"""Taking what is due: by lease and fence, at most as fast as the channel allows."""

from __future__ import annotations

import datetime as dt
import math
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from folkmoot.connectors.posts import MEDIUM as POSTS
from folkmoot.kernel import clock
from folkmoot.kernel.jobs.leases import owner
from folkmoot.outbox.engine.alone import one_at_a_time
from folkmoot.outbox.models import Channel, Delivery, State, Switch

#: How long a claim holds. A message takes less: the connectors' time-outs see to it.
LEASE = dt.timedelta(seconds=240)
#: Taken at once: few enough that nothing waits long behind a slow one, many enough to share a connection. Posts are
#: fewer: each is a request of its own, and other threads may help.
BATCH, BATCH_OF_POSTS = 20, 4
#: Threads of this process that work on one channel at the same time; and so many stay free for channels that nobody
#: works on, so that slow ones never hold all of them.
HELPERS, FREE = 3, 2
#: A channel with a limit may make up for at most so many seconds in which nothing left.
BURST_SECONDS = 10

#: So long a thread takes from the channels that another has seen something due on, before it looks anew. In seconds.
FRESH = 0.2

#: What is due first is looked at so far to see which channels have something.
_SEEN = 200

_lock = threading.Lock()
#: Channels that a thread of this process works on now: the others look elsewhere first.
_busy: dict[int, int] = {}


def leaving(now: dt.datetime) -> QuerySet[Delivery]:
    """What may leave now, if its channel may and nothing is paused."""
    return Delivery.objects.filter(
        Q(depends_on=None) | Q(depends_on__state=State.SENT),
        state=State.SCHEDULED,
        next_at__lte=now,
        not_after__gte=now,
    )


def lost(now: dt.datetime) -> QuerySet[Delivery]:
    """What has to be asked for now. Asking sends nothing, so a pause does not stop it."""
    return Delivery.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        Q(channel__expires_at=None) | Q(channel__expires_at__gt=now),
        state=State.UNCERTAIN,
        next_at__lte=now,
    )


def open_now(now: dt.datetime, channel: str = "") -> Q:
    """Channels that may send now; ``channel``: how the rows that are asked name theirs, such as ``channel__``."""
    return Q(
        Q(**{f"{channel}held_until": None}) | Q(**{f"{channel}held_until__lte": now}),
        Q(**{f"{channel}expires_at": None}) | Q(**{f"{channel}expires_at__gt": now}),
        **{f"{channel}paused_at": None, f"{channel}archived_at": None},
    )


def claim(now: dt.datetime | None = None, *, limit: int | None = None, threads: int = 0) -> list[Delivery]:
    """Take what is due on one channel; of many who ask, one gets each. Two queries when there is nothing to do.

    Args:
        limit: at most so many.
        threads: how many threads of this process send; 0: no channel is spared.
    """
    now = now or clock.now()
    if lost(now).exists():
        held = _take(lost(now), State.UNCERTAIN, now, 1)
        if held:
            return held
    channels = _due(now)
    if not channels or Switch.objects.filter(pk=1, paused_at__isnull=False).exists():
        return []
    if threads:
        _seen.keep(channels)
    return _first_of(channels, now, limit, threads)


def claim_again(now: dt.datetime, *, threads: int) -> list[Delivery]:
    """Take from a channel that another thread of this process has just seen something due on.

    While much is due at once, looking anew for each message costs more than sending it. What is taken is judged as
    ever; only what became due meanwhile waits until the next look, :data:`FRESH` seconds at most.
    """
    return _first_of(_seen.kept(), now, None, threads)


def _first_of(
    channels: Sequence[Channel], now: dt.datetime, limit: int | None, threads: int
) -> list[Delivery]:
    for channel in _in_turn(channels, threads):
        most = limit or (BATCH_OF_POSTS if channel.medium == POSTS else BATCH)
        held = _take_at_pace(channel, leaving(now).filter(channel=channel.pk), now, most)
        if len(held) < most:  # nothing else is due on it, or it may not send more now
            _seen.drop(channel)
        if held:
            return held
    return []


def seconds_to_next(*, within: float) -> float | None:
    """Seconds until the next message is due; ``None`` when none is in the next ``within`` seconds."""
    now = clock.now()
    rows = Delivery.objects.filter(
        state=State.SCHEDULED, next_at__gt=now, next_at__lte=now + dt.timedelta(seconds=within)
    )
    at = rows.order_by("next_at").values_list("next_at", flat=True).first()
    return None if at is None else (at - now).total_seconds()


def is_more_due() -> bool:
    """Whether more was seen than has been taken, as far as this process knows."""
    return bool(_seen.kept())


def _due(now: dt.datetime) -> list[Channel]:
    """Open channels with something due, the longest due first."""
    rows = leaving(now).filter(open_now(now, "channel__")).order_by("next_at", "pk")
    first = list(rows.values_list("channel", flat=True)[:_SEEN])
    if not first:
        return []
    every = len(first) < _SEEN
    among = Q(pk__in=set(first)) if every else open_now(now)
    known = {one.pk: one for one in Channel.objects.filter(among).only("medium", "per_minute")}
    due = [pk for pk in dict.fromkeys(first) if pk in known]
    if not every:  # behind a long queue there may be others
        due += [pk for pk in known if pk not in due and leaving(now).filter(channel=pk).exists()]
    return [known[pk] for pk in due]


def _in_turn(channels: Sequence[Channel], threads: int) -> Iterator[Channel]:
    """Those that no thread of this process works on first."""
    with _lock:
        busy = {channel.pk: _busy.get(channel.pk, 0) for channel in channels}
        working = sum(_busy.values())
    for channel in sorted(channels, key=lambda one: busy[one.pk]):
        at_it = busy[channel.pk]
        spared = threads and at_it and (at_it >= HELPERS or working >= threads - FREE)
        if not spared:
            yield channel


class _Seen:
    """The channels on which a thread of this process saw something due, for a short while."""

    def __init__(self) -> None:
        self._channels: dict[int, Channel] = {}
        self._until = 0.0

    def keep(self, channels: Sequence[Channel]) -> None:
        with _lock:
            self._channels = {channel.pk: channel for channel in channels}
            self._until = time.monotonic() + FRESH

    def kept(self) -> list[Channel]:
        with _lock:
            return list(self._channels.values()) if time.monotonic() < self._until else []

    def drop(self, channel: Channel) -> None:
        with _lock:
            self._channels.pop(channel.pk, None)


_seen = _Seen()


@one_at_a_time
def _take_at_pace(channel: Channel, rows: QuerySet[Delivery], now: dt.datetime, limit: int) -> list[Delivery]:
    rows = rows.filter(open_now(now, "channel__"))
    if not channel.per_minute:
        return _take(rows, State.SCHEDULED, now, limit)
    with transaction.atomic():
        fresh = Channel.objects.select_for_update(**_skip()).filter(pk=channel.pk).first()
        if fresh is None or not fresh.per_minute:
            return []
        per_second = fresh.per_minute / 60
        most = max(1.0, per_second * BURST_SECONDS)
        passed = max(0.0, (now - fresh.tokens_at).total_seconds())
        tokens = min(most, fresh.tokens + passed * per_second)
        if tokens < 1:
            wait = dt.timedelta(seconds=(1 - tokens) / per_second)
            Channel.objects.filter(pk=fresh.pk).update(held_until=now + wait)
            return []
        held = _take(rows, State.SCHEDULED, now, min(limit, math.floor(tokens)), fresh)
        if held:
            Channel.objects.filter(pk=fresh.pk).update(tokens=tokens - len(held), tokens_at=now)
        return held


def _skip() -> dict[str, Any]:
    return {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}


@one_at_a_time
@transaction.atomic
def _take(
    rows: QuerySet[Delivery], state: State, now: dt.datetime, limit: int, channel: Channel | None = None
) -> list[Delivery]:
    """SKIP LOCKED on PostgreSQL; on SQLite the transaction is IMMEDIATE, so that nobody else writes meanwhile."""
    locking = {**_skip(), "of": ("self",)} if connection.features.has_select_for_update_of else _skip()
    held = list(rows.select_for_update(**locking).order_by("next_at", "pk")[:limit])
    if not held:
        return []
    becomes = State.CLAIMED if state == State.SCHEDULED else State.UNCERTAIN
    mine = {"state": becomes, "lease_owner": owner(), "lease_until": now + LEASE}
    Delivery.objects.filter(pk__in=[one.pk for one in held]).update(fence=F("fence") + 1, **mine)
    if channel is None:
        channel = Channel.objects.get(pk=held[0].channel_id)  # what is taken at once is of one channel
    for one in held:
        one.channel = channel
        one.fence += 1
        for name, value in mine.items():
            setattr(one, name, value)
    return held


class Working:
    """Marks a channel as worked on by a thread of this process."""

    def __init__(self, channel: int) -> None:
        self._channel = channel

    def __enter__(self) -> None:
        with _lock:
            _busy[self._channel] = _busy.get(self._channel, 0) + 1

    def __exit__(self, *exc: object) -> None:
        with _lock:
            _busy[self._channel] -= 1


def release(held: list[Delivery], *, next_at: dt.datetime | None = None, words: str | None = None) -> None:
    """Give back what was claimed and not begun."""
    now = clock.now()
    for delivery in held:
        values = {"next_at": next_at} if next_at else {}
        if words is not None:
            values["words"] = words[:500]  # type: ignore[assignment]
        Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence, state=State.CLAIMED).update(
            state=State.SCHEDULED, lease_owner="", lease_until=None, changed_at=now, **values
        )
