"""Many threads of one process: one claims for all, each sends, and between the two nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel import clock
from folkmoot.outbox.engine import claim, loop
from folkmoot.outbox.engine.desk import Desk, Turn
from folkmoot.outbox.models import Attempt, Channel, Delivery, State, Switch
from tests.kernel.processes import ROOT, environment
from tests.outbox.conftest import Queue, make_channel
from tests.outbox.faulty import Platform


def batch(channel: int, *numbers: int) -> list[Delivery]:
    return [Delivery(pk=number, channel_id=channel) for number in numbers]


def test_one_looks_one_watches_the_others_sleep() -> None:
    desk = Desk()
    assert [desk.next(0) for _ in range(4)] == [Turn.LOOK, Turn.WATCH, Turn.REST, Turn.REST]
    desk.looked(again=False)
    assert desk.next(0) is Turn.REST, "nobody asked for another look"
    desk.watched()
    assert [desk.next(0), desk.next(0)] == [Turn.LOOK, Turn.WATCH]
    desk.looked(again=True)
    assert desk.next(0) is Turn.LOOK


def test_who_sent_wants_a_look_since_its_channel_is_free_and_parts_may_follow() -> None:
    desk = Desk()
    assert [desk.next(0), desk.next(0)] == [Turn.LOOK, Turn.WATCH]
    desk.put([batch(1, 11), batch(1, 12), batch(2, 21)])
    desk.looked(again=False)
    assert desk.busy() == {1: 2, 2: 1}
    assert [[one.pk for one in desk.next(0)] for _ in range(3)] == [[11], [12], [21]]  # type: ignore[union-attr]
    assert (desk.next(0), desk.busy()) == (Turn.REST, {1: 2, 2: 1})
    desk.done(1)
    assert (desk.busy(), desk.next(0)) == ({1: 1, 2: 1}, Turn.LOOK)
    desk.done(1)
    desk.done(2)
    assert desk.busy() == {}


def test_what_nobody_has_begun_can_be_taken_back() -> None:
    desk = Desk()
    desk.put([batch(1, 11, 12), batch(2, 21)])
    desk.next(0)
    assert [[one.pk for one in held] for held in desk.rest()] == [[21]]
    assert (desk.busy(), desk.rest()) == ({1: 1}, [])


def test_the_last_who_fell_asleep_is_woken_first() -> None:
    desk = Desk()
    desk.next(0), desk.next(0)
    woken: list[str] = []

    def sleep(name: str) -> None:
        if desk.next(30) is not Turn.REST:
            woken.append(name)

    threads = []
    for number, name in enumerate(("first", "second", "third"), 1):
        threads.append(threading.Thread(target=sleep, args=(name,)))
        threads[-1].start()
        while len(desk._sleepers) < number:
            time.sleep(0.001)
    for number in range(3):
        desk.put([batch(1, number)])
        while len(woken) <= number:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert woken == ["third", "second", "first"]


def look(*, threads: int = 32, busy: dict[int, int] | None = None) -> tuple[list[list[Delivery]], bool]:
    return claim.claim_many(clock.now(), threads=threads, busy=busy)


def shape(batches: list[list[Delivery]]) -> dict[str, list[int]]:
    """Sizes of the batches of each channel."""
    found: dict[str, list[int]] = {}
    for held in batches:
        found.setdefault(held[0].channel.name, []).append(len(held))
    return {name: sorted(sizes, reverse=True) for name, sizes in found.items()}


@pytest.fixture
def channels(db: None, tmp_path: Path, queue: Queue) -> list[Channel]:
    """Three of posts with 1, 3 and 30 that are due, one of mail with 30."""
    made = [make_channel(tmp_path, name_) for name_ in ("faulty", "faulty", "faulty")]
    made.append(Channel.objects.create(kind="faulty", name="mail", medium="mail", settings={"folder": "x"}))
    for channel, number in zip(made, (1, 3, 30, 30), strict=True):
        for place in range(number):
            queue(f"{channel.pk}-{place}", on=channel)
    return made


def test_each_channel_gets_threads_and_each_row_goes_to_one(channels: list[Channel]) -> None:
    one, few, many, mail = channels
    batches, more = look()
    assert shape(batches) == {one.name: [1], few.name: [1, 1, 1], many.name: [4, 4, 4], mail.name: [15, 15]}
    taken = [held.pk for each in batches for held in each]
    assert Counter(taken).most_common(1)[0][1] == 1
    claimed = dict(Delivery.objects.filter(state=State.CLAIMED).values_list("pk", "fence"))
    assert claimed == {held.pk: held.fence for each in batches for held in each}
    assert more, "eighteen posts wait for a thread"
    assert len({id(each[0].channel) for each in batches}) == len(batches), (
        "threads keep in it what they learn"
    )
    assert all(len({id(held.channel) for held in each}) == 1 for each in batches)


def test_what_is_due_longer_leaves_first(channels: list[Channel]) -> None:
    many = channels[2]
    order = list(Delivery.objects.filter(channel=many).order_by("next_at", "pk").values_list("pk", flat=True))
    batches = [each for each in look()[0] if each[0].channel_id == many.pk]
    assert sorted(held.pk for each in batches for held in each) == sorted(order[:12])
    assert all([held.pk for held in each] == sorted(held.pk for held in each) for each in batches)


def test_busy_channels_wait_and_two_threads_stay_free(channels: list[Channel]) -> None:
    one, few, many, mail = channels
    batches, _more = look(busy={many.pk: 3, few.pk: 2})
    assert shape(batches) == {one.name: [1], few.name: [3], mail.name: [15, 15]}
    Delivery.objects.update(state=State.SCHEDULED, lease_owner="", lease_until=None)
    batches, _more = look(threads=8)  # four channels, one thread each; of the other four two stay free
    assert sorted(len(sizes) for sizes in shape(batches).values()) == [1, 1, 2, 2]
    Delivery.objects.update(state=State.SCHEDULED, lease_owner="", lease_until=None)
    batches, more = look(threads=8, busy={many.pk: 3, mail.pk: 3})
    assert (shape(batches), more) == ({one.name: [1], few.name: [3]}, True)
    assert look(threads=6, busy={many.pk: 3, mail.pk: 3}) == ([], False)


@pytest.mark.django_db
def test_a_look_asks_as_much_for_one_channel_as_for_many(queue: Queue, tmp_path: Path) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            look()
        return len([query for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    Channel.objects.all().delete()
    queue("only", on=make_channel(tmp_path, per_minute=600, tokens=10))
    one = asked()
    for number in range(12):
        channel = make_channel(tmp_path, per_minute=600 if number % 2 else None, tokens=3)
        for place in range(9):
            queue(f"{number}-{place}", on=channel)
    assert (one, asked()) == (8, 9)  # the ninth writes until when those wait that may send no more


@pytest.mark.django_db
def test_a_rate_is_kept_by_all_batches_together_and_the_next_moment_is_known(
    queue: Queue, channel: Channel
) -> None:
    Channel.objects.filter(pk=channel.pk).update(per_minute=60, tokens=6.0, tokens_at=clock.now())
    for number in range(20):
        queue(f"{number}")
    batches, more = look()
    assert sum(len(each) for each in batches) == 6
    assert more
    channel.refresh_from_db()
    assert 0.0 <= channel.tokens < 0.5
    assert channel.held_until is not None
    assert 0.5 < (channel.held_until - clock.now()).total_seconds() <= 1.0
    seconds = claim.seconds_to_next(within=2.0)
    assert seconds is not None
    assert 0.4 < seconds <= 1.0
    assert look() == ([], False)


@pytest.mark.django_db
def test_a_single_thread_goes_on_to_a_channel_that_may_send(
    queue: Queue, channel: Channel, tmp_path: Path
) -> None:
    other = make_channel(tmp_path)
    Channel.objects.filter(pk=channel.pk).update(per_minute=1, tokens=0.0, tokens_at=clock.now())
    queue("first")
    behind = queue("behind", on=other)
    assert [held.pk for held in claim.claim()] == [behind.pk]


@pytest.mark.django_db
def test_behind_a_long_queue_others_are_found(
    queue: Queue, channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "_SEEN", 5)
    for number in range(8):
        queue(f"{number}")
    other = make_channel(tmp_path)
    behind = queue("behind", on=other)
    found = {each[0].channel_id: [held.pk for held in each] for each in look()[0]}
    assert found.pop(other.pk) == [behind.pk]
    assert set(found) == {channel.pk}


@pytest.mark.django_db
def test_nothing_is_claimed_while_all_is_paused(queue: Queue, channel: Channel) -> None:
    queue("one")
    Switch.objects.update_or_create(pk=1, defaults={"paused_at": clock.now(), "paused_why": "a fire"})
    assert look() == ([], False)
    assert list(Delivery.objects.values_list("state", flat=True)) == [State.SCHEDULED]


@pytest.mark.django_db
def test_a_pause_after_the_claim_stops_it_all_the_same(
    queue: Queue, channel: Channel, platform: Platform
) -> None:
    delivery = queue("one")
    (held,) = look()[0]
    Switch.objects.update_or_create(pk=1, defaults={"paused_at": clock.now(), "paused_why": "a fire"})
    loop.work(held)
    delivery.refresh_from_db()
    assert (delivery.state, Attempt.objects.count()) == (State.SCHEDULED, 0)


SHARE = """
import threading, django
django.setup()
from django.db import connection
from folkmoot.kernel.jobs import sharing
from folkmoot.outbox.models import Channel
sharing.share_connections(threads=1)
most = 2 + sharing.SHARED
over = threading.Barrier(41)
def wait_for_somebody() -> None:
    assert Channel.objects.count() == 0
    sharing.give_back()
    over.wait(60)
threads = [threading.Thread(target=wait_for_somebody) for _ in range(40)]
for thread in threads: thread.start()
over.wait(60)
for thread in threads: thread.join()
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shared'")
    (open_now,) = cursor.fetchone()
print("kept within" if 1 <= open_now <= most else open_now)
sharing.end()
"""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_threads_that_wait_share_connections(tmp_path: Path) -> None:
    env = {**environment(tmp_path), "PGAPPNAME": "shared"}
    done = subprocess.run(
        [sys.executable, "-c", SHARE], env=env, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout.strip().splitlines()[-1:], done.stderr) == (0, ["kept within"], "")
