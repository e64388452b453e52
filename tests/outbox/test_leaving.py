"""Right before a message leaves: checks of the areas; and what is there is corrected or taken away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection

from folkmoot.connectors.base import Outcome
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.outbox import actions, queries
from folkmoot.outbox.actions import OutboxStateError
from folkmoot.outbox.engine import loop, send, sweep
from folkmoot.outbox.engine.claim import claim
from folkmoot.outbox.kinds import LeaveCheck, NotYet, leave_checks
from folkmoot.outbox.models import Channel, Delivery, State
from tests.outbox.conftest import post
from tests.outbox.scripted import Script

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def turns(number: int = 4) -> None:
    for _ in range(number):
        loop.turn()


@pytest.fixture
def said() -> Iterator[dict[str, str | NotYet]]:
    """What the checks say: one that asks outside, one that does not."""
    answers: dict[str, str | NotYet] = {}
    inside: list[bool] = []

    def ask(key: str) -> Any:
        def why_not(delivery: Delivery) -> str | NotYet:
            if key == "outside":
                inside.append(connection.in_atomic_block)
            return answers.get(key, "")

        return why_not

    kinds = frozenset({"test.post"})
    leave_checks.register(LeaveCheck("test.inside", ask("inside"), kinds))
    leave_checks.register(LeaveCheck("test.outside", ask("outside"), kinds, asks_outside=True))
    leave_checks.register(LeaveCheck("test.other", lambda one: "not this kind", frozenset({"other"})))
    yield answers
    for key in ("test.inside", "test.outside", "test.other"):
        del leave_checks._items[key]


@pytest.mark.parametrize("key", ["inside", "outside"])
def test_a_check_keeps_a_message_and_who_asked_is_told(
    board: Channel, script: Script, said: dict[str, str | NotYet], alice: User, key: str
) -> None:
    said[key] = "The policy needs a description of each picture."
    delivery = post(board, asked_by=alice)
    turns()
    assert (state(delivery), delivery.words) == (State.WITHHELD, said[key])
    assert "send" not in script.what()
    (notice,) = Notice.objects.filter(user=alice)
    assert (notice.kind, notice.title, notice.body) == ("outbox.withheld", "“one” was withheld", said[key])
    del said[key]
    actions.send_now(delivery=delivery, actor=alice)
    turns()
    assert state(delivery) == State.SENT


def test_not_yet_is_asked_again_and_ends_as_missed_with_its_words(
    board: Channel, script: Script, said: dict[str, str | NotYet], at_noon: time_machine.Traveller
) -> None:
    said["outside"] = NotYet("The page it links to is not there yet.", 30)
    soon, never = post(board, "soon"), post(board, "never", grace=dt.timedelta(minutes=1))
    turns()
    assert (state(soon), soon.words, soon.next_at) == (
        State.SCHEDULED,
        "The page it links to is not there yet.",
        NOON + dt.timedelta(seconds=30),
    )
    at_noon.shift(dt.timedelta(seconds=70))
    sweep.sweep()
    assert (state(never), never.words) == (State.MISSED, "The page it links to is not there yet.")
    del said["outside"]
    turns()
    assert state(soon) == State.SENT


def test_a_check_that_stumbles_holds_the_message(
    board: Channel, script: Script, said: dict[str, str | NotYet], at_noon: time_machine.Traveller
) -> None:
    def stumble(delivery: Delivery) -> str:
        raise RuntimeError("no rules")

    leave_checks.register(LeaveCheck("test.bad", stumble))
    try:
        delivery = post(board)
        turns()
        assert (state(delivery), delivery.words) == (State.SCHEDULED, "RuntimeError: no rules")
    finally:
        del leave_checks._items["test.bad"]
    at_noon.shift(dt.timedelta(seconds=61))
    turns()
    assert state(delivery) == State.SENT


# ------------------------------------------------- corrections, withdrawals


def there(board: Channel, text: str = "one", **more: Any) -> Delivery:
    delivery = post(board, text, **more)
    turns(2)
    assert state(delivery) == State.SENT
    return delivery


def test_a_correction_takes_the_place_of_what_is_there(board: Channel, script: Script, alice: User) -> None:
    delivery = there(board)
    mended = actions.correct(delivery=delivery, payload={"text": "two"}, asked_by=alice)
    assert actions.correct(delivery=delivery, payload={"text": "two"}, asked_by=alice).pk == mended.pk
    turns()
    assert (state(mended), mended.remote_id) == (State.SENT, "r-one")
    delivery.refresh_from_db()
    assert (delivery.remote, delivery.payload) == ({"cid": "c2"}, {"text": "one"})
    assert ("correct", ("r-one", "two")) in script.asked
    with pytest.raises(OutboxStateError):
        actions.correct(delivery=mended, payload={"text": "three"}, asked_by=alice)


def test_back_to_the_first_words_is_a_correction_too(board: Channel, script: Script) -> None:
    delivery = there(board)
    with pytest.raises(OutboxStateError):
        actions.correct(delivery=delivery, payload={"text": "one"}, asked_by=None)
    for text in ("two", "one", "two"):
        made = actions.correct(delivery=delivery, payload={"text": text}, asked_by=None)
        turns()
        assert state(made) == State.SENT
    assert [about for what, about in script.asked if what == "correct"] == [
        ("r-one", "two"),
        ("r-one", "one"),
        ("r-one", "two"),
    ]


def test_a_newer_correction_and_a_withdrawal_come_first(
    board: Channel, script: Script, alice: User, at_noon: time_machine.Traveller
) -> None:
    delivery = there(board)
    old = actions.correct(delivery=delivery, payload={"text": "old"}, asked_by=alice)
    new = actions.correct(delivery=delivery, payload={"text": "new"}, asked_by=alice)
    assert (state(old), state(new)) == (State.CANCELLED, State.SCHEDULED)
    held = claim()
    gone = actions.withdraw(delivery=delivery, asked_by=alice)
    assert actions.withdraw(delivery=delivery, asked_by=alice).pk == gone.pk
    send.work(held)
    turns()
    assert (state(new), new.words, state(gone)) == (
        State.CANCELLED,
        "A newer one takes its place.",
        State.SENT,
    )
    assert "correct" not in script.what()
    assert delivery.is_withdrawn
    assert queries.withdrawn([delivery, new]) == {delivery.pk}
    with pytest.raises(OutboxStateError):
        actions.correct(delivery=delivery, payload={"text": "late"}, asked_by=alice)


def test_one_that_was_overtaken_while_it_was_tried_does_not_leave_later(
    board: Channel, script: Script, at_noon: time_machine.Traveller
) -> None:
    delivery = there(board)
    script.will("correct", Outcome.no("503", transient=True))
    old = actions.correct(delivery=delivery, payload={"text": "old"}, asked_by=None)
    (held,) = claim()
    attempt = send.begin(held)
    assert attempt is not None
    new = actions.correct(delivery=delivery, payload={"text": "new"}, asked_by=None)
    turns()
    assert (state(old), state(new)) == (State.SENDING, State.SCHEDULED)  # one after the other
    send.outcomes.finish(held, attempt, Outcome.no("503", transient=True))
    script.answers.clear()
    at_noon.shift(dt.timedelta(minutes=2))
    turns()
    assert (state(old), state(new)) == (State.CANCELLED, State.SENT)


def test_an_unknown_of_these_is_done_again(
    board: Channel, script: Script, at_noon: time_machine.Traveller
) -> None:
    delivery = there(board)
    script.will("withdraw", Outcome.unknown("no answer"), ConnectionResetError("gone"), Outcome.yes("gone"))
    gone = actions.withdraw(delivery=delivery, asked_by=None)
    for _ in range(3):
        turns()
        at_noon.shift(dt.timedelta(minutes=4))
    assert (state(gone), script.what().count("withdraw"), "look" in script.what()) == (State.SENT, 3, False)


def test_a_worker_that_died_while_taking_away(
    board: Channel, script: Script, at_noon: time_machine.Traveller
) -> None:
    delivery = there(board)
    gone = actions.withdraw(delivery=delivery, asked_by=None)
    (held,) = claim()
    assert send.begin(held) is not None
    at_noon.shift(dt.timedelta(minutes=5))
    sweep.sweep()
    assert state(gone) == State.SCHEDULED
    turns()
    assert state(gone) == State.SENT


def test_what_cannot_be_done_is_refused(board: Channel, script: Script, alice: User) -> None:
    plain = Channel.objects.create(kind="plain", name="Plain", medium="post")
    fixed, waiting = there(plain), post(board, wall_time=dt.datetime(2026, 12, 1), zone="UTC")
    for refused in (
        lambda: actions.correct(delivery=fixed, payload={"text": "x"}, asked_by=alice),
        lambda: actions.withdraw(delivery=fixed, asked_by=alice),
        lambda: actions.withdraw(delivery=waiting, asked_by=alice),
        lambda: actions.correct(delivery=there(board, "z"), payload={"text": "x" * 501}, asked_by=alice),
    ):
        with pytest.raises(ValidationError):
            refused()


def test_approvals_pauses_and_checks_hold_for_them(
    board: Channel, script: Script, alice: User, bob: User, said: dict[str, str | NotYet]
) -> None:
    delivery = there(board)
    actions.save_approval_rule(
        rule=None, kind="", channel=board, area="people", level=3, four_eyes=True, actor=alice
    )
    mended = actions.correct(delivery=delivery, payload={"text": "two"}, asked_by=bob)
    turns()
    assert state(mended) == State.WAITING
    actions.pause_channel(channel=board, why="crisis", actor=alice)
    actions.approve(delivery=mended, actor=alice)
    turns()
    assert state(mended) == State.SCHEDULED
    said["inside"] = "no"
    actions.resume_channel(channel=board, actor=alice)
    turns()
    assert state(mended) == State.WITHHELD


def test_all_at_once_the_last_first(board: Channel, script: Script, alice: User) -> None:
    first = there(board, "a")
    second = there(board, "b", depends_on=first)
    planned = post(board, "c", depends_on=second, wall_time=dt.datetime(2026, 12, 1), zone="UTC")
    plain = there(Channel.objects.create(kind="plain", name="Plain", medium="post"), "p")
    found = actions.withdraw_all(deliveries=[first, second, planned, plain], asked_by=alice)
    assert ([one.about_id for one in found.queued], [one.pk for one in found.cancelled]) == (
        [second.pk, first.pk],
        [planned.pk],
    )
    assert found.problems == ["p: What is on Plain cannot be taken away from here."]
    turns()
    assert [about for what, about in script.asked if what == "withdraw"] == ["r-b", "r-a"]


def test_a_withdrawal_that_failed_is_tried_again(board: Channel, script: Script, alice: User) -> None:
    delivery = there(board)
    script.will("withdraw", Outcome.no("403 not yours"))
    gone = actions.withdraw(delivery=delivery, asked_by=alice)
    turns()
    assert state(gone) == State.FAILED
    assert actions.withdraw(delivery=delivery, asked_by=alice).pk == gone.pk
    turns()
    assert (state(gone), clock.now()) == (State.SENT, NOON)
