"""What the ledger's metrics share: their page of rows, and how they say what they leave out."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import STAFF, Metric, Scope
from folkmoot.ledger.models import Activity

NO_BOTS = _("Bots, and items whose author is unknown.")
NO_UNKNOWN = _("Items whose author is unknown.")


class ItemMetric(Metric):
    """A metric over the ledger's items."""

    excludes = NO_BOTS
    rows_page = "ledger:activity"

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The activities that the figure counts."""
        raise NotImplementedError

    def excluded(self, scope: Scope) -> str:
        """What the figure leaves out, with staff when the reader left them out."""
        if STAFF not in scope.exclude:
            return str(self.excludes)
        return f"{self.excludes} {_('Items opened on a day as staff.')}"
