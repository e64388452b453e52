"""The access of a channel: renewed once by whoever comes first, never lost, and its end told in time."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection

from folkmoot.connectors.base import CannotOpen, MustConnect, Outcome, Rate, Renewed
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import NotSent
from folkmoot.kernel.jobs.leases import owner
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.plugs import schedule
from folkmoot.outbox import actions, jobs, queries
from folkmoot.outbox.engine import access, claim, loop, sweep
from folkmoot.outbox.engine.access import Renewal
from folkmoot.outbox.models import Channel, Delivery, State
from tests.outbox.conftest import post
from tests.outbox.scripted import Script

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_noon(request: pytest.FixtureRequest) -> Iterator[time_machine.Traveller | None]:
    if request.function.__name__ == "test_many_workers_renew_once":
        yield None
        return
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def board(board: Channel) -> Channel:
    board.secrets = json.dumps({"token": "t1", "refresh": "r1"})
    board.renew_at = clock.now() + dt.timedelta(days=1)
    board.save()
    return board


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def secrets(channel: Channel) -> dict[str, Any]:
    return dict(json.loads(fresh(channel).secrets))


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def turns(number: int = 4) -> None:
    for _ in range(number):
        loop.turn()


def renewed(number: int = 2, **more: Any) -> Renewed:
    return Renewed(
        {"token": f"t{number}", "refresh": f"r{number}"},
        **{"renew_at": clock.now() + HOUR, **more},
    )


def tokens(script: Script) -> list[Any]:
    """What was sent with which token."""
    return [about for what, about in script.asked if what == "send"]


def test_it_is_renewed_before_it_is_over(board: Channel, script: Script) -> None:
    Channel.objects.filter(pk=board.pk).update(renew_at=NOON + dt.timedelta(minutes=4))
    script.will("renew", renewed())
    delivery = post(board)
    turns()
    assert (state(delivery), tokens(script)) == (State.SENT, [("one", "t2")])
    after = fresh(board)
    assert secrets(board) == {"token": "t2", "refresh": "r2"}
    assert (after.renew_at, after.renewing_by, after.renewing_until) == (NOON + HOUR, "", None)
    assert script.what().count("renew") == 1


def test_an_empty_secret_replaces_none(board: Channel, script: Script) -> None:
    found = Renewed({"token": "t2", "refresh": ""}, renew_at=NOON + HOUR, settings={"handle": "@us", "x": ""})
    script.will("renew", found)
    access.renew(board, refused=True)
    assert secrets(board) == {"token": "t2", "refresh": "r1"}
    assert fresh(board).settings == {"handle": "@us"}


def test_an_expired_access_is_renewed_and_the_message_leaves_at_once(board: Channel, script: Script) -> None:
    script.will("send", Outcome.no("401", expired=True))
    script.will("renew", renewed())
    one, two = post(board, "one"), post(board, "two")
    turns()
    assert (state(one), state(two), one.tries) == (State.SENT, State.SENT, 0)
    assert sorted(tokens(script)) == [("one", "t1"), ("one", "t2"), ("two", "t2")]
    assert fresh(board).failing_since is None


def test_an_access_that_is_refused_however_new_makes_the_channel_fail(board: Channel, script: Script) -> None:
    script.will("send", *[Outcome.no("401", expired=True)] * 9)
    script.will("renew", *[renewed(number) for number in range(2, 9)])
    delivery = post(board)
    turns(8)
    assert (state(delivery), len(tokens(script)), delivery.tries) == (State.SCHEDULED, 3, 0)
    assert fresh(board).failing_words == "401"


@pytest.mark.parametrize(
    ("answer", "words"),
    [(None, "401"), (NotSent("POST", "https://x.example", "no route"), "POST https://x.example: no route")],
)
def test_nothing_to_renew_with_or_nobody_there(
    board: Channel, script: Script, answer: Any, words: str
) -> None:
    script.will("send", Outcome.no("401", expired=True))
    script.will("renew", answer)
    delivery = post(board)
    turns()
    after = fresh(board)
    assert (state(delivery), after.failing_since, after.failing_words) == (State.SCHEDULED, NOON, words)
    assert after.held_until == NOON + dt.timedelta(seconds=5)


def test_a_person_has_to_connect_anew(
    board: Channel, script: Script, alice: User, at_noon: time_machine.Traveller
) -> None:
    script.will("send", Outcome.no("401", expired=True))
    script.will("renew", MustConnect("the permission was withdrawn"))
    delivery, other = post(board), post(board, "other", grace=dt.timedelta(hours=1))
    turns()
    after = fresh(board)
    assert (after.must_connect, after.failing_words) == (
        True,
        "It has to be connected anew: the permission was withdrawn",
    )
    assert [one.title for one in Notice.objects.filter(user=alice)] == ["Board has to be connected anew"]
    at_noon.shift(dt.timedelta(hours=2))
    turns()
    assert (state(delivery), state(other), len(tokens(script))) == (State.SCHEDULED, State.MISSED, 1)
    actions.save_channel(
        channel=board, kind="scripted", name="Board", settings={}, secrets={"token": "t5", "refresh": "r5"},
        per_minute=None, is_default=False, actor=alice,
    )  # fmt: skip
    turns()
    assert (state(delivery), fresh(board).failing_since) == (State.SENT, None)


def test_one_renews_while_the_others_wait(board: Channel, script: Script) -> None:
    """No lock is held meanwhile: another may ask, and is told that somebody is at it."""
    seen: list[Any] = []

    def while_it_is_renewed() -> Any:
        seen.append(connection.in_atomic_block and connection.savepoint_ids)
        seen.append(access.renew(fresh(board), refused=True))
        return renewed()

    script.will("renew", while_it_is_renewed)
    assert access.renew(board, refused=True) == (Renewal.READY, "")
    assert seen[1] == (Renewal.BUSY, "")
    late = fresh(board)
    late.secrets = json.dumps({"token": "t1", "refresh": "r1"})
    assert access.renew(late, refused=True) == (Renewal.READY, "")  # with what the first one got
    assert (late.access.text("token"), script.what().count("renew")) == ("t2", 1)


def test_who_died_while_renewing_holds_nobody_up(board: Channel, script: Script) -> None:
    host, _pid, rest = owner().split(":", 2)
    Channel.objects.filter(pk=board.pk).update(
        renewing_by=f"{host}:{2**22 - 1}:{rest}/x", renewing_until=NOON + HOUR
    )
    script.will("renew", renewed())
    assert access.renew(board, refused=True)[0] is Renewal.READY
    Channel.objects.filter(pk=board.pk).update(renewing_by="elsewhere:1:2/x", renewing_until=NOON + HOUR)
    assert access.renew(board, refused=True)[0] is Renewal.BUSY
    Channel.objects.filter(pk=board.pk).update(renewing_until=NOON - HOUR)
    script.will("renew", renewed(3))
    assert access.renew(board, refused=True)[0] is Renewal.READY


def test_whoever_connected_anew_meanwhile_wins(board: Channel, script: Script) -> None:
    def somebody_connects() -> Renewed:
        Channel.objects.filter(pk=board.pk).update(
            secrets=json.dumps({"token": "mine", "refresh": "mine"}), renew_at=None
        )
        return renewed()

    script.will("renew", somebody_connects)
    access.renew(board, refused=True)
    assert (secrets(board)["token"], fresh(board).renew_at) == ("mine", None)

    def again() -> Renewed:
        Channel.objects.filter(pk=board.pk).update(secrets=json.dumps({"token": "new", "refresh": "new"}))
        raise MustConnect("revoked")

    script.will("renew", again)
    assert access.renew(board, refused=True)[0] is Renewal.READY
    assert fresh(board).must_connect is False


def test_while_another_renews_what_is_over_waits_and_what_is_near_leaves(
    board: Channel, script: Script, at_noon: time_machine.Traveller
) -> None:
    Channel.objects.filter(pk=board.pk).update(
        renew_at=NOON + dt.timedelta(minutes=2), renewing_by="elsewhere:1:2/x", renewing_until=NOON + HOUR
    )
    near = post(board, "near")
    turns()
    assert state(near) == State.SENT
    at_noon.shift(dt.timedelta(minutes=3))
    over = post(board, "over")
    turns()
    assert (state(over), fresh(board).failing_since) == (State.SCHEDULED, None)
    assert fresh(board).held_until == clock.now() + dt.timedelta(seconds=1)


def test_a_lost_answer_is_asked_for_with_a_new_access(board: Channel, script: Script) -> None:
    script.will("send", Outcome.unknown("cut"))
    script.will("look", Outcome.no("401", expired=True), Outcome.yes("found", remote_id="r"))
    script.will("renew", renewed())
    delivery = post(board)
    turns()
    assert (state(delivery), len(tokens(script))) == (State.SENT, 1)


@pytest.mark.parametrize(
    "answer",
    [
        Outcome.no("429", transient=True, wait=60.0),
        Outcome.no("403", channel=True, transient=True),
        CannotOpen("refused"),
        NotSent("GET", "https://x.example", "no route"),
    ],
)
def test_who_cannot_be_asked_has_not_said_no(
    board: Channel, script: Script, at_noon: time_machine.Traveller, answer: Any
) -> None:
    script.will("send", Outcome.unknown("cut"))
    script.will("look", *[answer] * 3)
    delivery = post(board)
    turns()
    assert (state(delivery), delivery.looks, delivery.next_at) == (
        State.UNCERTAIN,
        0,
        NOON + dt.timedelta(minutes=1),
    )
    script.answers["look"] = [Outcome.yes("found", remote_id="r")]
    at_noon.shift(dt.timedelta(minutes=1))
    turns()
    assert (state(delivery), len(tokens(script))) == (State.SENT, 1)


def test_a_lost_answer_on_a_channel_without_access_comes_to_a_person(
    board: Channel, script: Script, at_noon: time_machine.Traveller
) -> None:
    script.will("send", Outcome.unknown("cut"))
    delivery = post(board)
    turns(1)
    Channel.objects.filter(pk=board.pk).update(expires_at=NOON)
    turns()
    assert state(delivery) == State.UNCERTAIN
    at_noon.shift(dt.timedelta(minutes=61))
    sweep.sweep()
    assert (state(delivery), "look" in script.what()) == (State.NEEDS_PERSON, False)


# ------------------------------------------------------------------- limits


def test_when_the_limit_is_used_up_the_channel_rests(
    board: Channel, script: Script, at_noon: time_machine.Traveller
) -> None:
    reset = NOON + dt.timedelta(minutes=7)
    script.will("send", Outcome.yes("ok", remote_id="1", rate=Rate(1, reset)))
    script.will("send", Outcome.yes("ok", remote_id="2", rate=Rate(0, reset)))
    posts = [post(board, str(number)) for number in range(3)]
    turns()
    assert [state(one) for one in posts] == ["sent", "sent", "scheduled"]
    after = fresh(board)
    assert (after.held_until, after.failing_since, posts[2].next_at) == (reset, None, reset)
    at_noon.move_to(reset)
    turns()
    assert state(posts[2]) == State.SENT


def test_no_header_makes_a_channel_rest_for_years(board: Channel, script: Script) -> None:
    script.will("send", Outcome.yes("ok", rate=Rate(0, NOON + dt.timedelta(days=4000))))
    post(board)
    turns()
    assert fresh(board).held_until == NOON + dt.timedelta(days=1)


# ---------------------------------------------------------------- watching


def watch() -> dict[str, int]:
    return jobs.watch_access(None)  # type: ignore[arg-type]


def test_people_are_told_two_weeks_a_week_and_two_days_ahead(
    board: Channel, script: Script, alice: User, at_noon: time_machine.Traveller
) -> None:
    Channel.objects.filter(pk=board.pk).update(
        expires_at=NOON + dt.timedelta(days=15), renew_at=None, facts_at=NOON + dt.timedelta(days=30)
    )
    heard = []
    for day in range(17):
        watch()
        watch()
        heard.append((day, sorted(Notice.objects.filter(user=alice).values_list("title", flat=True))))
        at_noon.shift(dt.timedelta(days=1))
    first: dict[str, int] = {}
    for day, titles in heard:
        for title in titles:
            first.setdefault(title, day)
    assert first == {
        "Board has to be connected anew within 14 days": 1,
        "Board has to be connected anew within 7 days": 8,
        "Board has to be connected anew within 2 days": 13,
        "Board has to be connected anew": 15,
    }
    assert fresh(board).must_connect


def test_what_a_plan_is_told_of_the_end(board: Channel) -> None:
    board.expires_at = NOON + dt.timedelta(days=5)
    board.save()
    assert queries.expires_before(board, NOON + dt.timedelta(days=6))
    assert not queries.expires_before(board, NOON + dt.timedelta(days=4))
    assert list(queries.expiries(NOON, NOON + dt.timedelta(days=30))) == [board]
    assert list(queries.expiries(NOON, NOON + dt.timedelta(days=5))) == []


def test_a_channel_is_tested_before_something_is_due(
    board: Channel, script: Script, alice: User, at_noon: time_machine.Traveller
) -> None:
    script.will("facts", {"text": 300})
    assert watch() == {"ending": 0, "tested": 1, "failing": 0}
    assert (fresh(board).facts, fresh(board).facts_at) == ({"text": 300}, NOON)
    at_noon.shift(dt.timedelta(hours=11))
    assert watch()["tested"] == 0  # nothing is due
    post(board, wall_time=dt.datetime(2026, 11, 21, 9), zone="UTC")
    script.will("open", CannotOpen("401"), CannotOpen("401"))
    script.will("renew", NotSent("POST", "https://x.example", "no route"))
    assert watch() == {"ending": 0, "tested": 1, "failing": 1}
    assert (fresh(board).failing_words, [one.title for one in Notice.objects.filter(user=alice)]) == (
        "401",
        ["Board does not work, and something is due within a day"],
    )
    script.answers.clear()
    script.will("renew", renewed())
    at_noon.shift(HOUR)
    assert watch() == {"ending": 0, "tested": 1, "failing": 0}  # it failed, so it is asked again
    assert (fresh(board).failing_since, fresh(board).facts) == (None, {"text": 500})
    slot = schedule.get(jobs.ACCESS).slot
    assert slot(NOON) == "2026-11-20T12"


@pytest.mark.postgres  # threads that share a SQLite database in memory are told "locked" instead of waiting
@pytest.mark.django_db(transaction=True)
def test_many_workers_renew_once(board: Channel, script: Script) -> None:
    """Threads that all were refused at the same moment: one asks, nobody loses the new access."""
    gate, answered, found = threading.Barrier(4), threading.Semaphore(0), []

    def slow() -> Renewed:
        assert all(answered.acquire(timeout=30) for _other in range(3))
        return renewed()

    script.will("renew", slow)

    def one() -> None:
        mine = fresh(board)
        gate.wait()
        try:
            found.append(access.renew(mine, refused=True)[0])
        finally:
            answered.release()
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.value for each in found) == ["busy", "busy", "busy", "ready"]
    assert (script.what().count("renew"), secrets(board)["token"]) == (1, "t2")
    assert claim.claim() == []
