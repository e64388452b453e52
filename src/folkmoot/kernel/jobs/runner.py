"""Running jobs: here and now for a terminal, or one after another in a worker."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.jobs import actions, leases
from folkmoot.kernel.jobs.context import (
    JobCancelled,
    JobContext,
    JobRefused,
    JobReleased,
    LeaseLost,
    Progress,
)
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.registry import JobKind, job_kinds

log = structlog.get_logger(__name__)


def run_next(stopping: threading.Event | None = None) -> bool:
    """Take the job that has been due longest and run it.

    Returns:
        whether there was one.
    """
    for candidate in leases.claimable(clock.now()):
        job = leases.claim(candidate)
        if job is not None:
            run(job, stopping=stopping)
            return True
    return False


def run(job: Job, *, stopping: threading.Event | None = None, on_progress: Progress | None = None) -> None:
    """Run a job that this process holds, and keep how it ended. Errors of the job itself are kept, not raised."""
    _run(job, stopping=stopping, on_progress=on_progress, once=False)


def run_in_foreground(
    job: Job, on_progress: Progress | None = None, *, pause: Callable[[float], None] = time.sleep
) -> Job:
    """Run a job in this process to its end, for a command in a terminal.

    When a living worker holds the job, its progress is followed instead; when that worker dies, this process goes on.
    The job is tried once. An interruption (Ctrl-C) cancels it; it can be taken up again.

    Returns:
        the job as it ended.

    Raises:
        Exception: whatever the job's function raised, once it is kept as the job's error.
    """
    while True:
        job = Job.objects.get(pk=job.pk)
        if job.is_finished:
            return job
        now = clock.now()
        mine = job.lease_owner == leases.owner()
        free = job.state == JobState.QUEUED or job.lease_until is None or job.lease_until < now
        if mine or free or leases.is_dead(job.lease_owner):
            held = leases.claim(job, fresh=True)
            if held is not None:
                error = _run(held, stopping=None, on_progress=on_progress, once=True)
                if error is not None:
                    raise error
                continue
        elif on_progress is not None:
            on_progress(job.done, job.total, job.note)
        pause(0.3)


def _run(
    job: Job, *, stopping: threading.Event | None, on_progress: Progress | None, once: bool
) -> BaseException | None:
    """Run it; return the error that ended it for good, if one did."""
    context = JobContext(job, stopping=stopping, on_progress=on_progress)
    with structlog.contextvars.bound_contextvars(job=job.pk, kind=job.kind):
        try:
            kind = job_kinds.get(job.kind)
        except LookupError as error:
            _end(context, JobState.FAILED, None, error=f"{error}. Its area is not installed here.")
            return error
        if job.attempts > kind.max_attempts and not once:
            words = f"Its worker ended {kind.max_attempts} times in the middle of it without getting further."
            _end(context, JobState.FAILED, kind, error=words)
            return None
        try:
            with leases.Heartbeat(context):
                outcome = kind.run(context)
            _end(context, JobState.SUCCEEDED, kind, outcome=outcome)
        except LeaseLost:
            log.warning("another worker has taken the job over")
        except JobReleased:
            actions.release(context)
        except JobCancelled:
            _end(context, JobState.CANCELLED, kind)
        except JobRefused as refusal:
            _end(context, JobState.FAILED, kind, error=str(refusal))
            return refusal
        except KeyboardInterrupt:
            _end(context, JobState.CANCELLED, kind)
            raise
        except Exception as error:
            return _failed(context, kind, error, once=once)
    return None


def _failed(context: JobContext, kind: JobKind, error: Exception, *, once: bool) -> Exception | None:
    log.error("job failed", attempt=context.job.attempts, exc_info=error)
    words = "\n\n".join([f"{type(error).__name__}: {error}", traceback.format_exc()])
    # The row's own count: a checkpoint within this try has begun it anew.
    attempts = context.held().values_list("attempts", flat=True).first() or context.job.attempts
    if once or attempts >= kind.max_attempts:
        _end(context, JobState.FAILED, kind, error=words)
        return error
    actions.postpone(context, attempts=attempts, error=words)
    return None


@transaction.atomic
def _end(
    context: JobContext, state: JobState, kind: JobKind | None, *, outcome: Any = None, error: str = ""
) -> None:
    if not actions.end(context, state=state, outcome=outcome, error=error):
        log.warning("the job was taken over before it could be ended")
        return
    if kind is not None and kind.on_stopped is not None and state in (JobState.FAILED, JobState.CANCELLED):
        kind.on_stopped(Job.objects.get(pk=context.job.pk))
