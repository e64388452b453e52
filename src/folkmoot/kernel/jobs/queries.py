"""Every read of jobs that pages, health checks and Today share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import leases
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.registry import JobKind, job_kinds


def kinds_for(user: User) -> list[JobKind]:
    """The kinds whose jobs the user may see."""
    return [kind for kind in job_kinds if user.has_perm(kind.permission)]


def jobs_for(user: User, *, state: str = "", kind: str = "") -> QuerySet[Job]:
    """The jobs that the user may see, newest first, of a state (``failed`` leaves out those laid aside) and kind."""
    jobs = Job.objects.filter(kind__in=[k.key for k in kinds_for(user)]).select_related("created_by")
    if state:
        jobs = jobs.filter(state=state)
    if kind:
        jobs = jobs.filter(kind=kind)
    return jobs.order_by("-created_at", "-pk")


def failed() -> Q:
    """Jobs that failed and that nobody has laid aside."""
    return Q(state=JobState.FAILED, dismissed_at=None)


def planned_jobs(user: User, first: dt.date, last: dt.date) -> QuerySet[Job]:
    """Jobs that the user may see and that begin in the future, between two days of the reader's zone, both included."""
    zone = timezone.get_current_timezone()
    start = dt.datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last + dt.timedelta(days=1)
    end = dt.datetime(after.year, after.month, after.day, tzinfo=zone)
    due = Q(state=JobState.QUEUED, due_at__gte=max(start, clock.now()), due_at__lt=end)
    return jobs_for(user).filter(due).order_by("due_at", "pk")[:500]


@dataclass(frozen=True)
class Backlog:
    """Work that is due and not begun, or begun by a worker that died."""

    jobs: int
    #: How long the oldest of it has been due.
    oldest_seconds: float


def backlog(now: dt.datetime) -> Backlog:
    """What is due at ``now`` (UTC). Work that runs under a living lease is not counted."""
    due = leases.due(now)
    oldest = due.aggregate(oldest=Min(Coalesce("lease_until", "due_at")))["oldest"]
    return Backlog(due.count(), max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)


def time_left(job: Job, now: dt.datetime) -> dt.timedelta | None:
    """How long a running job will still take if it goes on at its present pace; ``None`` while that is unknown."""
    if job.state != JobState.RUNNING or not job.total or not job.done or job.started_at is None:
        return None
    left = (now - job.started_at) / job.done * max(0, job.total - job.done)
    return dt.timedelta(seconds=round(left.total_seconds()))


def error_summary(job: Job) -> str:
    """The first line of a job's error: what happened, without the trace."""
    return first_line(job.error)


def first_line(error: str) -> str:
    """What happened, without the trace."""
    return error.split("\n", 1)[0]


def label(job: Job) -> str:
    """What kind of work a job is, in words."""
    return kind_label(job.kind)


def kind_label(kind: str) -> str:
    """A kind of work in words; its key where nobody declares it any more."""
    return str(job_kinds.get(kind).label) if kind in job_kinds else kind


def may_see(user: User, job: Job) -> bool:
    """Whether the user holds the permission of the job's kind; jobs of an unknown kind nobody sees."""
    return job.kind in job_kinds and user.has_perm(job_kinds.get(job.kind).permission)
