"""A platform that is a real server, with three ways to find a lost answer again, and the worker that sends to it.

``python -m tests.outbox.board SECONDS [FILE]`` turns a worker's outbox in all its threads until nothing is left to do.
"""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from folkmoot.connectors.base import (
    Access,
    Connector,
    Outcome,
    Payload,
    Rate,
    Readback,
    Renewed,
    Sender,
    Sending,
    Tried,
    connectors,
)
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, Limits, NotSent, OutcomeUnknown, Verdict
from tests.platforms.base import Asked, Platform, Reply, route


class Board(Platform):
    """Notes under a name that whoever writes may choose; the token is over when the board says so."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.tokens = "t0", 0

    def refused(self, asked: Asked) -> Reply | None:
        return None if asked.bearer == self.token else self.expired(asked)

    def limited(self, asked: Asked) -> Reply:
        return Reply(429, {"error": "too many"}, {"retry-after": "1"})

    def expire(self) -> None:
        """The token that is out there is good for nothing any more."""
        with self.lock:
            self.tokens += 1
            self.token = f"t{self.tokens}"

    @route("PUT", r"/notes/(?P<id>[\w-]+)")
    def put(self, asked: Asked, id: str) -> Reply:
        if self.find(id) is None:
            self._keep(asked, id)
        return Reply(201, {"id": id})

    @route("GET", r"/notes/(?P<id>[\w-]+)")
    def get(self, asked: Asked, id: str) -> Reply:
        return Reply(200, {"id": id}) if self.find(id) else self.missing(asked)

    @route("POST", r"/notes")
    def post(self, asked: Asked) -> Reply:
        return Reply(201, {"id": self._keep(asked, str(self.number()))})

    @route("GET", r"/marks/(?P<mark>[\w-]+)")
    def marked(self, asked: Asked, mark: str) -> Reply:
        found = self._marks.get(mark)
        return Reply(200, {"id": found}) if found else self.missing(asked)

    @route("POST", r"/token", is_open=True)
    def renew(self, asked: Asked) -> Reply:
        return Reply(200, {"token": self.token})

    @property
    def _marks(self) -> dict[str, str]:
        return self.__dict__.setdefault("marks", {})

    def find(self, id: str) -> Any:
        return self.__dict__.setdefault("by_id", {}).get(id)

    def _keep(self, asked: Asked, id: str) -> str:
        post = self.accept(asked.json["text"], id=id)
        self.__dict__.setdefault("by_id", {})[id] = post
        self._marks[str(asked.json.get("mark") or "")] = id
        return id


class BoardSender(Sender):
    def __init__(self, access: Access, readback: Readback, looks: int) -> None:
        self.readback, self.looks = readback, looks
        seconds = float(access.text("patience") or 20)
        self.line = Client(
            access.text("url"),
            {"authorization": f"Bearer {access.text('token')}"},
            Limits(connect=5.0, read=seconds, write=5.0, total=max(seconds * 2, 5.0), tries=1),
        )

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        row = {"text": payload["text"], "mark": sending.key}
        try:
            if self.readback is Readback.EXACT:
                answer = self.line.request("PUT", f"/notes/{sending.planned_id}", json=row)
            else:
                answer = self.line.post("/notes", json=row)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        return self._outcome(answer)

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        exact = self.readback is Readback.EXACT
        answer = self.line.get(f"/notes/{tried.planned_id}" if exact else f"/marks/{tried.key}")
        if answer.status == 404:
            last = exact or tried.looks + 1 >= self.looks
            return Outcome.no("it is not there") if last else Outcome.unknown("not there yet")
        return self._outcome(answer)

    def _outcome(self, answer: Answer) -> Outcome:
        if answer.status == 401:
            return Outcome.no("401", expired=True)
        found = Outcome.of_answer(answer)
        if found.verdict is Verdict.YES:
            left = answer.headers.get("x-left", "")
            rate = Rate(int(left), clock.now() + dt.timedelta(seconds=2)) if left else None
            return Outcome.yes("taken", remote_id=str(answer.json()["id"]), rate=rate)
        return found

    def close(self) -> None:
        self.line.close()


class Exact(Connector):
    """Knows by a name chosen beforehand."""

    key = "board-exact"
    label = "Board, exact"
    medium = "post"
    readback = Readback.EXACT
    looks = (0, 1, 2, 4, 8, 8, 8, 8)

    def open(self, access: Access) -> Sender:
        return BoardSender(access, self.readback, len(self.looks))

    def plan(self, payload: Payload, key: str) -> str:
        return key if self.readback is Readback.EXACT else ""

    def renew(self, access: Access) -> Renewed:
        with Client(access.text("url"), limits=Limits(tries=1)) as line:
            answer = line.post("/token")
            if answer.verdict is not Verdict.YES:
                raise OutcomeUnknown("POST", answer.url, str(answer.status))
            return Renewed({"token": str(answer.json()["token"])})


class Marked(Exact):
    """Knows by a mark; that it is not there is sure only after a while."""

    key = "board-marked"
    label = "Board, marked"
    readback = Readback.MARKER
    looks = (1, 3, 6, 9)


class Blind(Exact):
    """Cannot be asked."""

    key = "board-blind"
    label = "Board, blind"
    readback = Readback.NONE
    looks = ()


KINDS = (Exact, Marked, Blind)


def register() -> Iterator[None]:
    """Declare them while a test runs."""
    made: list[Connector] = [kind() for kind in KINDS]
    for one in made:
        connectors.register(one)
    yield
    for one in made:
        del connectors._items[one.key]


def access_of(board: Board, **more: Any) -> Mapping[str, Any]:
    """Settings of a channel on a board."""
    return {"url": board.url, **more}


def follow_clock(path: Path) -> None:
    """From now on this process reads its time from a clock that is wrong by so many seconds as a file says."""
    from django.utils import timezone

    true = timezone.now

    def wrong() -> dt.datetime:
        try:
            return true() + dt.timedelta(seconds=float(path.read_text() or 0))
        except (OSError, ValueError):
            return true()

    timezone.now = wrong


def main(seconds: str, wrong_clock: str = "") -> None:
    """Turn the loops until nothing is left to do, or the time is over."""
    import django

    django.setup()
    if wrong_clock:
        follow_clock(Path(wrong_clock))
    from folkmoot.kernel.jobs import sharing
    from folkmoot.outbox.engine import loop, outcomes, sweep
    from folkmoot.outbox.models import Delivery, State

    sharing.share_connections(threads=1)
    for _ in register():
        # What waits for minutes elsewhere waits for seconds here.
        outcomes.CHANNEL_BACK_OFF = (1, 1, 2, 2)  # type: ignore[assignment]
        outcomes.BACK_OFF = (1, 1, 2, 2, 2)  # type: ignore[assignment]
        outcomes.ASK_AGAIN = 1.0
        sweep.EVERY = dt.timedelta(seconds=1)
        stopping = threading.Event()
        threads = [threading.Thread(target=loop.run, args=(stopping,)) for _ in range(loop.THREADS)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + float(seconds)
        busy = [State.SCHEDULED, State.CLAIMED, State.SENDING, State.UNCERTAIN]
        while time.monotonic() < end and Delivery.objects.filter(state__in=busy).exists():
            time.sleep(0.3)
        stopping.set()
        for thread in threads:
            thread.join()
        sharing.end()


if __name__ == "__main__":
    main(*sys.argv[1:3])
