"""A job as a page shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.jobs import queries
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.registry import job_kinds

TONES = {
    JobState.QUEUED: "new",
    JobState.RUNNING: "due",
    JobState.SUCCEEDED: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "quiet",
}


@dataclass(frozen=True)
class ShownJob:
    """What the page says about a job, and what may be done with it now."""

    job: Job
    label: str
    tone: str
    state: str
    words: str
    error: str
    trace: str
    about_url: str | None
    can_cancel: bool
    can_retry: bool
    can_dismiss: bool
    outcome: list[tuple[str, str]]


def show(job: Job) -> ShownJob:
    """The job for its page, from its row alone."""
    kind = job_kinds.get(job.kind) if job.kind in job_kinds else None
    first, _newline, rest = job.error.partition("\n")
    outcome = job.outcome if isinstance(job.outcome, dict) else {}
    return ShownJob(
        job=job,
        label=queries.label(job),
        tone=TONES[JobState(job.state)],
        state=_("stopping") if job.cancel_requested and not job.is_finished else str(job.get_state_display()),
        words=words(job, clock.now()),
        error=first,
        trace=rest.strip(),
        about_url=kind.url(job) if kind is not None and kind.url is not None else None,
        can_cancel=not job.is_finished
        and not job.cancel_requested
        and (job.state == JobState.QUEUED or (kind is not None and kind.can_cancel)),
        can_retry=job.state in (JobState.FAILED, JobState.CANCELLED),
        can_dismiss=job.state == JobState.FAILED and job.dismissed_at is None,
        outcome=[(_plain(name), _in_words(value)) for name, value in sorted(outcome.items())],
    )


def _plain(name: object) -> str:
    return str(name).replace("_", " ")


def _in_words(value: Any) -> str:
    """A value of an outcome as a person reads it: counts that are nought are left out."""
    if isinstance(value, dict):
        told = [
            # By name: PostgreSQL keeps the keys of JSON in an order of its own.
            f"{_plain(name)}: {_in_words(each)}"
            for name, each in sorted(value.items())
            if each not in (0, None, "")
        ]
        return ", ".join(told) or _("nothing")
    if isinstance(value, list):
        return ", ".join(_in_words(each) for each in value) or _("nothing")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def words(job: Job, now: dt.datetime) -> str:
    """How far a job is: counts and the time left; why it waits; how long it took."""
    if job.state == JobState.QUEUED:
        return _("waits to be tried again") if job.error else _("waits for a worker")
    if job.state != JobState.RUNNING:
        return ""
    counted = (
        _("%(done)s of %(total)s") % {"done": f"{job.done:,}", "total": f"{job.total:,}"}
        if job.total
        else (f"{job.done:,}" if job.done else "")
    )
    left = queries.time_left(job, now)
    return ", ".join(part for part in (counted, duration_left(left) if left is not None else "") if part)


def duration_left(left: dt.timedelta) -> str:
    """``40 seconds left``, ``about 3 minutes left``."""
    seconds = int(left.total_seconds())
    if seconds < 60:
        return ngettext("%(n)d second left", "%(n)d seconds left", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
