"""Workers that are killed, and many at once: nothing lost, nothing twice but what is marked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.outbox import actions
from folkmoot.outbox.engine import loop, sweep
from folkmoot.outbox.models import Channel, Delivery, State
from tests.kernel.processes import ROOT, environment
from tests.outbox.conftest import make_channel
from tests.outbox.faulty import FAULTS, Platform


def queue(channel: Channel, name: str, **payload: object) -> Delivery:
    return actions.queue(
        channel=channel,
        kind="test",
        area="people",
        title=name,
        payload={"name": name, **payload},
        asked_by=None,
    )


def workers(folder: Path, number: int) -> list[int]:
    """Run so many loops at once; how each ended."""
    env = environment(folder)
    running = [
        subprocess.Popen([sys.executable, "-m", "tests.outbox.faulty", str(folder), "40"], env=env, cwd=ROOT)
        for _ in range(number)
    ]
    return [each.wait(60) for each in running]


def states(folder: Path) -> dict[str, str]:
    """How the deliveries stand, in the database that the workers had."""
    if connection.vendor == "sqlite":
        import sqlite3

        with sqlite3.connect(folder / "copy.sqlite3") as copy:
            return dict(copy.execute("SELECT title, state FROM outbox_delivery"))
    return dict(Delivery.objects.values_list("title", "state"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_killed_before_and_after_the_other_side_took_it(tmp_path: Path) -> None:
    exact, mute = make_channel(tmp_path), make_channel(tmp_path, "mute")
    for channel in (exact, mute):
        for at in ("before", "after", "never"):
            queue(channel, f"{channel.kind}-{at}")
    plan = {f"{kind}-{at}": at for kind in ("faulty", "mute") for at in ("before", "after")}
    (tmp_path / "kill.json").write_text(json.dumps(plan))
    connections.close_all()
    while any(workers(tmp_path, 1)):
        pass
    assert states(tmp_path) == {
        "faulty-before": State.SENT,
        "faulty-after": State.SENT,
        "faulty-never": State.SENT,
        "mute-before": State.NEEDS_PERSON,
        "mute-after": State.NEEDS_PERSON,
        "mute-never": State.SENT,
    }
    assert sorted(Platform(tmp_path).accepted()) == [
        "faulty-after",
        "faulty-before",
        "faulty-never",
        "mute-after",
        "mute-never",
    ]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_three_workers_take_each_message_once(tmp_path: Path) -> None:
    channel = make_channel(tmp_path)
    names = [str(n) for n in range(120)]
    for name in names:
        queue(channel, name)
    connections.close_all()
    assert workers(tmp_path, 3) == [0, 0, 0]
    assert Counter(Platform(tmp_path).accepted()) == Counter(names)
    assert set(states(tmp_path).values()) == {State.SENT}


@pytest.mark.django_db
@settings(
    max_examples=10, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.lists(
        st.tuples(st.sampled_from(FAULTS), st.integers(0, 2), st.booleans(), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_fails_nothing_is_twice_and_nothing_is_lost(
    tmp_path: Path, plan: list[tuple[str, int, bool, bool]]
) -> None:
    """Each message fails some times in some way; some channels can be asked, some not."""
    Delivery.objects.all().delete()
    Channel.objects.all().delete()
    for old in tmp_path.iterdir():
        old.unlink()
    channels = {mute: make_channel(tmp_path, "mute" if mute else "faulty") for mute in (False, True)}
    for number, (fault, times, mute, blind) in enumerate(plan):
        queue(channels[mute], str(number), fault=fault, times=times, blind=blind)
    for _ in range(60):
        if not loop.turn():
            # What waits for a later moment is brought forward: the moments are tested elsewhere.
            Channel.objects.update(held_until=None)
            waiting = Delivery.objects.filter(state__in=[State.SCHEDULED, State.UNCERTAIN])
            if not waiting.update(next_at=sweep.clock.now()):
                break
    accepted = Counter(Platform(tmp_path).accepted())
    assert max(accepted.values(), default=0) <= 1
    for delivery in Delivery.objects.all():
        arrived = accepted[delivery.payload["name"]]
        assert delivery.state in (State.SENT, State.FAILED, State.NEEDS_PERSON), delivery.state
        if delivery.state == State.SENT:
            assert arrived == 1
        if delivery.state == State.FAILED:
            assert arrived == 0
        assert delivery.attempts.filter(ended_at=None).count() == 0
