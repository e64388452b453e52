"""What the metrics of publishing share: their area, who may read them, the page that lists their rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Metric

PUBLISHING = "publishing"
NO_CANCELLED = _("Cancelled posts, drafts, corrections and withdrawals, parts of a thread after the first.")


class PostMetric(Metric):
    """A metric over posts on channels."""

    area: ClassVar[str] = PUBLISHING
    permission: ClassVar[str] = "publishing.view"
    excludes: ClassVar[Any] = NO_CANCELLED
    rows_page: ClassVar[str] = "publishing:figure_rows"
