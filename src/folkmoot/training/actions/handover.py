"""Events and agreements that pass to a colleague."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.training.actions import base
from folkmoot.training.models import AHEAD, Agreement, Event, Status


def _open(user: User) -> QuerySet[Event]:
    return Event.objects.filter(owner=user, status__in=[*AHEAD, Status.STALLED])


def count_open(user: User) -> int:
    """How many events that are not over somebody looks after; one query."""
    return _open(user).count()


@transaction.atomic
def hand_over(user: User, colleague: User, actor: User) -> int:
    """Give the events that somebody looks after to a colleague; those that are over stay whose they were.

    Returns:
        how many.
    """
    rows = list(_open(user).select_for_update().order_by("pk"))
    for row in rows:
        base.put(row, {"owner": colleague})
        base.write(row, actor=actor, reason="hand over")
    return len(rows)


def _running(user: User) -> QuerySet[Agreement]:
    return Agreement.objects.filter(owner=user, last_day__gte=clock.today())


def count_agreements(user: User) -> int:
    """How many agreements that are not over somebody looks after; one query."""
    return _running(user).count()


@transaction.atomic
def hand_over_agreements(user: User, colleague: User, actor: User) -> int:
    """Give the agreements that somebody looks after to a colleague; those that are over stay whose they were.

    Returns:
        how many.
    """
    rows = list(_running(user).select_for_update().order_by("pk"))
    for row in rows:
        base.put(row, {"owner": colleague})
        base.write(row, actor=actor, reason="hand over")
    return len(rows)
