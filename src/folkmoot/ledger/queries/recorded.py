"""What was recorded since a moment."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from folkmoot.ledger.models import Activity

#: How much earlier than another's a row's number may be taken although it was recorded later: no transaction is longer.
APART = dt.timedelta(hours=1)


def since(rows: QuerySet[Activity], moment: dt.datetime) -> QuerySet[Activity]:
    """Those recorded at this moment or later.

    Numbers rise with time but for what runs at once, so that the first that counts is found by halving, in some twenty
    looks at the primary key however many rows there are; an index over the time would cost each import.
    """
    return rows.filter(recorded_at__gte=moment, pk__gte=_first_number(moment))


def _first_number(moment: dt.datetime) -> int:
    try:
        early = moment - APART
    except OverflowError:
        return 0
    newest = Activity.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    low, high = 0, newest + 1
    while low < high:
        middle = (low + high) // 2
        found = (
            Activity.objects.filter(pk__gte=middle).order_by("pk").values_list("pk", "recorded_at").first()
        )
        if found is None or found[1] >= early:
            high = middle
        else:
            low = found[0] + 1
    return low
