"""Leases and fences as a machine of states: whatever the order of events, a message is there at most once, and the
newest of its corrections is what stays.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from folkmoot.connectors.base import Outcome
from folkmoot.outbox import actions
from folkmoot.outbox.actions import OutboxStateError
from folkmoot.outbox.engine import claim, outcomes, send, sweep
from folkmoot.outbox.models import Attempt, Channel, Delivery, State, Verb
from tests.outbox.conftest import post
from tests.outbox.scripted import Script

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
Held = tuple[Delivery, Attempt]


class Machine(RuleBasedStateMachine):
    """Workers that begin, finish, die or are only slow; a platform that takes things or does not; time that passes."""

    script: Script

    def __init__(self) -> None:
        super().__init__()
        self.inside = transaction.atomic()
        self.inside.__enter__()
        self.clock = time_machine.travel(NOON, tick=False)
        self.time = self.clock.start()
        #: What the platform has: how often the message was taken, and what stands there.
        self.taken, self.text = 0, ""
        self.held: list[Held] = []
        self.wanted = ""

    def teardown(self) -> None:
        self.check()
        self.clock.stop()
        transaction.set_rollback(True)
        self.inside.__exit__(None, None, None)

    @initialize()
    def plan(self) -> None:
        board = Channel.objects.create(kind="scripted", name="Board", medium="post")
        self.message = post(board, "first", grace=dt.timedelta(days=30))
        self.script.answers["look"] = [self._looked] * 1000

    def _looked(self) -> Outcome:
        return Outcome.yes("found", remote_id="r") if self.taken else Outcome.no("not there")

    @rule()
    def a_worker_begins(self) -> None:
        for delivery in claim.claim(limit=1):
            if delivery.state == State.UNCERTAIN:
                send.look(delivery)
            else:
                attempt = send.begin(delivery)
                if attempt is not None:
                    self.held.append((delivery, attempt))

    @precondition(lambda self: bool(self.held))
    @rule(taken=st.booleans(), answer=st.sampled_from(["yes", "lost", "later", "no word"]), data=st.data())
    def a_worker_ends(self, taken: bool, answer: str, data: Any) -> None:
        """It was taken or not, and it is told or not; ``no word``: the worker died."""
        delivery, attempt = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        if answer == "yes":
            self._take(delivery)
            outcomes.finish(delivery, attempt, Outcome.yes("ok", remote_id="r"))
        elif answer == "later":
            outcomes.finish(delivery, attempt, Outcome.no("later", transient=True))
        else:
            if taken:
                self._take(delivery)
            if answer == "lost":
                outcomes.finish(delivery, attempt, Outcome.unknown("cut"))

    def _take(self, delivery: Delivery) -> None:
        if delivery.verb == Verb.SEND:
            self.taken += 1
            self.text = self.text or delivery.payload["text"]
        else:
            self.text = delivery.payload["text"]

    @rule(seconds=st.sampled_from([1, 40, 130, 3700]))
    def time_passes(self, seconds: int) -> None:
        # A request is never under way for longer than a lease holds: whoever still has one is dead by then.
        if seconds > 40:
            self.held.clear()
        self.time.shift(dt.timedelta(seconds=seconds))
        sweep.sweep()

    @rule(text=st.sampled_from(["second", "third"]))
    def somebody_corrects(self, text: str) -> None:
        try:
            actions.correct(delivery=self.message, payload={"text": text}, asked_by=None)
        except OutboxStateError:
            return
        self.wanted = text

    def check(self) -> None:
        """At the end everything is let run, with a platform that answers."""
        self.held.clear()
        for _ in range(12):
            self.time.shift(dt.timedelta(seconds=3700))
            sweep.sweep()
            for _turn in range(3):
                for delivery in claim.claim(limit=1):
                    if delivery.state == State.UNCERTAIN:
                        send.look(delivery)
                        continue
                    attempt = send.begin(delivery)
                    if attempt is not None:
                        self._take(delivery)
                        outcomes.finish(delivery, attempt, Outcome.yes("ok", remote_id="r"))
        self.message.refresh_from_db()
        assert self.taken <= 1, "never twice"
        assert self.message.state in (State.SENT, State.NEEDS_PERSON, State.FAILED)
        assert (self.message.state == State.SENT) <= (self.taken == 1), "what counts as sent is there"
        open_ones = Delivery.objects.filter(state__in=[State.CLAIMED, State.SENDING, State.SCHEDULED])
        assert not open_ones.exists(), "nothing is left behind"
        newest = self.message.later.filter(state=State.SENT).order_by("-pk").first()
        if newest is not None and newest.payload["text"] == self.wanted:
            assert self.text == self.wanted, "the newest correction is what stays"


@pytest.fixture
def machine(script: Script) -> type[Machine]:
    return type("Bound", (Machine,), {"script": script})


@pytest.mark.django_db
def test_whatever_the_order_of_events(machine: type[Machine]) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
