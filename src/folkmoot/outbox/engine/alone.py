"""SQLite lets one write at a time; whoever comes meanwhile sleeps and tries again, longer each time.

Where many threads of one process write, most of the time nobody does: the one whose turn it is sleeps. So they queue
for a lock of the process first, which wakes the next at once. PostgreSQL needs none of it.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")

_writing = threading.RLock()


def one_at_a_time(write: Callable[P, R]) -> Callable[P, R]:
    """Let one thread of this process at a time run what writes, on SQLite. Stands above ``transaction.atomic``."""

    @functools.wraps(write)
    def queued(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.vendor != "sqlite":
            return write(*args, **kwargs)
        with _writing:
            return write(*args, **kwargs)

    return queued
