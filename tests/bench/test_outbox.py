"""10,000 mails while the other side fails and workers are killed: none lost, none twice but for the marked unknowns."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from folkmoot.kernel import clock
from folkmoot.outbox import times
from folkmoot.outbox.models import Channel, Delivery, State, digest
from tests.kernel.processes import ROOT, environment
from tests.outbox.faulty import FAULTS, Platform

MAILS = int(os.environ.get("FOLKMOOT_BENCH_MAILS", "10000"))
WORKERS = 2
#: A worker is killed so many times while it works, besides those that die in the midst of sending.
KILLS = 8
SEED = 20261121


def fill(folder: Path) -> dict[str, str]:
    """The mails: nine of ten on a channel that can be asked, one of ten on one that cannot; a fifth fails at first."""
    chance, now = random.Random(SEED), clock.now()
    channels = {
        kind: Channel.objects.create(kind=kind, name=kind, medium="post", settings={"folder": str(folder)})
        for kind in ("faulty", "mute")
    }
    rows, kinds, kill = [], {}, {}
    faults = [fault for fault in FAULTS if fault not in ("none", "refuse", "channel", "wait", "later")]
    for number in range(MAILS):
        kind = "mute" if number % 10 == 0 else "faulty"
        name = f"m{number}"
        payload: dict[str, object] = {"name": name}
        if chance.random() < 0.2:
            payload |= {"fault": chance.choice(faults), "times": 1}
        if chance.random() < 0.001:
            kill[name] = chance.choice(["before", "after"])
        kinds[name] = kind
        rows.append(
            Delivery(
                channel=channels[kind], key=name, kind="bench", area="people", title=name, due_at=now, next_at=now,
                not_after=now + times.GRACE, payload=payload, payload_sha256=digest(payload),
            )
        )  # fmt: skip
    Delivery.objects.bulk_create(rows, batch_size=500)
    (folder / "kill.json").write_text(json.dumps(kill))
    return kinds


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.faulty", str(folder), "900"], env=environment(folder), cwd=ROOT
    )


def rows_of(folder: Path) -> dict[str, str]:
    if connection.vendor == "sqlite":
        with sqlite3.connect(folder / "copy.sqlite3") as copy:
            return dict(copy.execute("SELECT title, state FROM outbox_delivery"))
    return dict(Delivery.objects.values_list("title", "state"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_mails_with_faults_and_killed_workers(tmp_path: Path) -> None:
    kinds = fill(tmp_path)
    environment(tmp_path)  # on SQLite: the copy that the workers share
    connections.close_all()
    chance, began, killed, died = random.Random(SEED), time.monotonic(), 0, 0
    running = [start(tmp_path) for _ in range(WORKERS)]
    next_kill = began + 5
    while running:
        for each in list(running):
            code = each.poll()
            if code is not None:
                running.remove(each)
                if code != 0:  # killed, by us or where the plan says so: another takes its place
                    died += 1
                    running.append(start(tmp_path))
        if running and killed < KILLS and time.monotonic() > next_kill:
            chance.choice(running).send_signal(signal.SIGKILL)
            killed, next_kill = killed + 1, time.monotonic() + 4
        time.sleep(0.1)
    took = time.monotonic() - began
    states, accepted = rows_of(tmp_path), Counter(Platform(tmp_path).accepted())
    counts = Counter(states.values())
    vendor = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    print(
        f"{vendor}: {MAILS} mails in {took:.0f} s ({MAILS / took:.0f} a second), {died} workers killed, "
        + ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
    )
    assert len(states) == MAILS
    assert set(counts) <= {State.SENT, State.NEEDS_PERSON}
    assert max(accepted.values()) == 1, "none twice"
    lost = [name for name, state in states.items() if state == State.SENT and accepted[name] != 1]
    assert lost == [], "none lost"
    # Only what cannot be asked for is left to a person.
    assert {kinds[name] for name, state in states.items() if state == State.NEEDS_PERSON} <= {"mute"}
