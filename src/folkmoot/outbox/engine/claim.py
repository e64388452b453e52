"""Taking what is due: by lease and fence, at most as fast as the channel allows."""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from folkmoot.connectors.posts import MEDIUM as POSTS
from folkmoot.kernel import clock
from folkmoot.kernel.jobs.leases import owner
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


def open_channels(now: dt.datetime) -> list[Channel]:
    """The channels that may send now."""
    return [
        channel
        for channel in Channel.objects.filter(paused_at=None, archived_at=None)
        if (channel.held_until is None or channel.held_until <= now)
        and (channel.expires_at is None or channel.expires_at > now)
    ]


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
    if not leaving(now).exists() or Switch.objects.filter(pk=1, paused_at__isnull=False).exists():
        return []
    for channel in _in_turn(open_channels(now), now, threads):
        most = limit or (BATCH_OF_POSTS if channel.medium == POSTS else BATCH)
        held = _take_at_pace(channel, leaving(now).filter(channel=channel.pk), now, most)
        if held:
            return held
    return []


def _in_turn(channels: list[Channel], now: dt.datetime, threads: int) -> Iterator[Channel]:
    """Channels with something due: those that no thread of this process works on first, the longest due before."""
    known = {channel.pk: channel for channel in channels}
    first = list(
        leaving(now)
        .filter(channel__in=known)
        .order_by("next_at", "pk")
        .values_list("channel", flat=True)[:_SEEN]
    )
    due = list(dict.fromkeys(first))
    if len(first) == _SEEN:  # behind a long queue there may be others
        due += [pk for pk in known if pk not in due and leaving(now).filter(channel=pk).exists()]
    with _lock:
        busy = {pk: _busy.get(pk, 0) for pk in due}
        working = sum(_busy.values())
    for pk in sorted(due, key=lambda one: busy[one]):
        spared = threads and busy[pk] and (busy[pk] >= HELPERS or working >= threads - FREE)
        if not spared:
            yield known[pk]


def _take_at_pace(channel: Channel, rows: QuerySet[Delivery], now: dt.datetime, limit: int) -> list[Delivery]:
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
        held = _take(rows, State.SCHEDULED, now, min(limit, math.floor(tokens)))
        Channel.objects.filter(pk=fresh.pk).update(tokens=tokens - len(held), tokens_at=now)
        return held


def _skip() -> dict[str, Any]:
    return {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}


@transaction.atomic
def _take(rows: QuerySet[Delivery], state: State, now: dt.datetime, limit: int) -> list[Delivery]:
    """SKIP LOCKED on PostgreSQL; on SQLite the transaction is IMMEDIATE, so that nobody else writes meanwhile."""
    locking = {**_skip(), "of": ("self",)} if connection.features.has_select_for_update_of else _skip()
    ids = list(
        rows.select_for_update(**locking).order_by("next_at", "pk").values_list("pk", flat=True)[:limit]
    )
    if not ids:
        return []
    becomes = State.CLAIMED if state == State.SCHEDULED else State.UNCERTAIN
    Delivery.objects.filter(pk__in=ids, state=state).update(
        state=becomes, fence=F("fence") + 1, lease_owner=owner(), lease_until=now + LEASE
    )
    found = Delivery.objects.select_related("channel", "about").filter(
        pk__in=ids, lease_owner=owner(), state=becomes
    )
    return list(found.order_by("next_at", "pk"))


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
