"""What public pages of contributors tell from the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from folkmoot.ledger.models import Activity


def figures(people: Iterable[int]) -> dict[int, list[tuple[Any, Any]]]:
    """How much each person contributed, and in which years (UTC); decisions of the register and bots do not count.

    One query.
    """
    rows = (
        Activity.objects.filter(identity__person__in=list(people), identity__is_bot=False)
        .exclude(kind__startswith="people.")
        .values("identity__person")
        .annotate(number=Count("pk"), first=Min("occurred_at"), last=Max("occurred_at"))
        .order_by()
    )
    found: dict[int, list[tuple[Any, Any]]] = {}
    for row in rows:
        first, last = row["first"].year, row["last"].year
        years = str(first) if first == last else f"{first}–{last}"
        found[row["identity__person"]] = [(_("Contributions"), row["number"]), (_("Active in"), years)]
    return found
