"""How many requests came in, how many were accepted, and how long a decision took."""

from __future__ import annotations

import statistics

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Better, Unit
from folkmoot.training.metrics.base import TrainingMetric
from folkmoot.training.models import Request, RequestState

#: What is left out of all of them.
EXCLUDES = _("Drafts, requests whose address nobody proved, and those that were merged into another one.")


def received(scope: Scope) -> QuerySet[Request]:
    """Requests that were received in the period."""
    rows = Request.objects.filter(
        received_at__gte=scope.start, received_at__lt=scope.end, merged_into=None
    ).select_related("form")
    if scope.source:
        rows = rows.filter(source=scope.source)
    return rows.none() if scope.project else rows


def decided(scope: Scope) -> QuerySet[Request]:
    """Requests that were accepted or discarded in the period."""
    rows = Request.objects.filter(
        decided_at__gte=scope.start,
        decided_at__lt=scope.end,
        received_at__isnull=False,
        state__in=[RequestState.ACCEPTED, RequestState.DISCARDED],
        merged_into=None,
    ).select_related("form")
    if scope.source:
        rows = rows.filter(source=scope.source)
    return rows.none() if scope.project else rows


@metrics.declare
class RequestsReceived(TrainingMetric):
    """Requests of the period."""

    key = "requests_received"
    label = _("requests were received")
    order = 380
    excludes = EXCLUDES
    definition = _(
        "Requests of all forms whose address was proven in the period, whatever became of them. Rows: these requests."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each request."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Request]:
        """Those that were received."""
        return received(scope)


@metrics.declare
class RequestsAccepted(TrainingMetric):
    """Of those decided, which part was accepted."""

    key = "requests_accepted"
    label = _("of the requests that were decided were accepted")
    unit = Unit.SHARE
    order = 381
    excludes = EXCLUDES
    definition = _(
        "Of the requests that were accepted or discarded in the period and still are, the share that was accepted; "
        "requests that somebody withdrew count for neither. Not known where none was decided. Rows: these requests."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part between 0 and 1."""
        rows = self.rows(scope)
        number, yes = rows.count(), rows.filter(state=RequestState.ACCEPTED).count()
        return Figure(yes / number if number else None, number)

    def rows(self, scope: Scope) -> QuerySet[Request]:
        """Those that were decided."""
        return decided(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That none was decided."""
        return "" if self.rows(scope).exists() else gettext("No request was decided.")


@metrics.declare
class DaysToDecision(TrainingMetric):
    """How long people waited for an answer."""

    key = "days_to_decision"
    label = _("days until a request was decided (median)")
    unit = Unit.DAYS
    better = Better.DOWN
    order = 382
    excludes = EXCLUDES
    definition = _(
        "Of the requests that were accepted or discarded in the period, the median of the days from when they were "
        "received to the decision. Not known where none was decided. Rows: these requests."
    )

    def compute(self, scope: Scope) -> Figure:
        """The median of the days."""
        days = [
            (at - since).total_seconds() / 86400
            for since, at in self.rows(scope).values_list("received_at", "decided_at")
            if since is not None and at is not None
        ]
        return Figure(round(statistics.median(days), 1) if days else None, len(days))

    def rows(self, scope: Scope) -> QuerySet[Request]:
        """Those that were decided."""
        return decided(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That none was decided."""
        return "" if self.rows(scope).exists() else gettext("No request was decided.")
