"""What a window holds, read once for all metrics: items by person, items by month, who is staff, who is new.

Each query touches one index of the ledger and is grouped there, so that ten million activities are counted in the time
that a walk over the period's part of the index takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, Q, QuerySet

from folkmoot.kernel.metrics import STAFF, Scope
from folkmoot.kernel.rows import whole
from folkmoot.ledger.functions import IsOneOf, UtcMonth
from folkmoot.ledger.models import Activity, Item
from folkmoot.ledger.queries import items
from folkmoot.people.public import Identity, staff_terms

#: The three sorts of people that open items, in the order in which they are told.
VOLUNTEER, BOT = "volunteer", "bot"
SORTS = (VOLUNTEER, STAFF, BOT)
#: More rows than there can be: a limit makes a database keep the order of a part of a query.
_ALL = 2**63 - 1
#: A compiled query and its values; ``""``: it can have no row.
_Sql = tuple[str, tuple[Any, ...]]


class Facts:
    """A window's items; each part is read when somebody first asks for it."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._counts_staff = STAFF not in scope.exclude

    @cached_property
    def _people(self) -> tuple[list[tuple[int, bool, int]], list[tuple[int, str, int]]]:
        """Person, bot or not, number of items; and what :attr:`as_staff` tells: both in one query."""
        return _by_person(items.within(self._scope), possible_staff(self._scope))

    @cached_property
    def as_staff(self) -> list[tuple[int, str, int]]:
        """Person, month and number of items that they opened on days as staff; not read again beside the people."""
        if "_people" in self.__dict__:
            return self._people[1]
        return _staff_by_month(self._scope)

    @cached_property
    def volunteer(self) -> Mapping[int, int]:
        """Items opened as a volunteer, by person; nobody has 0."""
        found = {person: number for person, is_bot, number in self._people[0] if not is_bot}
        for person, _month, number in self.as_staff:
            found[person] -= number
            if not found[person]:
                del found[person]
        return found

    @cached_property
    def staff(self) -> Mapping[int, int]:
        """Items opened on a day as staff, by person; empty when the scope leaves staff out."""
        found: dict[int, int] = defaultdict(int)
        for person, _month, number in self.as_staff if self._counts_staff else ():
            found[person] += number
        return dict(found)

    @cached_property
    def months(self) -> Mapping[str, Mapping[str, int]]:
        """Month (``2026-04``) to counts by ``volunteer``, ``staff`` and ``bot``; months without items are missing."""
        machines = Identity.objects.filter(is_bot=True).values("pk")
        rows = items.within(self._scope)
        everybodys, bots = self._by_month(rows, rows.filter(identity__in=machines))
        months = {
            month: {VOLUNTEER: number - bots[month], STAFF: 0, BOT: bots[month]}
            for month, number in everybodys.items()
        }
        for _person, month, number in self.as_staff:
            months[month][VOLUNTEER] -= number
            months[month][STAFF] += number if self._counts_staff else 0
        return {month: counts for month, counts in months.items() if any(counts.values())}

    def _by_month(self, *asked: QuerySet[Activity]) -> list[dict[str, int]]:
        """For each of these sets of activities every month of the period and its number of items, each in one walk
        without grouping; all of them in one query.
        """
        months = self._scope.period.months
        counts = {
            f"m{place}": Count(
                "occurred_at", filter=Q(occurred_at__gte=month.start, occurred_at__lt=month.end)
            )
            for place, month in enumerate(months)
        }
        found = [dict.fromkeys(map(str, months), 0) for _rows in asked]
        compiled = [_compiled(whole(rows).annotate(**counts).values_list(*counts)) for rows in asked]
        for place, *numbers in _union(compiled):
            found[place] = dict(zip(map(str, months), numbers, strict=True))
        return found

    @cached_property
    def people(self) -> frozenset[int]:
        """Who had an item."""
        return frozenset(self.by_person)

    @cached_property
    def by_person(self) -> Mapping[int, int]:
        """People and how many items they had."""
        found = dict(self.volunteer)  # first: who is staff comes with it
        for person, number in self.staff.items():
            found[person] = found.get(person, 0) + number
        return found

    def number(self, sort: str) -> int:
        """How many items this sort of people opened."""
        if sort == BOT:
            return sum(number for _person, is_bot, number in self._people[0] if is_bot)
        return sum((self.volunteer if sort == VOLUNTEER else self.staff).values())

    def ranked(self) -> list[tuple[int, int]]:
        """People and how many items they had, most first; equals in the order of their records."""
        return sorted(self.by_person.items(), key=lambda pair: (-pair[1], pair[0]))


def facts(scope: Scope) -> Facts:
    """The facts of the scope's period: people and staff in one query, months in one, once for each reckoning."""
    return scope.remember("facts", lambda: Facts(scope))


def active_by_month(scope: Scope) -> Mapping[str, frozenset[int]]:
    """Month to the people who had an item in it, as volunteer or as staff: one query, two where staff is left out, once
    for each period.
    """
    return scope.remember("active by month", lambda: _read_active(scope))


def new_people(scope: Scope) -> frozenset[int]:
    """Those of the period's people whose first item ever lies in it: one query, once for each period.

    "Ever" looks at the same source and project; what somebody did as staff is part of their past even when the scope
    leaves staff out of its counts.
    """
    return scope.remember("new people", lambda: new_among(scope, facts(scope).people))


def new_among(scope: Scope, people: frozenset[int]) -> frozenset[int]:
    """Of people who had an item in the period: those of whom no identity, bots' apart, had one before it; one query."""
    before = Exists(items.of_identity(scope, None, scope.start))
    seen = Identity.objects.order_by().filter(IsOneOf("person_id", people), before, is_bot=False)
    return people.difference(seen.values_list("person_id", flat=True).iterator(chunk_size=10_000))


def _read_active(scope: Scope) -> dict[str, frozenset[int]]:
    as_staff = {}
    if STAFF in scope.exclude:
        as_staff = {(person, month): number for person, month, number in facts(scope).as_staff}
    active: dict[str, set[int]] = defaultdict(set)
    rows = _union([_by_person_and_month(items.within(scope))])
    for (person, is_bot, month), number in _summed(row[1:] for row in rows).items():
        if not is_bot and number > as_staff.get((person, month), 0):
            active[month].add(person)
    return {month: frozenset(people) for month, people in active.items()}


def _staff_by_month(scope: Scope) -> list[tuple[int, str, int]]:
    """Person, month and number of items that they opened on days as staff."""
    rows = _union([_by_person_and_month(possible_staff(scope))])
    found = _summed(row[1:] for row in rows)
    return [(person, month, number) for (person, _bot, month), number in found.items()]


def _by_person(
    everybodys: QuerySet[Activity], as_staff: QuerySet[Activity]
) -> tuple[list[tuple[int, bool, int]], list[tuple[int, str, int]]]:
    """Person, bot or not, number of items, one row for each person, machines' identities apart; and person, month,
    number of what was opened as staff. One query.
    """
    grouped = everybodys.order_by().values("identity_id").annotate(number=Count("*"))
    people = _joined(
        grouped.values_list("identity_id", "number"),
        "identity_id, number",
        "i.person_id, i.is_bot, '', g.number",
    )
    rows = _union([people, _by_person_and_month(as_staff)])
    found = _summed(row[1:] for row in rows if row[0] == 0)
    staff = _summed(row[1:] for row in rows if row[0] == 1)
    return (
        [(person, is_bot, number) for (person, is_bot, _month), number in found.items()],
        [(person, month, number) for (person, _bot, month), number in staff.items()],
    )


def _summed(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[int, bool, str], int]:
    """Person, bot or not, month to the number of items."""
    found: dict[tuple[int, bool, str], int] = defaultdict(int)
    for person, is_bot, month, number in rows:
        found[person, bool(is_bot), month] += number
    return found


def _by_person_and_month(rows: QuerySet[Activity]) -> _Sql:
    """Person, bot or not, month, number of items."""
    grouped = rows.order_by().values("identity_id", month=UtcMonth("occurred_at")).annotate(number=Count("*"))
    return _joined(
        grouped.values_list("identity_id", "month", "number"),
        "identity_id, month, number",
        "i.person_id, i.is_bot, g.month, g.number",
    )


def _joined(grouped: Any, names: str, chosen: str) -> _Sql:
    """Numbers of items by identity, each with its person; several identities of a person are several rows.

    Grouped by identity first, from the index alone; the register is asked once for each identity, not for each item.
    Nearly everybody has one, so that a database would sort them all again to sum up few.
    """
    inner, values = _compiled(grouped)
    sql = (
        f"WITH g ({names}) AS ({inner}) "  # noqa: S608 - compiled by Django, values apart
        f"SELECT {chosen} FROM g JOIN {Identity._meta.db_table} i ON i.id = g.identity_id"
    )
    return (sql, values) if inner else ("", ())


def _compiled(queryset: QuerySet[Any, Any]) -> _Sql:
    """Its SQL and values; ``""`` when it can have no row: a project that has gone."""
    try:
        sql, values = queryset.query.sql_with_params()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(values)


def _union(asked: Sequence[_Sql]) -> list[tuple[Any, ...]]:
    """The rows of each, its place before them; one query."""
    parts = [
        f"SELECT {place}, q{place}.* FROM ({sql}) q{place}"  # noqa: S608 - compiled by Django, values apart
        for place, (sql, _values) in enumerate(asked)
        if sql
    ]
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [value for _sql, values in asked for value in values])
        return list(cursor.fetchall())


def possible_staff(scope: Scope) -> QuerySet[Activity]:
    """Items that staff opened; the few who ever were staff are found first, and only their days compared."""
    ever = Identity.objects.filter(is_bot=False, person__in=staff_terms().values("person_id"))
    return items.within(scope).filter(items.opened_by_staff(), identity__in=ever.values("pk"))


def kinds_of_items(rows: QuerySet[Activity]) -> dict[str, int]:
    """Kind of item to number, among these activities.

    Each item is looked up by its key, in the order of the keys: a join would make PostgreSQL read all items there are.
    The index ``item_kind`` answers alone; SQLite would rather open the table, unless the index is named.
    """
    named = "INDEXED BY item_kind " if connection.vendor == "sqlite" else ""
    try:
        inner, values = rows.order_by("item_id").values_list("item_id").query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH a (item_id) AS ({inner} LIMIT {_ALL}) "  # noqa: S608 - compiled by Django, values apart
            f"SELECT (SELECT i.kind FROM {Item._meta.db_table} i {named}WHERE i.id = a.item_id) AS kind, "
            "COUNT(*) FROM a GROUP BY 1",
            values,
        )
        return {kind: int(number) for kind, number in cursor.fetchall()}


def new_identities(scope: Scope) -> QuerySet[Identity]:
    """The period's identities, bots' left out, whose person had no item before the period."""
    return Identity.objects.filter(
        ~items.seen_before(scope, "person"), is_bot=False, pk__in=items.within(scope).values("identity_id")
    ).order_by()
