"""What a running job is given."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.models import Job, JobState

#: ``on_progress(done, total, note)``; ``total`` is ``None`` while nobody knows it.
Progress = Callable[[int, int | None, str], None]


class LeaseLost(Exception):
    """Another worker has taken the job over; whatever this chunk wrote must be rolled back."""


class JobCancelled(Exception):
    """A person asked the job to stop."""


class JobReleased(Exception):
    """This worker is ending: the chunk is rolled back and another worker goes on from the last checkpoint."""


class JobRefused(Exception):
    """The work cannot be done and trying again will not help; the message says what to do."""


class JobContext:
    """The job as its function sees it.

    Attributes:
        job: the row as it was when the lease was taken.
        arguments: what it was queued with.
        cursor: where the last checkpoint left it; ``None`` at the start.
    """

    def __init__(
        self, job: Job, *, stopping: threading.Event | None = None, on_progress: Progress | None = None
    ) -> None:
        self.job = job
        self.arguments: dict[str, Any] = job.arguments
        self.cursor: Any = job.cursor
        self._fence = job.fence
        self._stopping = stopping
        self._on_progress = on_progress
        self._done, self._total = job.done, job.total
        #: When the work last got further (``time.monotonic``): a job that hangs must not keep its lease for ever.
        self.moved_at = time.monotonic()

    def checkpoint(
        self, cursor: Any, *, done: int | None = None, total: int | None = None, note: str = ""
    ) -> None:
        """Keep how far the work is, renew the lease. Call it inside the chunk's transaction, as its last statement.

        Raises:
            LeaseLost: another worker holds the job now: the transaction must be rolled back.
            JobCancelled: a person asked to stop; raised so that this chunk is rolled back and the job ends.
            JobReleased: this worker is ending; another goes on from the checkpoint before.
        """
        if self._stopping is not None and self._stopping.is_set():
            raise JobReleased
        self._done = self._done if done is None else done
        self._total = self._total if total is None else total
        held = self.held()
        kept = held.update(
            cursor=cursor,
            done=self._done,
            total=self._total,
            note=note[:300],
            lease_until=lease_end(),
            attempts=1,  # it got further: only tries in a row that did not are counted
        )
        if not kept:
            raise LeaseLost
        if held.filter(cancel_requested=True).exists():
            raise JobCancelled
        self.cursor = cursor
        self.moved_at = time.monotonic()
        self.tell(self._done, self._total, note)

    def tell(self, done: int, total: int | None, note: str = "") -> None:
        """Show progress to whoever watches in this process, without keeping it: for work inside one transaction."""
        if self._on_progress is not None:
            self._on_progress(done, total, note)

    def held(self) -> Any:
        """The job's row as a queryset, as long as this worker holds it."""
        return Job.objects.filter(pk=self.job.pk, fence=self._fence, state=JobState.RUNNING)


def lease_end() -> dt.datetime:
    """Until when a lease taken now holds (UTC)."""
    return clock.now() + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)
