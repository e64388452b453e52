"""Which activities a scope counts: the one place that turns a question into rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from folkmoot.kernel.events import activity_kinds
from folkmoot.kernel.metrics import STAFF, Scope
from folkmoot.kernel.text import fold
from folkmoot.ledger.functions import Unindexed, UtcDay
from folkmoot.ledger.models import Activity
from folkmoot.people.public import Identity, Project, Term

#: Words for "left out" in definitions and addresses.
EXCLUDES = frozenset({STAFF})


class ScopeProblem(ValueError):
    """Something the question names does not exist; the message says what does."""


def item_kinds() -> list[str]:
    """The kinds of activity that count as an item."""
    return [kind.key for kind in activity_kinds if kind.is_item_opening]


def project_ids(scope: Scope) -> list[int]:
    """The projects of the scope's name (a package and its repository may share it); none when it names none."""
    if not scope.project:
        return []
    key = ("projects", scope.project)
    if key not in scope.memo:
        scope.memo[key] = list(
            Project.objects.filter(folded=fold(scope.project)).order_by("pk").values_list("pk", flat=True)
        )
    found: list[int] = scope.memo[key]
    return found


def filters(scope: Scope) -> dict[str, Any]:
    """Kind, source and project of the scope's items, as filters of activities."""
    chosen: dict[str, Any] = {"kind__in": item_kinds()}
    if scope.source:
        chosen["source"] = scope.source
    if scope.project:
        chosen["project__in"] = project_ids(scope)
    return chosen


def everything(scope: Scope) -> QuerySet[Activity]:
    """All items of the scope's source and project up to ``as_of``, whoever opened them, whenever.

    An item whose author is unknown belongs to nobody and is not counted.
    """
    return Activity.objects.filter(
        **filters(scope), identity__isnull=False, occurred_at__lt=scope.known_until
    )


def within(scope: Scope) -> QuerySet[Activity]:
    """The items of the scope's period, bots' and staff's included."""
    return Activity.objects.filter(
        **filters(scope), identity__isnull=False, occurred_at__gte=scope.start, occurred_at__lt=scope.end
    )


def opened_by_staff() -> Exists:
    """A condition on activities: their person held a role that counts as staff on that UTC day."""
    day = UtcDay(OuterRef("occurred_at"))
    return Exists(
        Term.objects.filter(
            Q(started_on=None) | Q(started_on__lte=day),
            Q(ended_on=None) | Q(ended_on__gte=day),
            person=OuterRef("identity__person"),
            role_kind__is_staff=True,
        )
    )


def bots(scope: Scope) -> QuerySet[Activity]:
    """The period's items that bots opened."""
    return within(scope).filter(identity__is_bot=True)


def staff(scope: Scope) -> QuerySet[Activity]:
    """The period's items that staff opened; none when staff is left out."""
    rows = within(scope).filter(opened_by_staff(), identity__is_bot=False)
    return rows.none() if STAFF in scope.exclude else rows


def volunteers(scope: Scope) -> QuerySet[Activity]:
    """The period's items that neither staff nor a bot opened."""
    return within(scope).filter(~opened_by_staff(), identity__is_bot=False)


def humans(scope: Scope) -> QuerySet[Activity]:
    """The period's items without bots', and without staff's when the scope leaves them out."""
    rows = within(scope).filter(identity__is_bot=False)
    return rows.filter(~opened_by_staff()) if STAFF in scope.exclude else rows


def counted(scope: Scope) -> QuerySet[Activity]:
    """The period's items, bots' included, without staff's when the scope leaves them out."""
    return (
        within(scope).filter(~opened_by_staff() | Q(identity__is_bot=True))
        if STAFF in scope.exclude
        else within(scope)
    )


def of_identity(scope: Scope, start: dt.datetime | None, end: dt.datetime) -> QuerySet[Activity]:
    """For a subquery below identities: whether this one has an item in this time that the scope counts.

    Only the index over identities can serve here: without statistics SQLite would rather walk through a whole period,
    source or project for each person.
    """
    chosen = filters(scope)
    rows = Activity.objects.alias(of_kind=Unindexed("kind")).filter(
        identity=OuterRef("pk"), of_kind__in=chosen["kind__in"], occurred_at__lt=end
    )
    if start is not None:
        rows = rows.filter(occurred_at__gte=start)
    if "source" in chosen:
        rows = rows.alias(seen_in=Unindexed("source")).filter(seen_in=chosen["source"])
    if "project__in" in chosen:
        rows = rows.alias(done_in=Unindexed("project_id")).filter(done_in__in=chosen["project__in"])
    return rows


def seen_before(scope: Scope, person: str = "identity__person") -> Exists:
    """A condition: the person that ``person`` leads to had an item before the period, bots' identities apart."""
    earlier = of_identity(scope, None, scope.start)
    return Exists(Identity.objects.filter(Exists(earlier), person=OuterRef(person), is_bot=False))


def active_in(scope: Scope, person: str = "identity__person") -> Exists:
    """A condition: the person that ``person`` leads to has an item in the scope's period that is counted."""
    now = of_identity(scope, scope.start, scope.end)
    if STAFF in scope.exclude:
        now = now.filter(~opened_by_staff())
    return Exists(Identity.objects.filter(Exists(now), person=OuterRef(person), is_bot=False))


def newcomers(scope: Scope) -> QuerySet[Activity]:
    """The period's items of people whose first item ever lies in it."""
    return humans(scope).filter(~seen_before(scope))


def returning(scope: Scope) -> QuerySet[Activity]:
    """The period's items of people who had one before it."""
    return humans(scope).filter(seen_before(scope))
