"""Saying what happened. Whoever stands below the ledger reaches it here.

The ledger registers itself as the writer when it loads; ``record`` then writes in the caller's transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.ids import token
from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class ActivityKind:
    """A kind of thing that happens, as the ledger and the timelines name it.

    Attributes:
        key: ``area.what``, for example ``people.term_started``.
        label: a verb phrase for the timeline, for example "Started as".
        icon: a Bootstrap Icons name.
        group: under which filter a timeline shows it ("Contributions", "Register").
        is_item_opening: it counts as an *item* in the metrics (an issue or pull request opened).
    """

    key: str
    label: Any
    icon: str
    group: Any
    is_item_opening: bool = False
    order: int = 0


activity_kinds: Registry[ActivityKind] = Registry("activity kind")


@dataclass(frozen=True)
class Happening:
    """One thing that happened: which identity, what, when, where it was seen.

    ``external_id`` makes it idempotent: the same ``source`` and ``external_id`` is written once.
    """

    kind: str
    identity_id: int | None
    occurred_at: dt.datetime = field(default_factory=clock.now)
    item_id: int | None = None
    project_id: int | None = None
    source: str = "folkmoot"
    external_id: str = field(default_factory=token)
    detail: dict[str, Any] = field(default_factory=dict)


Writer = Callable[[Sequence[Happening]], int]
_writers: list[Writer] = []


def register_writer(writer: Writer) -> Writer:
    """Used once, by the ledger."""
    _writers[:] = [writer]
    return writer


def record(*happenings: Happening) -> int:
    """Write what happened, in the caller's transaction; what is known already is left as it is.

    Returns:
        how many were new.

    Raises:
        LookupError: a kind that nobody declared.
        RuntimeError: called outside a transaction, so that the change and its trace could part.
    """
    for happening in happenings:
        activity_kinds.get(happening.kind)
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("events.record() belongs inside the transaction of the change it tells of")
    return _writers[0](happenings) if _writers and happenings else 0
