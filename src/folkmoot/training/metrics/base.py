"""What the metrics of training share: their area, who may read them, the page that lists their rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Metric

TRAINING = "training"


class TrainingMetric(Metric):
    """A metric over events that are done."""

    area: ClassVar[str] = TRAINING
    permission: ClassVar[str] = "training.view"
    excludes: ClassVar[Any] = _("Events that were cancelled or are not marked as done.")
    rows_page: ClassVar[str] = "training:figure_rows"
