"""Records that may be one: the queue, group by group, with the reasons in words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import BigIntegerField, Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from folkmoot.kernel import clock
from folkmoot.people.matching.words import Said, in_words
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Organization,
    OrganizationCandidate,
    Person,
    PersonCandidate,
    Project,
    ProjectCandidate,
)
from folkmoot.people.models.merges import Candidate
from folkmoot.people.systems import INTERNAL

#: Kind of record, by its word in addresses -> its table of candidates.
KINDS: dict[str, type[PersonCandidate] | type[OrganizationCandidate] | type[ProjectCandidate]] = {
    "person": PersonCandidate,
    "organisation": OrganizationCandidate,
    "project": ProjectCandidate,
}
#: How many groups a page shows.
PER_PAGE = 20


@dataclass(frozen=True)
class Beside:
    """What the queue shows of a record under its name."""

    handles: tuple[Identity, ...] = ()
    organizations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two records that may be one."""

    candidate: Any
    first: Any
    second: Any
    reasons_for: tuple[Said, ...]
    reasons_against: tuple[Said, ...]

    @property
    def percent(self) -> int:
        """The score, from 0 to 100."""
        score: float = self.candidate.score
        return round(score * 100)

    @property
    def words(self) -> str:
        """What speaks for it, in one line: "same name, same organisation, e-mail user equals login"."""
        return ", ".join(one.text for one in self.reasons_for)


@dataclass
class Group:
    """Records that hang together, pair by pair, the likeliest pair first."""

    number: int
    pairs: list[Pair] = field(default_factory=list)
    #: Each record once, the oldest first.
    records: list[Any] = field(default_factory=list)
    beside: Mapping[int, Beside] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        """The score of the likeliest pair, from 0 to 100."""
        return max((one.percent for one in self.pairs), default=0)


@dataclass(frozen=True)
class Queue:
    """One page of the queue."""

    groups: list[Group]
    page: Page[Any]


def candidates(kind: str, state: str = "open", *, today: dt.date | None = None) -> QuerySet[Any]:
    """Candidates of a kind of record, the likeliest first, with both records. What was put off until a day that has
    come is open again.

    Args:
        kind: a key of :data:`KINDS`.
        state: ``open``, ``later`` or ``different``.

    Raises:
        KeyError: no such kind.
    """
    rows: QuerySet[Any] = KINDS[kind]._default_manager.select_related("first", "second")
    day = today or clock.today()
    if kind == "person":
        rows = rows.filter(first__erased_at=None, second__erased_at=None)
    come = Q(state=Candidate.State.LATER, later_until__lte=day)
    if state == Candidate.State.OPEN:
        rows = rows.filter(Q(state=state) | come)
    else:
        rows = rows.filter(state=state).exclude(come)
    return rows.order_by("-score", "pk")


def waiting(kind: str) -> int:
    """How many candidates somebody has to decide on. One query."""
    return candidates(kind).count()


def queue(kind: str, state: str = "open", *, page: int | str | None = 1, per_page: int = PER_PAGE) -> Queue:
    """One page of the queue: whole groups, the likeliest first.

    At most five queries, however many groups: groups, their number, candidates with their records, handles,
    organisations (the last two for people only).
    """
    rows = candidates(kind, state).annotate(
        knot=Coalesce("group", "first_id", output_field=BigIntegerField())
    )
    numbers = (
        rows.order_by()
        .select_related(None)
        .values("knot")
        .annotate(best=Max("score"), size=Count("pk"))
        .order_by("-best", "knot")
    )
    chosen = Paginator(numbers, per_page).get_page(page)
    groups = {row["knot"]: Group(row["knot"]) for row in chosen.object_list}
    found = list(rows.filter(knot__in=groups)) if groups else []
    beside = facts_beside(kind, {pk for row in found for pk in (row.first_id, row.second_id)})
    for row in found:
        groups[row.knot].pairs.append(pair(row))
    for group in groups.values():
        records = {one.pk: one for two in group.pairs for one in (two.first, two.second)}
        group.records = [records[pk] for pk in sorted(records)]
        group.beside = {pk: beside.get(pk, Beside()) for pk in records}
    return Queue([group for group in groups.values() if group.pairs], chosen)


def pair(row: Any) -> Pair:
    """A candidate with its reasons in words; no query when both records are loaded."""
    reasons = [in_words(reason) for reason in row.reasons]
    return Pair(
        row,
        row.first,
        row.second,
        tuple(one for one in reasons if one.weight > 0),
        tuple(one for one in reasons if one.weight <= 0),
    )


def facts_beside(kind: str, ids: Iterable[int]) -> dict[int, Beside]:
    """What stands under the names: handles and organisations of people, in two queries; nothing for other kinds."""
    ids = list(ids)
    if kind != "person" or not ids:
        return {}
    handles: dict[int, list[Identity]] = defaultdict(list)
    for one in Identity.objects.filter(person__in=ids).exclude(system=INTERNAL).order_by("system", "pk"):
        handles[one.person_id].append(one)
    homes: dict[int, list[str]] = defaultdict(list)
    for pk, name in (
        Affiliation.objects.filter(person__in=ids)
        .order_by("-started_on", "pk")
        .values_list("person_id", "organization__name")
    ):
        if name not in homes[pk]:
            homes[pk].append(name)
    return {pk: Beside(tuple(handles[pk]), tuple(homes[pk])) for pk in ids}


def of_record(record: Person | Organization | Project) -> list[Pair]:
    """Open candidates of one record, the likeliest first. One query."""
    kind = {Person: "person", Organization: "organisation", Project: "project"}[type(record)]
    return [pair(row) for row in candidates(kind).filter(Q(first=record.pk) | Q(second=record.pk))[:20]]
