"""Taking what is due: by lease and fence, at most as fast as the channel allows; for many threads in one go."""

from __future__ import annotations

import copy
import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

#: What is due first is looked at so far to see which channels have something.
_SEEN = 400


@dataclass
class Due:
    """A channel with something due, what of it was seen (in the order of time), and how much of it is taken now."""

    channel: Channel
    rows: list[int]
    batches: int = 0

    @property
    def size(self) -> int:
        """Messages in a batch, at most."""
        return BATCH_OF_POSTS if self.channel.medium == POSTS else BATCH

    @property
    def most(self) -> int:
        """Batches that make sense: each post may have a thread of its own, mails share a connection."""
        if self.channel.medium == POSTS:
            return len(self.rows)
        return math.ceil(len(self.rows) / BATCH)


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


def claim(now: dt.datetime | None = None, *, limit: int | None = None) -> list[Delivery]:
    """Take what is due on one channel; of many who ask, one gets each. Two queries when there is nothing to do.

    Args:
        limit: at most so many.
    """
    found, _more = claim_many(now or clock.now(), threads=1, limit=limit)
    return found[0] if found else []


def claim_many(
    now: dt.datetime, *, threads: int, busy: Mapping[int, int] | None = None, limit: int | None = None
) -> tuple[list[list[Delivery]], bool]:
    """Take as many batches as there are threads to send them, each of one channel; few statements for all of them.

    Args:
        threads: how many threads of this process send; 1: one batch, and no channel is spared.
        busy: how many of them work on each channel.
        limit: at most so many messages in a batch.

    Returns:
        the batches; and whether more is due than was taken, on channels that may send.
    """
    busy = busy or {}
    found = []
    if lost(now).exists():
        held = _take_lost(now)
        if held:
            found.append(held)
            if threads == 1:
                return found, True
    dues = _due(now)
    if not dues or Switch.objects.filter(pk=1, paused_at__isnull=False).exists():
        return found, False
    taken = []
    for each in _shared(dues, busy, threads - len(found)):
        taken = _take(each, now, limit)
        if taken:
            break
    seen = sum(len(due.rows) for due in dues)
    return found + taken, bool(taken) and seen > sum(len(batch) for batch in taken)


def _due(now: dt.datetime) -> list[Due]:
    """Open channels with something due, the longest due first."""
    rows = leaving(now).filter(open_now(now, "channel__")).order_by("next_at", "pk")
    first = list(rows.values_list("channel", "pk")[:_SEEN])
    if not first:
        return []
    every = len(first) < _SEEN
    seen: dict[int, list[int]] = {}
    for channel, row in first:
        seen.setdefault(channel, []).append(row)
    among = Q(pk__in=set(seen)) if every else open_now(now)
    known = {one.pk: one for one in Channel.objects.filter(among)}
    found = [Due(known[pk], rows) for pk, rows in seen.items() if pk in known]
    if not every:  # behind a long queue there may be others
        for pk in known.keys() - seen.keys():
            behind = leaving(now).filter(channel=pk).order_by("next_at", "pk").values_list("pk", flat=True)
            if few := list(behind[:BATCH]):
                found.append(Due(known[pk], few))
    return found


def _shared(dues: Sequence[Due], busy: Mapping[int, int], threads: int) -> Iterator[list[Due]]:
    """What to try, until something is taken: all channels that have a batch to give, or for one thread each by itself.

    Channels that nobody works on come first, then a second thread helps, then a third.
    """
    if threads == 1:
        for due in dues:
            due.batches = 1
            yield [due]
        return
    free = threads - sum(busy.values())
    for helpers in range(HELPERS):
        for due in dues:
            at_it = busy.get(due.channel.pk, 0) + due.batches
            if at_it == helpers and due.batches < due.most and free > (FREE if helpers else 0):
                due.batches += 1
                free -= 1
    if wanted := [due for due in dues if due.batches]:
        yield wanted


@one_at_a_time
@transaction.atomic
def _take(dues: Sequence[Due], now: dt.datetime, limit: int | None) -> list[list[Delivery]]:
    """Take the batches of these channels.

    SKIP LOCKED on PostgreSQL, so that no process waits for another; on SQLite the transaction is IMMEDIATE, so that
    nobody else writes meanwhile. What was seen is judged anew, and so is how fast a channel may send.
    """
    number = {due.channel.pk: due.batches * min(limit or due.size, due.size) for due in dues}
    channels = {due.channel.pk: due.channel for due in dues if not due.channel.per_minute}
    paced = [due.channel.pk for due in dues if due.channel.per_minute]
    if paced:
        fresh = Channel.objects.select_for_update(**_skip()).filter(pk__in=paced).order_by("pk")
        channels |= {one.pk: one for one in fresh}
        for pk in paced:
            number[pk] = min(number[pk], _tokens(channels[pk], now)) if pk in channels else 0
    ids = [row for due in dues for row in due.rows[: number[due.channel.pk]]]
    rows = leaving(now).filter(open_now(now, "channel__"), pk__in=ids).order_by("next_at", "pk")
    held = list(rows.select_for_update(**_locking())) if ids else []
    _keep(held, State.CLAIMED, now)
    of_channel: dict[int, list[Delivery]] = {}
    for one in held:
        of_channel.setdefault(one.channel_id, []).append(one)
    _pay(
        [channels[pk] for pk in paced if pk in channels],
        {pk: len(rows) for pk, rows in of_channel.items()},
        {due.channel.pk for due in dues if len(due.rows) > len(of_channel.get(due.channel.pk, ()))},
        now,
    )
    found = []
    for due in dues:
        mine = of_channel.get(due.channel.pk, [])
        for part in range(min(due.batches, len(mine))):
            batch = mine[part :: due.batches]
            channel = copy.copy(
                channels[due.channel.pk]
            )  # one for each batch: threads keep in it what they learn
            for one in batch:
                one.channel = channel
            found.append(batch)
    return found


def _tokens(channel: Channel, now: dt.datetime) -> int:
    """How many may leave now by the channel's rate; keeps in the channel what that was reckoned from."""
    if not channel.per_minute:  # somebody took the limit away just now
        return 0
    per_second = channel.per_minute / 60
    passed = max(0.0, (now - channel.tokens_at).total_seconds())
    channel.tokens = min(max(1.0, per_second * BURST_SECONDS), channel.tokens + passed * per_second)
    channel.tokens_at = now
    return math.floor(channel.tokens)


def _pay(paced: Sequence[Channel], number: Mapping[int, int], left: set[int], now: dt.datetime) -> None:
    """Write down what leaves on channels with a limit; where more is due than may leave, until when that waits."""
    spent, waiting = [], []
    for channel in paced:
        if not channel.per_minute:
            continue
        if number.get(channel.pk):
            channel.tokens -= number[channel.pk]
            spent.append(channel)
        if channel.tokens < 1 and channel.pk in left:
            wait = dt.timedelta(seconds=(1 - channel.tokens) * 60 / channel.per_minute)
            channel.held_until = max(now + wait, channel.held_until or now)
            waiting.append(channel)
    if spent:
        Channel.objects.bulk_update(spent, ["tokens", "tokens_at"])
    if waiting:
        Channel.objects.bulk_update(waiting, ["held_until"])


def _skip() -> dict[str, Any]:
    return {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}


def _locking() -> dict[str, Any]:
    """For rows that are read beside others: they alone are locked."""
    return {**_skip(), "of": ("self",)} if connection.features.has_select_for_update_of else _skip()


@one_at_a_time
@transaction.atomic
def _take_lost(now: dt.datetime) -> list[Delivery]:
    """One whose answer was lost, to ask for it."""
    rows = lost(now).select_related("channel").select_for_update(**_locking())
    held = list(rows.order_by("next_at", "pk")[:1])
    _keep(held, State.UNCERTAIN, now)
    return held


def _keep(held: Sequence[Delivery], state: State, now: dt.datetime) -> None:
    mine = {"state": state, "lease_owner": owner(), "lease_until": now + LEASE}
    if held:
        Delivery.objects.filter(pk__in=[one.pk for one in held]).update(fence=F("fence") + 1, **mine)
    for one in held:
        one.fence += 1
        for name, value in mine.items():
            setattr(one, name, value)


def seconds_to_next(*, within: float) -> float | None:
    """Seconds until the next message is due or a channel may send again; ``None``: not ``within`` so many seconds."""
    now = clock.now()
    until = now + dt.timedelta(seconds=within)
    due = Delivery.objects.filter(state=State.SCHEDULED, next_at__gt=now, next_at__lte=until)
    held = Channel.objects.filter(held_until__gt=now, held_until__lte=until)
    moments = [
        due.order_by("next_at").values_list("next_at", flat=True).first(),
        held.order_by("held_until").values_list("held_until", flat=True).first(),
    ]
    known = [(moment - now).total_seconds() for moment in moments if moment is not None]
    return min(known) if known else None


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
