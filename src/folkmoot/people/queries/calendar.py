"""What the register puts on the calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from folkmoot.people.models import Term


def terms_that_end(first: dt.date, last: dt.date) -> QuerySet[Term]:
    """Terms whose last day lies between two days, both included; without archived people and roles of the past."""
    ending: Any = Term.objects.filter(
        ended_on__gte=first, ended_on__lte=last, role_kind__is_former=False, person__archived_at=None
    )
    found: QuerySet[Term] = ending.select_related("person", "role_kind", "project", "team")
    return found.order_by("ended_on", "person__sort_key", "pk")
