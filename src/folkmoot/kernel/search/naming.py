"""Whose entries name a record: the people at an organisation, the events of a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import cast

from django.db import models
from django.db.models import Q, Value

from folkmoot.kernel.jobs import actions
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.search.kinds import Naming, SearchKind, search_kinds

#: So many entries follow a new name in the transaction that gives it; more are brought up to date by a job.
AT_ONCE = 100
#: The kind of job that does.
JOB = "search.names"


def namings(model: type[models.Model]) -> Iterator[tuple[SearchKind, Naming]]:
    """Where rows of this model are named: each kind with its way to them."""
    for kind in search_kinds:
        for naming in kind.names:
            if issubclass(model, end_of(kind.model, naming.path)):
                yield kind, naming


@cache
def end_of(model: type[models.Model], path: str) -> type[models.Model]:
    """The model that a lookup leads to."""
    for step in path.split("__"):
        model = cast("type[models.Model]", model._meta.get_field(step).related_model)
    return model


def has_entries(model: type[models.Model]) -> bool:
    """Whether rows of this model are found themselves, so that their entries tell what they were called."""
    return any(issubclass(model, kind.model) for kind in search_kinds)


def named_by(
    model: type[models.Model], ids: Sequence[int], limit: int | None = None
) -> list[tuple[str, int]]:
    """The records whose documents name one of these, each by its kind and primary key. One query.

    Args:
        limit: no more than so many.
    """
    ways = [
        kind.model._default_manager.filter(**{f"{naming.path}__in": ids})
        .order_by()
        .annotate(search_kind=Value(kind.key, models.CharField()))
        .values_list("search_kind", "pk")
        for kind, naming in namings(model)
    ]
    if not ways or not ids:
        return []
    return list(ways[0].union(*ways[1:])[:limit] if len(ways) > 1 else ways[0].distinct()[:limit])


def holders(rows: Iterable[models.Model]) -> Iterator[tuple[type[models.Model], int]]:
    """The records that these rows are part of, such as the person of an affiliation: model and primary key.

    Ask before rows are removed without signals, and tell of the holders (``index.rows_changed``) after it.
    """
    for row in rows:
        for kind in search_kinds:
            for follow in kind.follows:
                owner = getattr(row, follow.owner) if type(row) is follow.model else None
                if owner is not None:
                    yield kind.model, owner


def by_kind(found: Sequence[tuple[str, int]]) -> dict[str, list[int]]:
    """The same records, kind by kind."""
    owners: dict[str, list[int]] = defaultdict(list)
    for kind, pk in found:
        owners[kind].append(pk)
    return owners


def next_naming(
    kind: SearchKind, model: type[models.Model], ids: Sequence[int], *, after: int, most: int
) -> list[int]:
    """The records of one kind that name one of these, in the order of their primary keys, beyond one of them."""
    records = kind.model._default_manager
    wanted = Q(pk__in=[])
    for owner, naming in namings(model):
        if owner is kind:
            wanted |= Q(pk__in=records.filter(**{f"{naming.path}__in": ids}).order_by().values("pk"))
    rows = records.filter(wanted, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])


def follow_later(model: type[models.Model], ids: Sequence[int]) -> Job:
    """Queue bringing the entries up to date that name one of these records."""
    return actions.enqueue(kind=JOB, arguments={"model": model._meta.label_lower, "ids": sorted(ids)})


def rebuild_later(kind: str) -> Job:
    """Queue making one kind's entries anew: what they named is gone, and nothing leads to them any more."""
    return actions.enqueue(kind="search.rebuild", arguments={"kind": kind})
