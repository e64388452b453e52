"""Everything that changes a job's state."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from django.db import IntegrityError, transaction

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import leases, queue
from folkmoot.kernel.jobs.context import JobContext, lease_end
from folkmoot.kernel.jobs.models import UNFINISHED, Job, JobState
from folkmoot.kernel.jobs.registry import job_kinds

#: How long a job waits after the first, second, third failed try.
BACK_OFF = (dt.timedelta(seconds=10), dt.timedelta(minutes=1), dt.timedelta(minutes=5))
#: How long finished jobs are kept; failed ones stay until somebody lays them aside.
KEEP = dt.timedelta(days=90)


class JobStateError(Exception):
    """What was asked does not fit the job's state; the message says why."""


@transaction.atomic
def enqueue(
    *,
    kind: str,
    arguments: dict[str, Any] | None = None,
    created_by: User | None = None,
    due_at: dt.datetime | None = None,
    unique_key: str = "",
    hold: bool = False,
) -> Job:
    """Queue a piece of work and wake a worker once the caller's transaction is committed.

    Args:
        kind: key of a registered :class:`JobKind`.
        arguments: plain JSON.
        due_at: not before this moment (UTC); now when absent.
        unique_key: at most one job ever has it; the job that has it already is returned as it is.
        hold: this process will run it with ``run_in_foreground``: no worker takes it meanwhile.

    Raises:
        LookupError: no such kind.
    """
    job_kinds.get(kind)
    known = Job.objects.filter(unique_key=unique_key).first() if unique_key else None
    if known is not None:
        return known
    job = Job(
        kind=kind,
        arguments=arguments or {},
        created_by=created_by,
        due_at=due_at or clock.now(),
        unique_key=unique_key,
    )
    if hold:
        job.state, job.lease_owner, job.lease_until = JobState.RUNNING, leases.owner(), lease_end()
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        if not unique_key:
            raise
        return Job.objects.get(unique_key=unique_key)
    if not hold and job.due_at <= clock.now():
        transaction.on_commit(functools.partial(queue.wake, job.pk))
    return job


@transaction.atomic
def cancel(*, job: Job, actor: User | None) -> Job:
    """Ask a job to stop: a waiting one ends at once, a running one at its next checkpoint. Twice does nothing more.

    Raises:
        JobStateError: it has ended already, or may not be stopped half-way.
    """
    job = _locked(job)
    if job.state == JobState.CANCELLED or (job.state == JobState.RUNNING and job.cancel_requested):
        return job
    if job.is_finished:
        raise JobStateError("The job has ended already.")
    kind = job_kinds.get(job.kind)
    if job.state == JobState.RUNNING:
        if not kind.can_cancel:
            raise JobStateError("Work of this kind cannot be stopped half-way.")
        job.cancel_requested = True
        job.save(update_fields=["cancel_requested"])
        return job
    job.state, job.finished_at, job.fence = JobState.CANCELLED, clock.now(), job.fence + 1
    job.save(update_fields=["state", "finished_at", "fence"])
    if kind.on_stopped is not None:
        kind.on_stopped(job)
    return job


@transaction.atomic
def retry(*, job: Job, actor: User | None, hold: bool = False) -> Job:
    """Queue a failed or cancelled job again; it goes on from its last checkpoint. A waiting one becomes due now.

    Args:
        hold: as in :func:`enqueue`.

    Raises:
        JobStateError: it is running, or was done.
    """
    job = _locked(job)
    if job.state in (JobState.RUNNING, JobState.SUCCEEDED):
        raise JobStateError(f"The job is {job.get_state_display()}: there is nothing to try again.")
    job.state, job.due_at, job.attempts, job.fence = JobState.QUEUED, clock.now(), 0, job.fence + 1
    job.cancel_requested, job.finished_at, job.dismissed_at, job.error = False, None, None, ""
    job.lease_owner, job.lease_until = "", None
    if hold:
        job.state, job.lease_owner, job.lease_until = JobState.RUNNING, leases.owner(), lease_end()
    job.save()
    if not hold:
        transaction.on_commit(functools.partial(queue.wake, job.pk))
    return job


@transaction.atomic
def dismiss(*, job: Job, actor: User | None) -> Job:
    """Lay a failed job aside: it leaves Today and is removed with the other finished ones. Twice does nothing more.

    Raises:
        JobStateError: it has not failed.
    """
    job = _locked(job)
    if job.state != JobState.FAILED:
        raise JobStateError("Only a failed job can be laid aside.")
    if job.dismissed_at is None:
        job.dismissed_at = clock.now()
        job.save(update_fields=["dismissed_at"])
    return job


def release(context: JobContext) -> bool:
    """Give a held job back, to be taken up at once by another worker; this try does not count."""
    attempts = context.held().values_list("attempts", flat=True).first() or 1
    return bool(
        context.held().update(
            state=JobState.QUEUED,
            lease_owner="",
            lease_until=None,
            attempts=max(0, attempts - 1),
            due_at=clock.now(),
        )
    )


def postpone(context: JobContext, *, attempts: int, error: str) -> bool:
    """Give a held job back after an error, to be tried again later."""
    pause = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    return bool(
        context.held().update(
            state=JobState.QUEUED, lease_owner="", lease_until=None, due_at=clock.now() + pause, error=error
        )
    )


def end(context: JobContext, *, state: JobState, outcome: Any = None, error: str = "") -> bool:
    """Keep how a held job ended.

    Returns:
        ``False`` when another worker holds it by now.
    """
    return bool(
        context.held().update(
            state=state,
            outcome=outcome,
            error=error,
            finished_at=clock.now(),
            lease_owner="",
            lease_until=None,
            note="",
        )
    )


def purge(context: JobContext) -> dict[str, int]:
    """The job that removes finished jobs older than :data:`KEEP`; failed ones only once they were laid aside."""
    old = Job.objects.filter(finished_at__lt=clock.now() - KEEP).exclude(state__in=UNFINISHED)
    old = old.exclude(state=JobState.FAILED, dismissed_at=None)
    removed = 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            Job.objects.filter(pk__in=ids).delete()
            removed += len(ids)
            context.checkpoint(None, done=removed)
    return {"removed": removed}


def _locked(job: Job) -> Job:
    return Job.objects.select_for_update().get(pk=job.pk)
