"""The engine: each message once, whatever the other side does, and nothing late or lost in silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from folkmoot.connectors.base import Outcome
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.outbox import actions, queries
from folkmoot.outbox.actions import OutboxStateError
from folkmoot.outbox.engine import loop, outcomes, send, sweep
from folkmoot.outbox.engine.claim import claim
from folkmoot.outbox.models import Attempt, Channel, Delivery, State, Switch
from tests.outbox.conftest import Queue, make_channel
from tests.outbox.faulty import Platform

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def turns(number: int = 6) -> None:
    for _ in range(number):
        loop.turn()


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def told(delivery: Delivery) -> list[tuple[str, str, str]]:
    return [(one.kind, one.outcome, one.words) for one in delivery.attempts.all()]


def test_a_message_leaves_once(queue: Queue, platform: Platform) -> None:
    delivery = queue("one")
    turns()
    assert state(delivery) == State.SENT
    assert (delivery.remote_id, delivery.sent_at, delivery.fence) == ("remote-one", NOON, 1)
    assert told(delivery) == [("send", "yes", "taken")]
    assert platform.accepted() == ["one"]


@pytest.mark.parametrize(
    ("fault", "expected", "accepted"),
    [
        ("accept_then_drop", State.SENT, 1),
        ("accept_then_error", State.SENT, 1),
        ("refuse", State.FAILED, 0),
        ("later", State.SCHEDULED, 0),
    ],
)
def test_what_the_other_side_does(
    queue: Queue, platform: Platform, fault: str, expected: State, accepted: int
) -> None:
    delivery = queue("one", fault=fault)
    turns()
    assert state(delivery) == expected
    assert len(platform.accepted()) == accepted


def test_an_unknown_that_is_not_there_is_sent_again(queue: Queue, platform: Platform) -> None:
    delivery = queue("one", fault="error", times=1)
    turns()
    assert state(delivery) == State.SENT
    assert [one[:2] for one in told(delivery)] == [("send", "unknown"), ("look", "no"), ("send", "yes")]
    assert [one.number for one in delivery.attempts.all()] == [1, 2, 3]
    assert platform.accepted() == ["one"]


def test_who_cannot_be_asked_needs_a_person(
    queue: Queue, platform: Platform, tmp_path: Path, alice: User
) -> None:
    mute = make_channel(tmp_path, "mute")
    there, lost = (
        queue("there", on=mute, fault="accept_then_drop"),
        queue("lost", on=mute, fault="error", times=1),
    )
    turns()
    assert (state(there), state(lost)) == (State.NEEDS_PERSON, State.NEEDS_PERSON)
    actions.it_is_there(delivery=there, actor=alice, url="https://elsewhere.example/1")
    actions.it_is_not(delivery=lost, actor=alice)
    turns()
    assert (state(there), state(lost)) == (State.SENT, State.SENT)
    assert there.remote_url == "https://elsewhere.example/1"
    assert [one[:2] for one in told(lost)] == [("send", "unknown"), ("person", "no"), ("send", "yes")]
    assert sorted(platform.accepted()) == ["lost", "there"]
    with pytest.raises(OutboxStateError):
        actions.it_is_not(delivery=there, actor=alice)


def test_looks_end_with_a_person(queue: Queue) -> None:
    delivery = queue("one", fault="error", blind=True)
    turns(8)
    assert state(delivery) == State.NEEDS_PERSON
    assert [one[:2] for one in told(delivery)] == [
        ("send", "unknown"),
        ("look", "unknown"),
        ("look", "unknown"),
    ]


def test_a_refusal_that_may_pass_waits_longer_each_time_and_ends(
    queue: Queue, at_noon: time_machine.Traveller
) -> None:
    delivery, waits = queue("one", fault="later"), []
    for _ in range(outcomes.MAX_TRIES):
        assert state(delivery) == State.SCHEDULED
        at_noon.move_to(max(delivery.next_at, clock.now()))
        loop.turn()
        delivery.refresh_from_db()
        waits.append((delivery.next_at - clock.now()).total_seconds())
    assert state(delivery) == State.FAILED
    assert [round(wait / base, 9) >= 1 for wait, base in zip(waits, outcomes.BACK_OFF, strict=False)] == [
        True
    ] * 5
    assert len(told(delivery)) == outcomes.MAX_TRIES


def test_a_rate_limit_is_no_failure(queue: Queue, channel: Channel, at_noon: time_machine.Traveller) -> None:
    first, second = queue("one", fault="wait", times=1), queue("two")
    loop.turn()
    channel.refresh_from_db()
    assert (state(first), first.next_at, first.tries) == (State.SCHEDULED, NOON + dt.timedelta(seconds=30), 0)
    assert channel.held_until == NOON + dt.timedelta(seconds=30)
    assert channel.failing_since is None
    at_noon.shift(dt.timedelta(seconds=31))
    turns()
    assert (state(first), state(second)) == (State.SENT, State.SENT)


def test_a_channel_that_fails_holds_its_messages(
    queue: Queue, channel: Channel, at_noon: time_machine.Traveller, tmp_path: Path
) -> None:
    (tmp_path / "closed").touch()
    one, two = queue("one"), queue("two")
    turns()
    channel.refresh_from_db()
    assert (channel.failing_since, channel.failing_words, channel.failures) == (NOON, "connection refused", 1)
    assert (state(one), one.tries, told(one)) == (State.SCHEDULED, 0, [])
    at_noon.shift(dt.timedelta(seconds=6))
    (tmp_path / "closed").unlink()
    turns()
    channel.refresh_from_db()
    assert (state(one), state(two), channel.failing_since, channel.failures) == (
        State.SENT,
        State.SENT,
        None,
        0,
    )


def test_a_wrong_password_does_not_use_up_tries(queue: Queue, channel: Channel) -> None:
    one, two = queue("one", fault="channel"), queue("two")
    turns()
    channel.refresh_from_db()
    assert (state(one), one.tries, channel.failing_since) == (State.SCHEDULED, 0, NOON)
    assert (state(two), told(two)) == (State.SCHEDULED, [])


def test_missed_is_never_sent_late(queue: Queue, platform: Platform, alice: User, channel: Channel) -> None:
    actions.pause_channel(channel=channel, why="crisis", actor=alice)
    delivery = queue("one", asked_by=alice)
    with time_machine.travel(NOON + dt.timedelta(hours=6, minutes=1), tick=False):
        actions.resume_channel(channel=channel, actor=alice)
        turns()
        assert state(delivery) == State.MISSED
        assert [one.title for one in Notice.objects.filter(user=alice)] == ["1 message was not sent in time"]
        assert platform.accepted() == []
        actions.send_now(delivery=delivery, actor=alice)
        turns()
        assert state(delivery) == State.SENT


def test_what_waits_for_approval_is_missed_only_if_it_had_a_time(
    queue: Queue, channel: Channel, alice: User, bob: User
) -> None:
    actions.save_approval_rule(
        rule=None, kind="", channel=None, area="people", level=3, four_eyes=True, actor=alice
    )
    planned = queue("one", wall_time=dt.datetime(2026, 11, 20, 13), zone="UTC", asked_by=bob)
    whenever = queue("two", asked_by=bob)
    with time_machine.travel(NOON + dt.timedelta(days=1), tick=False):
        turns()
        assert (state(planned), state(whenever)) == (State.MISSED, State.WAITING)
        assert planned.words == "Nobody approved it in time."
        actions.approve(delivery=whenever, actor=alice)
        turns()
        assert state(whenever) == State.SENT


def test_the_switch_stops_everything_even_what_was_claimed(
    queue: Queue, platform: Platform, alice: User
) -> None:
    delivery = queue("one")
    (held,) = claim()
    actions.pause_all(why="crisis", actor=alice)
    send.work([held])
    turns()
    assert (state(delivery), told(delivery), platform.accepted()) == (State.SCHEDULED, [], [])
    actions.resume_all(actor=alice)
    turns()
    assert state(delivery) == State.SENT


def test_cancel_before_it_goes(queue: Queue, platform: Platform, alice: User) -> None:
    claimed, later = queue("one"), queue("two")
    held = claim()
    actions.cancel(delivery=claimed, actor=alice)
    send.work(held)
    assert (state(claimed), state(later), platform.accepted()) == (State.CANCELLED, State.SENT, ["two"])
    with pytest.raises(OutboxStateError):
        actions.cancel(delivery=later, actor=alice)


def test_whoever_was_thought_dead_writes_nothing(queue: Queue, platform: Platform) -> None:
    delivery = queue("one")
    (slow,) = claim()
    with time_machine.travel(NOON + dt.timedelta(minutes=5), tick=False):
        sweep.sweep()
        assert state(delivery) == State.SCHEDULED
        assert send.begin(slow) is None
        turns()
    assert (state(delivery), platform.accepted()) == (State.SENT, ["one"])


def test_a_late_yes_is_the_truth(queue: Queue, platform: Platform, channel: Channel) -> None:
    """The worker was slow, not dead: what it learns at last keeps a second one from leaving."""
    delivery = queue("one")
    (slow,) = claim()
    attempt = send.begin(slow)
    assert attempt is not None
    with time_machine.travel(NOON + dt.timedelta(minutes=5), tick=False):
        sweep.sweep()
        assert state(delivery) == State.UNCERTAIN
        send.look(claim()[0])  # not there yet: it would be sent again
        assert state(delivery) == State.SCHEDULED
        assert outcomes.finish(slow, attempt, Outcome.yes("taken", remote_id="r")) == State.SENT
        turns()
        assert (state(delivery), platform.accepted()) == (State.SENT, [])


def test_a_worker_that_died_while_sending(queue: Queue, tmp_path: Path, platform: Platform) -> None:
    there = queue("there")
    lost = queue("lost", on=make_channel(tmp_path, "mute"))
    for held in (claim(), claim()):
        assert send.begin(held[0]) is not None
    platform.accept("there")
    with time_machine.travel(NOON + dt.timedelta(minutes=5), tick=False):
        assert sweep.sweep() == {"back": 0, "lost": 2, "missed": 0}
        turns()
    assert (state(there), state(lost)) == (State.SENT, State.NEEDS_PERSON)
    assert told(lost) == [("send", "unknown", "the worker ended before it knew")]
    assert platform.accepted() == ["there"]


def test_after_a_silence_a_backlog_leaves_one_by_one(
    queue: Queue, alice: User, at_noon: time_machine.Traveller, platform: Platform
) -> None:
    turns(1)
    late = [queue(str(n)) for n in range(6)]
    at_noon.shift(dt.timedelta(hours=2))
    turns()
    assert [state(one) for one in late] == ["sent"] * 3 + ["scheduled"] * 3
    assert [one.next_at - clock.now() for one in late[3:]] == [n * sweep.APART for n in (1, 2, 3)]
    assert [one.title for one in Notice.objects.filter(user=alice)] == [
        "6 messages were due while nothing ran; they leave one by one"
    ]


def test_a_channel_keeps_its_pace(queue: Queue, tmp_path: Path, at_noon: time_machine.Traveller) -> None:
    slow = make_channel(tmp_path, per_minute=60)
    for n in range(30):
        queue(str(n), on=slow)
    Channel.objects.filter(pk=slow.pk).update(tokens_at=NOON)
    sent = []
    for _ in range(4):
        at_noon.shift(dt.timedelta(seconds=5))
        turns(3)
        sent.append(Delivery.objects.filter(state=State.SENT).count())
    assert sent == [5, 10, 15, 20]
    at_noon.shift(dt.timedelta(seconds=60))
    turns(3)
    assert Delivery.objects.filter(state=State.SENT).count() == 30  # ten at once at most, and these were ten


def test_what_follows_waits_for_what_it_follows(queue: Queue, alice: User, platform: Platform) -> None:
    first = queue("first", fault="refuse")
    second = queue("second", depends_on=first)
    turns()
    assert state(second) == State.SCHEDULED
    Delivery.objects.filter(pk=first.pk).update(
        payload={"name": "first"}, payload_sha256=actions_digest("first")
    )
    actions.send_now(delivery=first, actor=alice)
    turns()
    assert (state(second), platform.accepted()) == (State.SENT, ["first", "second"])


def actions_digest(name: str) -> str:
    from folkmoot.outbox.models import digest

    return digest({"name": name})


def test_a_payload_that_was_changed_does_not_leave(queue: Queue, platform: Platform) -> None:
    delivery = queue("one")
    Delivery.objects.filter(pk=delivery.pk).update(payload={"name": "another"})
    turns()
    assert (state(delivery), platform.accepted()) == (State.FAILED, [])


def test_the_same_key_is_the_same_delivery(queue: Queue) -> None:
    assert queue("one", key="k").pk == queue("two", key="k").pk
    assert Delivery.objects.count() == 1


def test_wall_time_and_zone(queue: Queue, alice: User) -> None:
    madrid = queue("one", wall_time=dt.datetime(2027, 3, 28, 2, 30), zone="Europe/Madrid")
    assert madrid.due_at == dt.datetime(2027, 3, 28, 1, 30, tzinfo=dt.UTC)  # left out: an hour later
    twice = queue("two", wall_time=dt.datetime(2027, 10, 31, 2, 30), zone="Europe/Madrid")
    assert twice.due_at == dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)  # repeated: the first
    moved = actions.reschedule(
        delivery=madrid, wall_time=dt.datetime(2026, 12, 1, 9), zone="Etc/GMT+12", actor=alice
    )
    assert (moved.due_at, moved.wall_time) == (
        dt.datetime(2026, 12, 1, 21, tzinfo=dt.UTC),
        "2026-12-01T09:00",
    )


def test_an_attempt_never_changes_once_it_has_ended(queue: Queue) -> None:
    delivery = queue("one")
    turns()
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(delivery=delivery).update(outcome="no")
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(delivery=delivery).update(words="something else")
    Attempt.objects.filter(delivery=delivery).update(words="")  # when a person is forgotten


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "sent"},
        {"state": "claimed"},
        {"state": "gone"},
        {"wall_time": "2026-11-20T09:00"},
        {"not_after": NOON - dt.timedelta(days=1)},
    ],
)
def test_what_the_database_refuses(queue: Queue, wrong: dict[str, Any]) -> None:
    delivery = queue("one")
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**wrong)


def test_idle_costs_little(channel: Channel, queue: Queue) -> None:
    queue("later", wall_time=dt.datetime(2026, 12, 1, 9), zone="UTC")
    loop.turn()
    with CaptureQueriesContext(connection) as asked:
        loop.turn()
    assert len(asked) == 3


def test_after_a_restore_nothing_leaves_by_itself(queue: Queue, platform: Platform, alice: User) -> None:
    from folkmoot.kernel.ops import rebuild

    due = queue("due")
    later = queue("later", wall_time=dt.datetime(2026, 11, 20, 13), zone="UTC")
    assert any("resumes the outbox" in sentence for sentence in rebuild.run_all())
    turns()
    assert Switch.current().paused_why == "The database was restored or moved."
    assert (state(due), state(later), platform.accepted()) == (State.NEEDS_PERSON, State.SCHEDULED, [])


def test_the_oldest_that_is_due(queue: Queue, channel: Channel, alice: User) -> None:
    actions.pause_channel(channel=channel, why="x", actor=alice)
    queue("one")
    with time_machine.travel(NOON + dt.timedelta(minutes=3), tick=False):
        queue("two")
        assert queries.oldest_due_seconds() == 180
