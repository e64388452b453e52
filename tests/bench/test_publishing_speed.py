"""1,000 posts that are due within one minute, on twenty channels: each leaves within two seconds of when it may."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from folkmoot.kernel import clock
from folkmoot.outbox.engine.claim import BURST_SECONDS
from folkmoot.outbox.models import Channel, Delivery, digest
from tests.kernel.processes import ROOT, environment
from tests.outbox import board
from tests.outbox.board import Board
from tests.platforms.base import Asked, Fault

POSTS = int(os.environ.get("FOLKMOOT_BENCH_POSTS", "1000"))
CHANNELS, SEED = 20, 20261129
WORKERS = int(os.environ.get("FOLKMOOT_BENCH_WORKERS", "1"))
WINDOW = float(os.environ.get("FOLKMOOT_BENCH_SECONDS", "60"))
#: How many a minute the channels may send; none: as fast as it goes.
RATES = (None, 30, 60, 120)
#: What a platform takes to answer, in seconds; one of them takes longer.
LATENCY, SLOW = 0.15, 1.5
#: What is promised, in seconds; and of how many.
WITHIN, OF = 2.0, 0.99


@pytest.fixture
def boards() -> Iterator[list[Board]]:
    made = [Board().start() for _ in range(CHANNELS)]

    def wait(asked: Asked) -> Fault:
        return Fault.DELAY

    for number, each in enumerate(made):
        each.chaos, each.seconds = wait, SLOW if number == 0 else LATENCY
    yield made
    for each in made:
        each.stop()


def fill(boards: list[Board]) -> dt.datetime:
    """The posts, at moments of one minute that begins soon."""
    chance = random.Random(SEED)
    begin = clock.now() + dt.timedelta(seconds=12)
    rows = []
    for number, each in enumerate(boards):
        rate = RATES[number % len(RATES)]
        channel = Channel.objects.create(
            kind="board-exact",
            name=f"Board {number}",
            medium="post",
            settings=board.access_of(each, token="t0"),
            per_minute=rate,
            tokens=(rate or 0) / 60 * BURST_SECONDS,
        )
        for place in range(POSTS // CHANNELS):
            # A fifth at the full minute, as people plan: all at once; the others anywhere in it.
            due = begin + dt.timedelta(seconds=chance.uniform(0, WINDOW) if place % 5 else 0)
            payload = {"text": f"{number}/{place}"}
            rows.append(
                Delivery(
                    channel=channel, key=f"{number}-{place}", kind="bench", area="people", title=payload["text"],
                    due_at=due, next_at=due, not_after=due + dt.timedelta(hours=1), payload=payload,
                    payload_sha256=digest(payload), planned_id=f"{number}-{place}",
                )
            )  # fmt: skip
    Delivery.objects.bulk_create(rows, batch_size=500)
    return begin


def allowed(dues: list[dt.datetime], rate: int | None) -> list[dt.datetime]:
    """When each of a channel's posts may leave, by its rate: a bucket that is full at first."""
    if rate is None:
        return dues
    per_second = rate / 60
    most = max(1.0, per_second * BURST_SECONDS)
    found, tokens, at = [], most, dues[0]
    for due in dues:
        now = max(due, at)
        tokens = min(most, tokens + (now - at).total_seconds() * per_second)
        if tokens < 1:
            now += dt.timedelta(seconds=(1 - tokens) / per_second)
            tokens = 1.0
        found.append(now)
        tokens, at = tokens - 1, now
    return found


def rows_of(folder: Path) -> list[tuple[int, dt.datetime, dt.datetime | None]]:
    """Channel, due, sent."""
    names = ("channel_id", "due_at", "sent_at")
    if connection.vendor == "sqlite":
        import sqlite3

        with sqlite3.connect(folder / "copy.sqlite3") as copy:
            found = copy.execute("SELECT channel_id, due_at, sent_at FROM outbox_delivery").fetchall()
        return [(one, _moment(due), _moment(sent) if sent else None) for one, due, sent in found]  # type: ignore[misc]
    return list(Delivery.objects.values_list(*names))  # type: ignore[arg-type]


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_thousand_posts_in_one_minute(boards: list[Board], tmp_path: Path) -> None:
    for _ in board.register():
        fill(boards)
    rates = dict(Channel.objects.values_list("pk", "per_minute"))
    slow = Channel.objects.get(name="Board 0").pk
    env = {**environment(tmp_path), "FOLKMOOT_HTTP_ALLOW": "127.0.0.0/8"}
    connections.close_all()
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.outbox.board", "180"]
    running = [subprocess.Popen(command, env=env, cwd=ROOT) for _ in range(WORKERS)]
    assert [each.wait(240) for each in running] == [0] * WORKERS
    took = time.monotonic() - began
    of_channel: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for channel, due, sent in rows_of(tmp_path):
        assert sent is not None, "none is left behind"
        of_channel[channel].append((due, sent))
    late: dict[bool, list[float]] = defaultdict(list)
    by_rate: dict[int | None, float] = defaultdict(float)
    for channel, rows in of_channel.items():
        dues = sorted(due for due, _sent in rows)
        for may, sent in zip(allowed(dues, rates[channel]), sorted(sent for _due, sent in rows), strict=True):
            late[channel == slow].append((sent - may).total_seconds())
            if channel != slow:
                by_rate[rates[channel]] = max(by_rate[rates[channel]], late[False][-1])
    vendor = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    others = sorted(late[False])
    place = others[int(len(others) * OF) - 1]
    print(
        f"{vendor}: {POSTS} posts on {CHANNELS} channels in {took:.0f} s; from due to sent: "
        f"half within {others[len(others) // 2]:.2f} s, 99 % within {place:.2f} s, all within {others[-1]:.2f} s; "
        f"the slow one within {max(late[True]):.1f} s; the latest by rate: "
        + ", ".join(f"{rate}: {seconds:.2f} s" for rate, seconds in by_rate.items())
    )
    assert sum(len(each.accepted) for each in boards) == POSTS
    assert [each.doubles() for each in boards if each.doubles()] == []
    assert place <= WITHIN
    # No channel sends more than its rate allows, in any minute and any burst.
    for channel, rows in of_channel.items():
        rate = rates[channel]
        if rate is None:
            continue
        moments = sorted(sent for _due, sent in rows)
        for first, start in enumerate(moments):
            until = start + dt.timedelta(seconds=10)
            burst = sum(1 for each in moments[first:] if each < until)
            assert burst <= rate / 60 * (BURST_SECONDS + 10) + 2 + rate / 60 * WITHIN
