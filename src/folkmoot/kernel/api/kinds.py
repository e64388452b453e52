"""Kinds of records that the API reads, and when each was changed: what histories and tables of their own tell.

A record changed when it, or a row that it is told with (a person's handles), got a new entry in its history. So nothing
has to be written beside a change, and what was there before the API is known as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from folkmoot.kernel import clock
from folkmoot.kernel.registry import Registry

#: How long a transaction may have been open before its rows are seen, in SQLite: longer than any waits for another.
OPEN_FOR = dt.timedelta(seconds=60)
#: How far the clocks of web servers and database may be apart.
CLOCKS_APART = dt.timedelta(seconds=5)


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    Attributes:
        key: its name in addresses (``people``).
        scope: what a token needs to read it.
        parts: other models whose changes count as changes of the record, with the field that leads to it.
        stamps: columns of the record that tell of a change whose history was deleted (an erasure).
        merged: numbers of records that are gone, to those of the records that they were merged into.
    """

    key: str
    model: type[models.Model]
    scope: str
    parts: Sequence[tuple[type[models.Model], str]] = ()
    merged: Callable[[Collection[int]], Mapping[int, int]] | None = None
    stamps: Sequence[str] = ()
    order: int = 0

    def histories(self) -> list[tuple[Any, str]]:
        """The tables of history that tell of the record, with the column that names it."""
        pairs = ((self.model, "id"), *((model, f"{field}_id") for model, field in self.parts))
        return [(model.history.model, column) for model, column in pairs]  # type: ignore[attr-defined]


kinds: Registry[Kind] = Registry("kind of record in the API")


@dataclass(frozen=True)
class Happening:
    """Something that webhooks are told of beside changes of records: activities of one kind, by the record they are
    about.

    Attributes:
        key: the event's name (``posts.published``).
        kind: of the activities in the ledger.
        record: the name in their detail under which the record's number stands.
        says: what is told of the record.
    """

    key: str
    label: Any
    kind: str
    record: str
    says: str
    order: int = 0


happenings: Registry[Happening] = Registry("happening that webhooks are told of")


def changed_at(kind: Kind, ids: Collection[int]) -> dict[int, dt.datetime]:
    """When each record was changed last (UTC); one query, however many histories tell of it."""
    told = [
        history.objects.filter(**{f"{column}__in": ids})
        .order_by()
        .values_list(column)
        .annotate(at=Max("history_date"))
        for history, column in kind.histories()
    ]
    found: dict[int, dt.datetime] = {}
    for pk, at in told[0].union(*told[1:], all=True) if len(told) > 1 else told[0]:
        found[pk] = max(at, found.get(pk, at))
    return found


def changed_since(kind: Kind, rows: QuerySet[Any], moment: dt.datetime) -> QuerySet[Any]:
    """The rows that were changed at this moment or later."""
    condition = Q()
    for name in kind.stamps:
        condition |= Q(**{f"{name}__gte": moment})
    for history, column in kind.histories():
        condition |= Q(pk__in=history.objects.filter(history_date__gte=moment).order_by().values(column))
    return rows.filter(condition)


def settled_until() -> dt.datetime:
    """A moment (UTC) before which everything that changed can be read: no open transaction holds back an older change.

    A change bears the time when it was made, and is seen when its transaction ends: whoever goes on from the newest
    change that they saw would miss what a slower transaction made before it.
    """
    now = clock.now()
    if connection.vendor != "postgresql":
        return now - OPEN_FOR
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(xact_start) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        )
        oldest: dt.datetime | None = cursor.fetchone()[0]
    return min(now, oldest or now) - CLOCKS_APART


def gone(kind: Kind, since: dt.datetime | None) -> QuerySet[Any]:
    """The last entries in the history of records that are not there any more."""
    history = kind.model.history.model  # type: ignore[attr-defined]
    later = history.objects.filter(id=OuterRef("id"), history_type="-", history_id__gt=OuterRef("history_id"))
    rows: QuerySet[Any] = history.objects.filter(
        ~Exists(kind.model._default_manager.filter(pk=OuterRef("id"))), ~Exists(later), history_type="-"
    )
    return rows.filter(history_date__gte=since) if since is not None else rows


def merged_into(kind: Kind, ids: Iterable[int]) -> dict[int, int]:
    """Where merged records went, step by step until a record that was not merged itself; at most ten steps."""
    if kind.merged is None:
        return {}
    found = dict(kind.merged(list(ids)))
    for _step in range(10):
        further = kind.merged(list(found.values())) if found else {}
        if not further:
            break
        found = {before: further.get(after, after) for before, after in found.items()}
    return found
