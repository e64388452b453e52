"""Who holds a job: taking it by compare-and-set, keeping it alive, seeing that its holder is dead."""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
import time
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from folkmoot.kernel import clock
from folkmoot.kernel.ids import token
from folkmoot.kernel.jobs.context import JobContext, lease_end
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.sharing import give_back

log = structlog.get_logger(__name__)

#: After how many seconds without a checkpoint a lease is no longer renewed: the work hangs.
SILENCE_SECONDS = 900


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks, so that a number given again is not mistaken; empty if unknown."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


_HOST = socket.gethostname().replace(":", "_")
_owner = ""
_naming = threading.Lock()


def _unlock_in_child() -> None:
    """A fork while another thread names the process would leave the lock held for ever in the child."""
    global _naming
    _naming = threading.Lock()


os.register_at_fork(after_in_child=_unlock_in_child)


def owner() -> str:
    """This process as the holder of a lease: ``host:pid:random`` (the random part begins with its start).

    Threads that ask for the first time at the same moment get the same: a holder that differs would count as dead.
    """
    global _owner
    pid = os.getpid()
    if not _owner.startswith(f"{_HOST}:{pid}:"):
        with _naming:
            if not _owner.startswith(f"{_HOST}:{pid}:"):
                _owner = f"{_HOST}:{pid}:{_started(pid)}-{token()}"
    return _owner


def is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that is gone. ``False`` when it cannot be known."""
    host, _, rest = holder.partition(":")
    pid_text, _, random = rest.partition(":")
    if host != _HOST or not pid_text.isdigit():
        return False
    pid = int(pid_text)
    if pid == os.getpid():
        return holder != owner()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    started, now_started = random.partition("-")[0], _started(pid)
    return bool(started and now_started and started != now_started)


def due(now: dt.datetime) -> QuerySet[Job]:
    """Jobs that somebody should work on: waiting and due, or running with a lease that has run out."""
    return Job.objects.filter(
        Q(state=JobState.QUEUED, due_at__lte=now) | Q(state=JobState.RUNNING, lease_until__lt=now)
    )


def claimable(now: dt.datetime) -> list[Job]:
    """Jobs that this process may take, those due longest first: the due ones, and those whose holder here died."""
    jobs = list(due(now).order_by("due_at", "pk")[:20])
    held = Job.objects.filter(
        state=JobState.RUNNING, lease_until__gte=now, lease_owner__startswith=f"{_HOST}:"
    ).order_by("due_at", "pk")
    jobs += [job for job in held[:100] if is_dead(job.lease_owner)]
    return sorted(jobs, key=lambda job: (job.due_at, job.pk))


def claim(job: Job, *, fresh: bool = False) -> Job | None:
    """Take a job whose row was just read. One UPDATE decides, so of many who ask one gets it, on any database.

    Args:
        fresh: a person asked for it now: tries made before do not count.

    Returns:
        the job as held, or ``None`` when another was faster.
    """
    now = clock.now()
    taken = Job.objects.filter(pk=job.pk, fence=job.fence, state=job.state).update(
        state=JobState.RUNNING,
        fence=job.fence + 1,
        lease_owner=owner(),
        lease_until=lease_end(),
        attempts=1 if fresh else F("attempts") + 1,
        started_at=Coalesce("started_at", now),
        finished_at=None,
    )
    return Job.objects.get(pk=job.pk) if taken else None


class Heartbeat:
    """Renews the lease while a chunk takes long; stops when the work has hung for :data:`SILENCE_SECONDS`."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease of job {context.job.pk}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        try:
            while not self._ended.wait(settings.JOB_LEASE_SECONDS / 3):
                if time.monotonic() - self._context.moved_at > SILENCE_SECONDS:
                    log.error("job makes no progress: its lease runs out", job=self._context.job.pk)
                    return
                try:
                    if not self._context.held().update(lease_until=lease_end()):
                        return
                except DatabaseError as error:
                    # On SQLite a long chunk holds the only lock; then nobody else can take the job over either.
                    log.info("lease not renewed", job=self._context.job.pk, error=str(error))
                give_back()
        finally:
            connection.close()
