"""Who comes back: first-timers and what they did later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Min

from folkmoot.kernel.metrics import Scope
from folkmoot.ledger.queries import items
from folkmoot.ledger.queries.facts import new_identities, new_people

#: A first-timer stays when they come back after three months and within a year of that.
BACK_AFTER = dt.timedelta(days=91)
BACK_WITHIN = dt.timedelta(days=455)


def known_on(scope: Scope) -> dt.date:
    """The first ``as_of`` day at whose end every first-timer of the period has had all their time to come back."""
    return scope.period.last + BACK_WITHIN


def came_back(scope: Scope) -> frozenset[int]:
    """The period's first-timers with another item from 91 to 455 days after their first, both moments included."""
    new = new_people(scope)
    if not new:
        return frozenset()
    first = first_moments(scope)
    later = (
        items.everything(scope)
        .filter(
            identity__is_bot=False,
            identity__person__in=new_identities(scope).values("person_id"),
            occurred_at__gte=scope.start + BACK_AFTER,
            occurred_at__lte=scope.end + BACK_WITHIN,
        )
        .values_list("identity__person_id", "occurred_at")
    )
    return frozenset(
        person
        for person, moment in later.iterator(chunk_size=5000)
        if person in new and BACK_AFTER <= moment - first[person] <= BACK_WITHIN
    )


def first_moments(scope: Scope) -> Mapping[int, dt.datetime]:
    """Everybody's first item of the period; for its first-timers that is their first ever."""
    rows = items.within(scope).filter(identity__is_bot=False).order_by().values("identity__person_id")
    return dict(rows.annotate(first=Min("occurred_at")).values_list("identity__person_id", "first"))
