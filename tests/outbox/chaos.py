"""Everything that goes wrong at once: answers that are lost, errors, storms of 429, accesses that end, workers that are
killed, clocks that jump. What must hold all the same is checked by :meth:`Chaos.check`.

Times are scaled: a platform that takes 60 seconds takes 1.5 here, and who waits for it gives up after half a second.
"""

from __future__ import annotations

import datetime as dt
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet
from django.db import connection, connections

from folkmoot.kernel import clock
from folkmoot.kernel.notices.models import Notice
from folkmoot.outbox.models import Channel, Delivery, State, digest
from tests.kernel.processes import ROOT, environment
from tests.outbox import board
from tests.outbox.board import Board
from tests.platforms.base import Asked, Fault

PATIENCE, DELAY = 0.5, 1.5
#: How the channels can be asked what became of a message: two of four exactly.
KINDS = ("board-exact", "board-exact", "board-marked", "board-blind")
WRITES = (
    *(Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ACCEPT_THEN_CUT),
    *(Fault.ERROR, Fault.DROP, Fault.DELAY, Fault.LIMIT),
)
READS = (Fault.ERROR, Fault.DROP, Fault.LIMIT)
#: Of a hundred messages, so many are too late before anything begins.
TOO_LATE = 4
Row = tuple[str, str, str, str]


@dataclass
class Chaos:
    """One run.

    Attributes:
        number: of messages.
        rate: of requests that go wrong.
        kills: of workers, besides.
        every: seconds between two kills, ends of access, jumps of the clock.
    """

    folder: Path
    number: int
    rate: float = 0.15
    workers: int = 2
    kills: int = 3
    every: float = 3.0
    seconds: float = 600.0
    seed: int = 20261129
    boards: list[Board] = field(default_factory=list)
    died: int = 0
    took: float = 0.0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.lock = threading.Lock()

    def fault(self, asked: Asked) -> Fault | None:
        """What goes wrong with this request."""
        if asked.path == "/token":
            return None
        if int(time.monotonic()) % 12 == 0:
            return Fault.LIMIT  # a storm
        with self.lock:
            if self.chance.random() >= self.rate:
                return None
            return self.chance.choice(READS if asked.method == "GET" else WRITES)

    def run(self) -> None:
        """All of it, to its end."""
        for _kind in KINDS:
            made = Board().start()
            made.chaos, made.seconds = self.fault, DELAY
            self.boards.append(made)
        try:
            for _ in board.register():
                self._fill()
            self._work()
        finally:
            for made in self.boards:
                made.stop()

    def _fill(self) -> None:
        now = clock.now()
        rows = []
        channels = [
            Channel.objects.create(
                kind=kind,
                name=f"Board {place}",
                medium="post",
                settings=board.access_of(self.boards[place], token="t0", patience=str(PATIENCE)),
                renew_at=now + dt.timedelta(days=1),
            )
            for place, kind in enumerate(KINDS)
        ]
        for number in range(self.number):
            late = self.chance.random() * 100 < TOO_LATE
            payload = {"text": f"m{number}"}
            due = now - dt.timedelta(hours=2 if late else 0)
            rows.append(
                Delivery(
                    channel=channels[number % len(channels)], key=f"m{number}", kind="chaos", area="people",
                    title=f"m{number}", due_at=due, next_at=due, not_after=due + dt.timedelta(hours=1),
                    payload=payload, payload_sha256=digest(payload), planned_id=f"m{number}",
                )
            )  # fmt: skip
        Delivery.objects.bulk_create(rows, batch_size=500)

    def _work(self) -> None:
        env = {
            **environment(self.folder),
            "FOLKMOOT_HTTP_ALLOW": "127.0.0.0/8",
            "FOLKMOOT_SECRET_KEYS": Fernet.generate_key().decode(),
        }
        connections.close_all()
        wrong = self.folder / "clock"
        wrong.write_text("0")
        command = [sys.executable, "-m", "tests.outbox.board", str(self.seconds), str(wrong)]
        began = time.monotonic()

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, env=env, cwd=ROOT)

        running = [start() for _ in range(self.workers)]
        next_event, killed = began + self.every + 2, 0
        while running:
            for each in list(running):
                code = each.poll()
                if code is not None:
                    running.remove(each)
                    if code != 0:
                        self.died += 1
                        assert self.died <= self.kills, "no worker ends by itself"
                        running.append(start())
            if running and time.monotonic() > next_event:
                next_event += self.every
                wrong.write_text(str(self.chance.choice([-3, -1, 0, 1, 3])))
                self.chance.choice(self.boards).expire()
                if killed < self.kills:
                    killed += 1
                    self.chance.choice(running).send_signal(signal.SIGKILL)
            time.sleep(0.1)
        self.took = time.monotonic() - began

    def rows(self) -> list[Row]:
        """Title, state, words and kind of channel, in the database that the workers had."""
        names = "d.title, d.state, d.words, c.kind"
        if connection.vendor == "sqlite":
            with sqlite3.connect(self.folder / "copy.sqlite3") as copy:
                found = copy.execute(
                    f"SELECT {names} FROM outbox_delivery d JOIN outbox_channel c ON c.id = d.channel_id"
                )
                return list(found)
        return list(Delivery.objects.values_list("title", "state", "words", "channel__kind"))

    def alerts(self) -> int:
        """Notices that something was missed."""
        if connection.vendor == "sqlite":
            with sqlite3.connect(self.folder / "copy.sqlite3") as copy:
                asked = "SELECT COUNT(*) FROM kernel_notice WHERE kind = 'outbox.missed'".replace(
                    "kernel_notice", Notice._meta.db_table
                )
                return int(copy.execute(asked).fetchone()[0])
        return Notice.objects.filter(kind="outbox.missed").count()

    def check(self) -> Counter[str]:
        """None twice, none lost in silence, each with an end; how many came to which."""
        accepted = Counter(each.text for made in self.boards for each in made.accepted)
        assert {text: n for text, n in accepted.items() if n > 1} == {}, "none twice"
        rows = self.rows()
        assert len(rows) == self.number
        ends = {State.SENT, State.FAILED, State.MISSED, State.NEEDS_PERSON}
        assert [row for row in rows if row[1] not in ends] == [], "each comes to an end"
        lost = [row for row in rows if row[1] == State.SENT and accepted[row[0]] != 1]
        assert lost == [], "what counts as sent is there"
        told = [
            row for row in rows if row[1] in (State.FAILED, State.MISSED) and (accepted[row[0]] or not row[2])
        ]
        assert told == [], "what was refused or missed is not there, and says why"
        counts = Counter(state for _title, state, _words, _kind in rows)
        if counts[State.MISSED]:
            assert self.alerts() > 0, f"who misses something is told ({counts})"
        exact = [row for row in rows if row[1] == State.NEEDS_PERSON and row[3] == "board-exact"]
        assert exact == [], "who can be asked leaves nothing to people"
        return counts
