"""The worker process: threads that run jobs, one that listens to the queue, one that watches the clock, and whatever
loops the apps have (the outbox sends in one)."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from folkmoot.kernel import clock
from folkmoot.kernel.jobs import queue, runner, schedule, sharing
from folkmoot.kernel.plugs import worker_loops

log = structlog.get_logger(__name__)

#: How long a worker that was told to end waits for its jobs to reach a checkpoint, in seconds.
GRACE_SECONDS = 20


class Worker:
    """Runs jobs until told to stop. What it cannot finish in time it gives back, or leaves to its lease's end."""

    def __init__(self, threads: int) -> None:
        self.stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"jobs-{n + 1}", daemon=True) for n in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._tick, name="clock", daemon=True))
        for loop in worker_loops:
            self._threads += [
                threading.Thread(
                    target=loop.run, args=(self.stopping,), name=f"{loop.key}-{n + 1}", daemon=True
                )
                for n in range(loop.threads)
            ]
        self._listener = threading.Thread(
            target=queue.listen, args=(self.stopping,), name="queue", daemon=True
        )

    def start(self) -> None:
        """Start the threads."""
        for thread in (*self._threads, self._listener):
            thread.start()

    def stop(self, grace: float = GRACE_SECONDS) -> bool:
        """Ask the jobs to end at their next checkpoint and wait for them.

        Returns:
            whether all did within ``grace`` seconds.
        """
        self.stopping.set()
        queue.arrived.set()
        deadline = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                if runner.run_next(self.stopping):
                    continue
            except DatabaseError as error:
                log.warning("the database cannot be reached", error=str(error))
                connection.close()
            sharing.give_back()
            if queue.arrived.wait(settings.JOB_SWEEP_SECONDS):
                queue.arrived.clear()
        connection.close()

    def _tick(self) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                schedule.fire(clock.now())
            except DatabaseError as error:
                log.warning("the schedule waits for the database", error=str(error))
                connection.close()
            sharing.give_back()
            self.stopping.wait(30)
        connection.close()


def main(threads: int) -> None:
    """Run a worker in this process until SIGTERM or SIGINT; a second signal ends it at once."""
    sharing.share_connections(threads=threads)
    worker = Worker(threads)
    told = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        if told.is_set():
            os._exit(1)
        told.set()
        worker.stopping.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    worker.start()
    log.info("worker started", threads=threads)
    while not told.wait(1):
        pass
    clean = worker.stop()
    sharing.end()
    log.info("worker ended", clean=clean)
    if not clean:
        os._exit(0)  # what still runs is rolled back; whoever comes next goes on from its last checkpoint
