"""What a window holds, read once for all metrics: items by person and month, who is staff, who is new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet

from folkmoot.kernel.metrics import STAFF, Scope
from folkmoot.ledger.functions import UtcMonth
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries import items
from folkmoot.people.public import Identity, staff_terms

#: The three sorts of people that open items, in the order in which they are told.
VOLUNTEER, BOT = "volunteer", "bot"
SORTS = (VOLUNTEER, STAFF, BOT)


@dataclass(frozen=True)
class Facts:
    """A window's items.

    Attributes:
        volunteer: items opened as a volunteer, by person; nobody has 0.
        staff: items opened on a day as staff, by person; empty when the scope leaves staff out.
        months: month (``2026-04``) to counts by ``volunteer``, ``staff`` and ``bot``; months without items are missing.
        active: month to the people who had an item in it, as volunteer or as staff.
    """

    volunteer: Mapping[int, int]
    staff: Mapping[int, int]
    months: Mapping[str, Mapping[str, int]]
    active: Mapping[str, frozenset[int]]

    @property
    def people(self) -> frozenset[int]:
        """Who had an item."""
        return frozenset(self.volunteer) | frozenset(self.staff)

    @property
    def by_person(self) -> dict[int, int]:
        """People and how many items they had."""
        return {person: self.volunteer.get(person, 0) + self.staff.get(person, 0) for person in self.people}

    def number(self, *sorts: str) -> int:
        """How many items these sorts of people opened."""
        return sum(counts[sort] for counts in self.months.values() for sort in sorts)

    def ranked(self) -> list[tuple[int, int]]:
        """People and how many items they had, most first; equals in the order of their records."""
        return sorted(self.by_person.items(), key=lambda pair: (-pair[1], pair[0]))


def facts(scope: Scope) -> Facts:
    """The facts of the scope's period: two queries, once for each period of a reckoning."""
    return scope.remember("facts", lambda: _read(scope))


def new_people(scope: Scope) -> frozenset[int]:
    """Those of the period's people whose first item ever lies in it: one query, once for each period.

    "Ever" looks at the same source and project; what somebody did as staff is part of their past even when the scope
    leaves staff out of its counts.
    """
    return scope.remember("new people", lambda: _read_new(scope))


def _read(scope: Scope) -> Facts:
    opened: dict[tuple[int, str], int] = defaultdict(int)
    bots: dict[str, int] = defaultdict(int)
    for person, is_bot, month, number in _by_person_and_month(items.within(scope)):
        if is_bot:
            bots[month] += number
        else:
            opened[person, month] += number
    as_staff = {
        (person, month): number
        for person, _bot, month, number in _by_person_and_month(_possible_staff(scope))
    }
    volunteer: dict[int, int] = defaultdict(int)
    staff: dict[int, int] = defaultdict(int)
    months: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SORTS, 0))
    active: dict[str, set[int]] = defaultdict(set)
    for (person, month), number in opened.items():
        paid = as_staff.get((person, month), 0)
        if free := number - paid:
            volunteer[person] += free
            months[month][VOLUNTEER] += free
            active[month].add(person)
        if paid and STAFF not in scope.exclude:
            staff[person] += paid
            months[month][STAFF] += paid
            active[month].add(person)
    for month, number in bots.items():
        months[month][BOT] += number
    return Facts(
        volunteer=dict(volunteer),
        staff=dict(staff),
        months=dict(months),
        active={month: frozenset(people) for month, people in active.items()},
    )


def _by_person_and_month(rows: QuerySet[Activity]) -> list[tuple[int, bool, str, int]]:
    """Person, bot or not, month, number of items.

    Grouped by identity first, from the index alone; the register is asked once for each identity, not for each item.
    """
    grouped = rows.order_by().values("identity_id", month=UtcMonth("occurred_at")).annotate(number=Count("*"))
    try:
        inner, values = grouped.values_list("identity_id", "month", "number").query.sql_with_params()
    except EmptyResultSet:  # a project that has gone
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH g (identity_id, month, number) AS ({inner}) "  # noqa: S608 - compiled by Django, values apart
            "SELECT i.person_id, i.is_bot, g.month, SUM(g.number) "
            f"FROM g JOIN {Identity._meta.db_table} i ON i.id = g.identity_id GROUP BY 1, 2, 3",
            values,
        )
        return [(person, bool(is_bot), month, int(number)) for person, is_bot, month, number in cursor]


def _possible_staff(scope: Scope) -> QuerySet[Activity]:
    """Items that staff opened; the few who ever were staff are found first, and only their days compared."""
    ever = Identity.objects.filter(is_bot=False, person__in=staff_terms().values("person_id"))
    return items.within(scope).filter(items.opened_by_staff(), identity__in=ever.values("pk"))


def _read_new(scope: Scope) -> frozenset[int]:
    return (
        frozenset(new_identities(scope).values_list("person_id", flat=True).distinct()) & facts(scope).people
    )


def new_identities(scope: Scope) -> QuerySet[Identity]:
    """The period's identities, bots' left out, whose person had no item before the period."""
    return Identity.objects.filter(
        ~items.seen_before(scope, "person"), is_bot=False, pk__in=items.within(scope).values("identity_id")
    ).order_by()
