"""What a running job is given."""

from __future__ import annotations

from typing import Any


class LeaseLost(Exception):
    """Another worker has taken the job over; whatever this chunk wrote must be rolled back."""


class JobCancelled(Exception):
    """A person asked the job to stop."""


class JobRefused(Exception):
    """The work cannot be done and trying again will not help; the message says what to do."""


class JobContext:
    """The job as its function sees it.

    Attributes:
        arguments: what it was queued with.
        cursor: where the last checkpoint left it; ``None`` at the start.
    """

    arguments: dict[str, Any]
    cursor: Any

    def checkpoint(
        self, cursor: Any, *, done: int | None = None, total: int | None = None, note: str = ""
    ) -> None:
        """Keep how far the work is, renew the lease. Call it inside the chunk's transaction, as its last statement.

        Raises:
            LeaseLost: another worker holds the job now: the transaction must be rolled back.
            JobCancelled: a person asked to stop; raised so that this chunk is rolled back and the job ends.
        """
        raise NotImplementedError
