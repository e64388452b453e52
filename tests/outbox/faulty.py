"""A platform that fails as told: it keeps what it accepted, whatever it then answers.

``python -m tests.outbox.faulty FOLDER SECONDS`` runs a worker's outbox loop that dies where the folder's plan says so.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from folkmoot.connectors.base import (
    Access,
    CannotOpen,
    Connector,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Tried,
)

#: What it does with a message, by the word in its payload (``"fault"``).
FAULTS = (
    "none",  # yes
    "accept_then_drop",  # takes it, and the answer is lost
    "accept_then_error",  # takes it, and raises
    "error",  # does not take it, and the answer is lost
    "refuse",  # says no
    "later",  # says no, try again
    "wait",  # says no, wait 30 seconds
    "channel",  # the channel itself fails
)


class Platform:
    """What the other side has: one line for each message it took, in a file, so that many processes share it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "accepted.txt"

    def accept(self, name: str) -> None:
        with self.path.open("a") as file:
            file.write(name + "\n")

    def accepted(self) -> list[str]:
        return self.path.read_text().split() if self.path.exists() else []


class FaultySender(Sender):
    def __init__(self, platform: Platform, kill_at: Mapping[str, str]) -> None:
        self.platform, self.kill_at = platform, kill_at

    def _die(self, at: str, name: str) -> None:
        if self.kill_at.get(name) == at and not (self.platform.path.parent / f"died-{name}").exists():
            (self.platform.path.parent / f"died-{name}").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        name, fault = str(payload["name"]), str(payload.get("fault", "none"))
        times = payload.get("times", 10**6)
        tried = self.platform.path.parent / f"tried-{name}"
        count = len(tried.read_text()) if tried.exists() else 0
        tried.write_text("x" * (count + 1))
        if count >= times:
            fault = "none"
        self._die("before", name)
        if fault in ("none", "accept_then_drop", "accept_then_error"):
            self.platform.accept(name)
        self._die("after", name)
        if fault == "accept_then_error":
            raise ConnectionResetError("the line broke")
        return {
            "none": Outcome.yes("taken", remote_id=f"remote-{name}"),
            "accept_then_drop": Outcome.unknown("no answer came"),
            "error": Outcome.unknown("500"),
            "refuse": Outcome.no("550 no such place"),
            "later": Outcome.no("451 later", transient=True),
            "wait": Outcome.no("429", transient=True, wait=30.0),
            "channel": Outcome.no("535 wrong password", transient=True, channel=True),
        }[fault]

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        name = str(payload["name"])
        if payload.get("blind"):
            return Outcome.unknown("cannot tell")
        if name in self.platform.accepted():
            return Outcome.yes("found", remote_id=f"remote-{name}")
        return Outcome.no("not there")


class Faulty(Connector):
    """Knows exactly what it has."""

    key = "faulty"
    label = "Faulty"
    medium = "post"
    readback = Readback.EXACT
    looks = (0, 0)

    def open(self, access: Access) -> Sender:
        folder = Path(access.text("folder"))
        if (folder / "closed").exists():
            raise CannotOpen("connection refused")
        plan = folder / "kill.json"
        return FaultySender(Platform(folder), json.loads(plan.read_text()) if plan.exists() else {})

    def plan(self, payload: Payload, key: str) -> str:
        return f"planned-{payload.get('name')}"


class Mute(Faulty):
    """Cannot be asked."""

    key = "mute"
    label = "Mute"
    readback = Readback.NONE
    looks = ()


def register() -> Iterator[None]:
    """Declare both while a test runs."""
    from folkmoot.connectors.base import connectors

    for made in (Faulty(), Mute()):
        connectors.register(made)
    yield
    for key in ("faulty", "mute"):
        del connectors._items[key]


def main(folder: str, seconds: str) -> None:
    """Turn the loop until nothing is left to do, or the time is over."""
    import django

    django.setup()
    from django.db.models import Q

    from folkmoot.connectors.base import connectors
    from folkmoot.outbox.engine import loop, sweep
    from folkmoot.outbox.models import Delivery, State

    connectors.register(Faulty())
    connectors.register(Mute())
    end = time.monotonic() + float(seconds)
    open_states = [State.SCHEDULED, State.CLAIMED, State.SENDING, State.UNCERTAIN]
    rest: Any = Q(state__in=open_states)
    while time.monotonic() < end:
        if not loop.turn():
            if not Delivery.objects.filter(rest).exists():
                return
            sweep.sweep()
            time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:3])
