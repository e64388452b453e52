"""What the metrics of training share: their area, who may read them, the page that lists their rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Metric, Scope

TRAINING = "training"


class TrainingMetric(Metric):
    """A metric over events that are done."""

    area: ClassVar[str] = TRAINING
    permission: ClassVar[str] = "training.view"
    excludes: ClassVar[Any] = _("Events that were cancelled or are not marked as done.")

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """The rows that the figure counts."""
        raise NotImplementedError

    def rows_url(self, scope: Scope) -> str:
        """The page that lists them."""
        return f"{reverse('training:figure_rows')}?{scope.query(metric=self.key)}"
