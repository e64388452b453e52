"""How many openings were filled, and how long it took."""

from __future__ import annotations

import statistics

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Better, Unit
from folkmoot.training.metrics.base import TrainingMetric
from folkmoot.training.models import Opening
from folkmoot.training.queries import figures


@metrics.declare
class OpeningsFilled(TrainingMetric):
    """Openings for which everybody was found."""

    key = "openings_filled"
    label = _("openings were filled")
    order = 370
    excludes = _("Openings that somebody closed by hand, and those of events that were cancelled.")
    definition = _(
        "Openings that closed in the period since everybody who was sought had been found, and did not open again. "
        "Rows: these openings."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each opening."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Opening]:
        """Those that closed filled in the period."""
        return figures.filled(scope)


@metrics.declare
class DaysToFill(TrainingMetric):
    """How long people were sought."""

    key = "days_to_fill"
    label = _("days until an opening was filled (median)")
    unit = Unit.DAYS
    better = Better.DOWN
    order = 371
    excludes = _("Openings that somebody closed by hand, and those of events that were cancelled.")
    definition = _(
        "Of the openings that were filled in the period, the median of the days from when they were opened to when the "
        "last person was found. Not known where none was filled. Rows: these openings."
    )

    def compute(self, scope: Scope) -> Figure:
        """The median of the days."""
        days = [
            (closed - opened).total_seconds() / 86400
            for opened, closed in self.rows(scope).values_list("opened_at", "closed_at")
            if closed is not None
        ]
        return Figure(round(statistics.median(days), 1) if days else None, len(days))

    def rows(self, scope: Scope) -> QuerySet[Opening]:
        """Those that closed filled in the period."""
        return figures.filled(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That none was filled."""
        return "" if self.rows(scope).exists() else gettext("No opening was filled.")
