"""The loop that every worker turns, twice a second and whenever something is due, beside its jobs."""

from __future__ import annotations

import threading
import time

import structlog
from django.db import DatabaseError, close_old_connections, connection

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.sharing import give_back
from folkmoot.outbox.engine.claim import claim, claim_many, release, seconds_to_next
from folkmoot.outbox.engine.desk import Desk, Turn
from folkmoot.outbox.engine.send import work
from folkmoot.outbox.engine.sweep import beat, sweep
from folkmoot.outbox.models import Delivery

log = structlog.get_logger(__name__)

#: How often it looks, in seconds, where nothing is due sooner.
PACE = 0.5
#: And so long it rests at least, in seconds: while all is paused, many may become due one after the other.
SHORTEST = 0.05
#: Threads in each worker: a slow platform holds up a few of them. While nothing is due one looks, the others sleep.
THREADS = 32
#: How long a thread that is busy keeps its connection before it asks whether that is still good: opening one costs as
#: much as sending.
CONNECTION_SECONDS = 5.0
#: How often a thread that sleeps sees whether it is to end. In seconds; it asks the database nothing.
_NAP = 1.0
#: Who was not needed for so many naps gives its connection back.
_NAPS = 10

_desk = Desk()


def turn(stopping: threading.Event | None = None) -> int:
    """One look by a single thread: sweep if it is this worker's turn, take what is due on one channel, send it.

    Returns:
        how many deliveries were worked on.
    """
    now = clock.now()
    if beat(now):
        sweep(now)
    held = claim(now)
    work(held, stopping)
    return len(held)


def run(stopping: threading.Event) -> None:
    """Turn until told to stop. What goes wrong is said and tried again: the loop itself never ends by an error."""
    looked_at, naps = 0.0, 0
    while not stopping.is_set():
        found = _desk.next(_NAP)
        if found is Turn.REST:
            naps += 1
            if naps == _NAPS:
                connection.close()
            continue
        naps = 0
        if time.monotonic() - looked_at > CONNECTION_SECONDS:
            close_old_connections()
            looked_at = time.monotonic()
        try:
            if found is Turn.LOOK:
                _look()
            elif found is Turn.WATCH:
                _watch(stopping)
            else:
                _send(found, stopping)
        except DatabaseError as error:
            log.warning("the outbox waits for the database", error=str(error))
            connection.close()
            stopping.wait(PACE)
        except Exception:
            log.exception("the outbox stumbled")
            stopping.wait(PACE)
        give_back()
    for held in _desk.rest():
        release(held)
    connection.close()


def _look() -> None:
    """Take for all threads what is due."""
    more = False
    try:
        now = clock.now()
        if beat(now):
            sweep(now)
        found, more = claim_many(now, threads=THREADS, busy=_desk.busy())
        _desk.put(found)
    finally:
        _desk.looked(again=more)


def _watch(stopping: threading.Event) -> None:
    """Sleep until the next look is due: after the usual time, or when the next message is due if that is sooner."""
    pause = PACE
    try:
        seconds = seconds_to_next(within=PACE)
        pause = PACE if seconds is None else max(SHORTEST, seconds)
    finally:
        give_back()
        stopping.wait(pause)
        _desk.watched()


def _send(held: list[Delivery], stopping: threading.Event) -> None:
    channel = held[0].channel_id
    try:
        work(held, stopping)
    finally:
        _desk.done(channel)
