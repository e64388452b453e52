"""What the metrics of reviews share: their area, who may read them, the page that lists their rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Metric

REVIEWS = "reviews"
NO_ENQUIRIES = _("Pre-submission enquiries; what its source has ceased to show, unless it was accepted.")


class ReviewMetric(Metric):
    """A metric over submissions."""

    area: ClassVar[str] = REVIEWS
    permission: ClassVar[str] = "reviews.view"
    excludes: ClassVar[Any] = NO_ENQUIRIES
    rows_page: ClassVar[str] = "reviews:figure_rows"
