"""Kinds of jobs: a name, a function, and what a person reads about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.jobs.context import JobContext


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
    #: How often it is tried when it raises; an error in the data is final at once (``JobRefused``).
    max_attempts: int = 3
    order: int = 0


job_kinds: Registry[JobKind] = Registry("kind of job")
