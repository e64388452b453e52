"""Openings that pass to a colleague."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from folkmoot.kernel.accounts.models import User
from folkmoot.training.actions import base
from folkmoot.training.models import AHEAD, Opening, SignUpState


def _open(user: User) -> QuerySet[Opening]:
    """Openings of events ahead that somebody looks after: people can sign up, or wait for an answer."""
    mine = Opening.objects.filter(owner=user, event__status__in=AHEAD)
    return mine.filter(state="open") | mine.filter(
        pk__in=Opening.objects.filter(sign_ups__state=SignUpState.PENDING).values("pk")
    )


def count_open(user: User) -> int:
    """How many there are; one query."""
    return _open(user).count()


@transaction.atomic
def hand_over(user: User, colleague: User, actor: User) -> int:
    """Give the openings that somebody looks after to a colleague.

    Returns:
        how many.
    """
    rows = list(_open(user).select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        base.put(row, {"owner": colleague})
        base.write(row, actor=actor, reason="hand over")
    return len(rows)
