"""Who wants to hear of a repository's issues in full: text, labels one by one, assignments, who spoke when.

An area registers a reader; of the repositories that it wants each issue is read with its timeline whenever something
happened to it. The reader never asks GitHub, and reading GitHub knows no area.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from folkmoot.connectors.github.shapes import Account
from folkmoot.connectors.github.timeline import Event, Ticket
from folkmoot.kernel.registry import Registry
from folkmoot.people.public import Identity


@dataclass(frozen=True)
class Thread:
    """An issue as it was read: what it says, and all that happened to it.

    Attributes:
        events: in their order; ``None``: the timeline could not be read, only the issue as it is.
        problems: what of it could not be read, in words.
        item_id: its row in the ledger.
    """

    ticket: Ticket
    events: tuple[Event, ...] | None
    problems: tuple[str, ...] = ()
    item_id: int | None = None


@dataclass(frozen=True)
class Tracker:
    """The repository that threads were read of; ``key`` as :func:`folkmoot.people.public.repository_key` has it."""

    key: str
    source: str
    number: str
    full_name: str


@dataclass(frozen=True)
class Reading:
    """Threads of one repository, read at a moment, and the identities of everybody in them by account number."""

    tracker: Tracker
    threads: Sequence[Thread]
    at: dt.datetime
    identities: Mapping[str, Identity] = field(default_factory=dict)

    def identity(self, account: Account | None) -> Identity | None:
        """Who an account is; ``None`` for a deleted one."""
        return self.identities.get(account.number) if account is not None else None


@dataclass(frozen=True)
class IssueReader:
    """Somebody who wants to hear.

    Attributes:
        wants: which of these repositories (keys such as ``github.com/org/repo``); at most one query.
        take: brings what was read in, in the transaction that keeps how far it was read.
        is_fresh: the repository was read to its end at this moment: nothing of it is stale.
        is_stale: reading it fails since this moment; what is there stays.
    """

    key: str
    wants: Callable[[Sequence[str]], set[str]]
    take: Callable[[Reading], None]
    is_fresh: Callable[[str, dt.datetime], None]
    is_stale: Callable[[str, dt.datetime], None]
    order: int = 0


issue_readers: Registry[IssueReader] = Registry("reader of issues")


def wanted(keys: Sequence[str]) -> set[str]:
    """Those of these repositories that anybody wants to hear of."""
    return {key for reader in issue_readers for key in reader.wants(keys)}


def of(key: str) -> list[IssueReader]:
    """Who wants to hear of this repository."""
    return [reader for reader in issue_readers if key in reader.wants([key])]
