"""The loop that every worker turns, twice a second and whenever something is due, beside its jobs."""

from __future__ import annotations

import threading
import time

import structlog
from django.db import DatabaseError, Error, close_old_connections, connection

from folkmoot.kernel import clock
from folkmoot.outbox.engine.claim import claim, claim_again, is_more_due, seconds_to_next
from folkmoot.outbox.engine.send import work
from folkmoot.outbox.engine.sweep import beat, sweep

log = structlog.get_logger(__name__)

#: How often it looks, in seconds, where nothing is due sooner.
PACE = 0.5
#: And so long it rests at least, in seconds: while all is paused, many may become due one after the other.
SHORTEST = 0.05
#: Threads in each worker: a slow platform holds up a few of them. While nothing is due one looks, the others sleep.
THREADS = 32
#: How long a thread that is busy keeps its connection before it asks whether that is still good: opening one on SQLite
#: costs as much as sending.
CONNECTION_SECONDS = 5.0
#: How often a thread that sleeps sees whether it is to end, or to look. In seconds; it asks the database nothing.
_NAP = 1.0

_bell = threading.Condition()
_looking = False


def turn(stopping: threading.Event | None = None, *, threads: int = 0) -> int:
    """One look: sweep if it is this worker's turn, take what is due, send it.

    Args:
        threads: how many turn in this process.

    Returns:
        how many deliveries were worked on.
    """
    now = clock.now()
    held = claim_again(now, threads=threads) if threads else []
    if not held:
        if beat(now):
            sweep(now)
        held = claim(now, threads=threads)
    if held and (not threads or is_more_due()):
        with _bell:
            _bell.notify()
    work(held, stopping)
    return len(held)


def run(stopping: threading.Event) -> None:
    """Turn until told to stop. What goes wrong is said and tried again: the loop itself never ends by an error."""
    looked_at = 0.0
    while not stopping.is_set():
        try:
            if time.monotonic() - looked_at > CONNECTION_SECONDS:
                close_old_connections()
                looked_at = time.monotonic()
            if turn(stopping, threads=THREADS):
                continue
        except DatabaseError as error:
            log.warning("the outbox waits for the database", error=str(error))
            connection.close()
        except Exception:
            log.exception("the outbox stumbled")
        _rest(stopping)
    connection.close()


def _rest(stopping: threading.Event) -> None:
    """Sleep until the next look. One thread of the process looks again soon; the others when it found something."""
    global _looking
    while not stopping.is_set():
        with _bell:
            looks = not _looking
            if looks:
                _looking = True
            elif _bell.wait(_NAP):
                return
        if looks:
            try:
                pause = _pause()
                with _bell:
                    _bell.wait(pause)
            finally:
                _looking = False
            return
        connection.close()  # who sleeps for long needs none


def _pause() -> float:
    """Seconds until the next look: the usual ones, or until the next message is due if that is sooner."""
    try:
        seconds = seconds_to_next(within=PACE)
    except Error:  # of the database or of the way to it
        connection.close()
        return PACE
    return PACE if seconds is None else max(SHORTEST, seconds)
