"""What a channel may cost in a month: what goes beyond is held, said in words, and somebody is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from folkmoot.connectors.base import Outcome, Payload
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.outbox import actions
from folkmoot.outbox.engine import caps, claim, loop, send, sweep
from folkmoot.outbox.models import Channel, Delivery, State
from tests.outbox import scripted
from tests.outbox.scripted import Script

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


class Dear(scripted.Scripted):
    """Charges as the payload says."""

    key = "dear"
    label = "Dear"
    settings = (*scripted.Scripted.settings, scripted.Setting("monthly_cap", "Cap", kind="number"))

    def price(self, payload: Payload) -> Decimal | None:
        return Decimal(str(payload.get("price", "0.2")))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def script(db: None) -> Iterator[Script]:
    dear = Dear()
    for _ in scripted.register(dear):
        yield dear.script


@pytest.fixture
def board(script: Script) -> Channel:
    return Channel.objects.create(kind="dear", name="Board", medium="post", settings={"monthly_cap": 1})


def post(on: Channel, text: str, price: str = "0.2", asked_by: User | None = None, **more: Any) -> Delivery:
    return actions.queue(
        channel=on,
        kind="test.post",
        area="people",
        title=text,
        payload={"text": text, "price": price},
        asked_by=asked_by,
        **more,
    )


def turns(number: int = 8) -> None:
    for _ in range(number):
        loop.turn()


def states(*deliveries: Delivery) -> list[str]:
    for each in deliveries:
        each.refresh_from_db()
    return [each.state for each in deliveries]


def test_what_goes_beyond_is_held_until_the_month_is_over(
    board: Channel, script: Script, alice: User, clock: time_machine.Traveller
) -> None:
    five = [post(board, f"n{number}") for number in range(5)]
    turns()
    assert states(*five) == [State.SENT] * 5
    late = post(board, "beyond", asked_by=alice, grace=dt.timedelta(days=20))
    turns()
    assert states(late) == [State.SCHEDULED]
    assert late.words == (
        "The monthly cap of the channel is reached: 1.00 of 1.00 US dollars are spent or may be, and this costs 0.20. "
        "It is held until 1 December (UTC), or until the cap is raised."
    )
    assert late.next_at == dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    notices = Notice.objects.filter(user=alice).order_by("pk")
    assert [(one.kind, one.title, one.url) for one in notices] == [
        ("outbox.cap", "“beyond” is held: the monthly cap of Board is reached", f"/outbox/{late.pk}/"),
        ("outbox.cap", "The monthly cap of Board is reached", f"/settings/channels/{board.pk}/"),
    ]
    assert {one.body for one in notices} == {late.words}
    clock.move_to(dt.datetime(2026, 12, 1, 0, 0, 1, tzinfo=dt.UTC))
    turns()
    assert states(late) == [State.SENT]
    assert len(script.what()) == len([one for one in script.what() if one in ("open", "send")])


def test_what_is_held_past_its_time_is_missed_and_says_why(
    board: Channel, alice: User, clock: time_machine.Traveller
) -> None:
    late = post(board, "dear", price="2", asked_by=alice)
    turns()
    clock.shift(dt.timedelta(hours=7))
    sweep.sweep()
    assert states(late) == [State.MISSED]
    assert late.words.startswith("The monthly cap of the channel is reached: 0.00 of 1.00 US dollars")


def test_cheaper_ones_still_leave_and_a_raised_cap_lets_go(board: Channel, alice: User) -> None:
    first, dear, cheap = post(board, "a", "0.9"), post(board, "b", "0.2"), post(board, "c", "0.015")
    turns()
    assert states(first, dear, cheap) == [State.SENT, State.SCHEDULED, State.SENT]
    actions.save_channel(
        channel=board,
        kind="dear",
        name="Board",
        settings={"monthly_cap": 2},
        secrets={},
        per_minute=None,
        is_default=False,
        actor=alice,
    )
    turns()
    assert states(dear) == [State.SENT]


def test_what_may_have_been_sent_counts_and_what_was_not_does_not(
    board: Channel, script: Script, alice: User, clock: time_machine.Traveller
) -> None:
    script.will("send", Outcome.unknown("lost"), Outcome.no("refused"))
    script.will("look", Outcome.unknown("?"), Outcome.unknown("?"))
    lost, refused = post(board, "lost", "0.5"), post(board, "refused", "0.4")
    turns()
    assert states(refused) == [State.FAILED]
    assert caps.spent(board, NOON) == Decimal("0.5")
    clock.shift(dt.timedelta(minutes=5))
    turns()
    assert states(lost) == [State.NEEDS_PERSON]
    next_one = post(board, "next", "0.6")
    turns()
    assert states(next_one) == [State.SCHEDULED]
    actions.cancel(delivery=lost, actor=alice)
    assert caps.spent(board, NOON) == Decimal("0.5")  # it may be there all the same
    assert caps.spent(board, dt.datetime(2026, 12, 1, tzinfo=dt.UTC)) == Decimal(0)


def test_a_month_is_one_of_utc(board: Channel, clock: time_machine.Traveller) -> None:
    assert caps.month_of(dt.datetime(2026, 12, 31, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=-8)))) == (
        dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2027, 2, 1, tzinfo=dt.UTC),
    )
    clock.move_to(dt.datetime(2026, 10, 31, 23, 59, tzinfo=dt.UTC))
    before = post(board, "october", "0.9")
    turns()
    clock.move_to(dt.datetime(2026, 11, 1, 0, 0, tzinfo=dt.UTC))
    after = post(board, "november", "0.9")
    turns()
    assert states(before, after) == [State.SENT, State.SENT]


def test_a_thread_leaves_whole_or_not_at_all(board: Channel) -> None:
    first = post(board, "1", "0.4")
    second = post(board, "2", "0.4", depends_on=first)
    third = post(board, "3", "0.4", depends_on=second)
    turns()
    assert states(first, second, third) == [State.SCHEDULED] * 3
    assert "this costs 1.20" in first.words
    board.settings = {"monthly_cap": 2}
    board.save()
    caps.let_go(board)
    turns()
    assert states(first, second, third) == [State.SENT] * 3


def test_taking_away_costs_nothing_and_is_never_held(board: Channel, alice: User) -> None:
    first = post(board, "a", "0.9")
    turns()
    states(first)
    gone = actions.withdraw(delivery=first, asked_by=alice)
    turns()
    assert states(gone) == [State.SENT]


def test_of_two_who_begin_at_once_one_sees_the_other(board: Channel) -> None:
    """Both are claimed; the second is asked in a transaction after the first's was committed."""
    post(board, "a", "0.6"), post(board, "b", "0.6")
    held = claim.claim()
    begun = [send.begin(each) for each in held]
    assert [one is not None for one in begun] == [True, False]


def test_a_channel_without_a_cap_and_a_message_without_a_price_cost_no_question(
    script: Script, django_assert_num_queries: Any
) -> None:
    free = Channel.objects.create(kind="dear", name="Free", medium="post")
    delivery = post(free, "a", "100")
    delivery.channel = free
    with django_assert_num_queries(0):
        assert caps.why_not(delivery) == ""
    turns()
    assert states(delivery) == [State.SENT]
