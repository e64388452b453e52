"""What the metrics of publishing share: their area, who may read them, the page that lists their rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Metric, Scope

PUBLISHING = "publishing"
NO_CANCELLED = _("Cancelled posts, drafts, corrections and withdrawals, parts of a thread after the first.")


class PostMetric(Metric):
    """A metric over posts on channels."""

    area: ClassVar[str] = PUBLISHING
    permission: ClassVar[str] = "publishing.view"
    excludes: ClassVar[Any] = NO_CANCELLED

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """The rows that the figure counts."""
        raise NotImplementedError

    def rows_url(self, scope: Scope) -> str:
        """The page that lists them."""
        return f"{reverse('publishing:figure_rows')}?{scope.query(metric=self.key)}"
