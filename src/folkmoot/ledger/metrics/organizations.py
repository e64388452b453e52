"""For which organisations people did what they did."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Better
from folkmoot.ledger.metrics.base import ItemMetric
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries import credit


@metrics.declare
class ItemsByOrganization(ItemMetric):
    """Items by the organisation of those who opened them."""

    key = "items_by_organization"
    label = _("contributions by organisation")
    better = Better.NEITHER
    order = 140
    source = "CHAOSS, Organizational Diversity"
    definition = _(
        "Items opened in the period by people who belonged to an organisation on that UTC day: what somebody did "
        "before they changed stays with the employer of that day. The first and the last day of an affiliation count; "
        "one without a first day has always held, one without a last day still does. Who belonged to two at once "
        "counts once in each and once in all. Rows: these items, each once."
    )
    excludes = _("Bots, people who belonged to no organisation, and items whose author is unknown.")

    def compute(self, scope: Scope) -> Figure:
        """Organisation to number of items, most first; the rows are fewer than their sum where somebody had two."""
        found = credit.credit(scope)
        return Figure({line.name: line.items for line in found.organizations}, found.items)

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """These items."""
        return credit.rows(scope)
