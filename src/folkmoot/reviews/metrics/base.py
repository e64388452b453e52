"""What the metrics of reviews share: their area, who may read them, the page that lists their rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Metric, Scope

REVIEWS = "reviews"
NO_ENQUIRIES = _("Pre-submission enquiries; what its source has ceased to show, unless it was accepted.")


class ReviewMetric(Metric):
    """A metric over submissions."""

    area: ClassVar[str] = REVIEWS
    permission: ClassVar[str] = "reviews.view"
    excludes: ClassVar[Any] = NO_ENQUIRIES

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """The rows that the figure counts."""
        raise NotImplementedError

    def rows_url(self, scope: Scope) -> str:
        """The page that lists them."""
        return f"{reverse('reviews:figure_rows')}?{scope.query(metric=self.key)}"
