"""What was done for which organisation: an item counts for whom its person belonged to on the UTC day it was opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.rows import Rows, whole
from folkmoot.ledger.functions import UtcDay
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries import items
from folkmoot.people.public import Affiliation, Identity, Organization, on_day


@dataclass(frozen=True)
class Credited:
    """What people did for one organisation."""

    organization_id: int
    name: str
    items: int
    people: int


@dataclass(frozen=True)
class Credit:
    """Organisations, most items first, and what was done for any of them: less than their sum where somebody
    belonged to two at once, since the same item counts once in each and once in all.
    """

    organizations: tuple[Credited, ...]
    items: int
    people: int


def affiliated(organizations: Iterable[int] | None = None) -> Exists:
    """A condition on activities: their person belonged to an organisation (one of these) on that UTC day."""
    held = Affiliation.objects.filter(
        on_day(UtcDay(OuterRef("occurred_at"))), person=OuterRef("identity__person")
    )
    return Exists(held if organizations is None else held.filter(organization__in=list(organizations)))


def rows(scope: Scope) -> QuerySet[Activity]:
    """The period's items, bots' left out, of people who belonged to an organisation on that day."""
    return items.humans(scope).filter(affiliated(), identity__in=_ever_affiliated())


def _ever_affiliated(organization: Organization | None = None) -> QuerySet[Identity]:
    """The few who ever belonged somewhere: only their days are compared."""
    held = Affiliation.objects.all() if organization is None else organization.affiliations.all()
    return Identity.objects.filter(is_bot=False, person__in=held.values("person")).order_by().values("pk")  # type: ignore[return-value]


def credit(scope: Scope) -> Credit:
    """What was done for which organisation in the scope's period: one query, once for each period of a reckoning."""
    return scope.remember("credit", lambda: _read(scope))


def _read(scope: Scope) -> Credit:
    grouped = (
        items.humans(scope)
        .filter(identity__in=_ever_affiliated())
        .order_by()
        .values("identity_id", day=UtcDay("occurred_at"))
        .annotate(number=Count("*"))
        .values_list("identity_id", "day", "number")
    )
    try:
        inner, values = grouped.query.sql_with_params()
    except EmptyResultSet:  # a project that has gone
        return Credit((), 0, 0)
    identity, held, organization = (model._meta.db_table for model in (Identity, Affiliation, Organization))
    # Two affiliations with one organisation on one day are one: hence DISTINCT. The last row is all of them together.
    sql = f"""
        WITH g (identity_id, day, number) AS ({inner}),
        c AS (
            SELECT DISTINCT g.identity_id, g.day, g.number, i.person_id, a.organization_id
            FROM g JOIN {identity} i ON i.id = g.identity_id JOIN {held} a ON a.person_id = i.person_id
            WHERE (a.started_on IS NULL OR a.started_on <= g.day) AND (a.ended_on IS NULL OR a.ended_on >= g.day)
        )
        SELECT c.organization_id, o.name, SUM(c.number), COUNT(DISTINCT c.person_id)
        FROM c JOIN {organization} o ON o.id = c.organization_id GROUP BY c.organization_id, o.name
        UNION ALL
        SELECT NULL, NULL, COALESCE(SUM(t.number), 0), COUNT(DISTINCT t.person_id)
        FROM (SELECT DISTINCT identity_id, day, number, person_id FROM c) t
    """  # noqa: S608 - compiled by Django and names of tables, values apart
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = [(pk, name, int(number), people) for pk, name, number, people in cursor]
    lines = [Credited(pk, name, number, people) for pk, name, number, people in found if pk is not None]
    total = next((number, people) for pk, _name, number, people in found if pk is None)
    return Credit(
        tuple(sorted(lines, key=lambda line: (-line.items, line.name.casefold(), line.organization_id))),
        *total,
    )


def credit_of(organization: Organization, spans: Sequence[tuple[dt.datetime, dt.datetime]]) -> Rows:
    """What was done for one organisation in each of these spans of time (UTC, from a moment to before another), bots'
    items left out: one row with ``items_0``, ``people_0``, ``items_1`` and so on.
    """
    asked: dict[str, Any] = {}
    for number, (start, end) in enumerate(spans):
        within = Q(occurred_at__gte=start, occurred_at__lt=end)
        asked[f"items_{number}"] = Count("pk", filter=within)
        asked[f"people_{number}"] = Count("identity__person", filter=within, distinct=True)
    found = Activity.objects.filter(
        affiliated([organization.pk]),
        kind__in=items.item_kinds(),
        identity__in=_ever_affiliated(organization),
        occurred_at__gte=min(start for start, _end in spans),
        occurred_at__lt=max(end for _start, end in spans),
    )
    return Rows(whole(found), **asked)
