"""Kinds of jobs: a name, a function, and what a person reads about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.jobs.context import JobContext
    from folkmoot.kernel.jobs.models import Job


@dataclass(frozen=True)
class JobKind:
    """A kind of background work.

    ``run(context)`` does the work and returns an outcome that JSON can hold, or ``None``. It must be able to go on
    from ``context.cursor`` after its worker was killed at any moment.
    """

    key: str
    label: Any
    run: Callable[[JobContext], Any]
    #: Who may see, cancel and repeat jobs of this kind.
    permission: str = "settings.view"
    #: Whether a person may stop it half-way without harm.
    can_cancel: bool = True
    #: How often it is tried in a row without getting further; an error in the data is final at once (``JobRefused``).
    max_attempts: int = 3
    order: int = 0
    #: Called when a job of this kind has failed for good or was cancelled, in the transaction that says so.
    on_stopped: Callable[[Job], None] | None = None
    #: The page of what the job is about, for a link from the job's page; ``None`` when there is none.
    url: Callable[[Job], str | None] | None = None


job_kinds: Registry[JobKind] = Registry("kind of job")
