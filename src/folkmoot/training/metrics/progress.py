"""How many were awarded a badge, and how many of those who were trained."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Unit
from folkmoot.training.metrics.base import TrainingMetric
from folkmoot.training.models import Award, Progress
from folkmoot.training.queries import progress_figures as figures


@metrics.declare
class AwardsGiven(TrainingMetric):
    """Badges awarded in the period."""

    key = "awards_given"
    label = _("badges were awarded")
    order = 390
    excludes = _("Awards that were taken back.")
    definition = _(
        "Awards of all badges whose day lies in the period and that hold today; somebody who was awarded two badges "
        "counts twice. Rows: these awards."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each award."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Award]:
        """Awards of the period."""
        return figures.awards(scope)


@metrics.declare
class TrainingCompletion(TrainingMetric):
    """Of those trained, who has the badge by now."""

    key = "training_completion"
    label = _("of those trained have the badge")
    unit = Unit.SHARE
    order = 391
    excludes = _("Trainings that lead to no badge; awards that were taken back.")
    definition = _(
        "Of the times somebody passed a training that ended in the period (the last day of its event, or the day that "
        "was noted), the share whose person holds a badge to which it leads, awarded by the day of the figure. "
        "It rises for months after a training. Not known where nobody passed a training. Rows: these trainings passed."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part between 0 and 1."""
        rows = self.rows(scope)
        trained, done = rows.count(), figures.with_badge(rows, scope.as_of).count()
        return Figure(done / trained if trained else None, trained)

    def rows(self, scope: Scope) -> QuerySet[Progress]:
        """Trainings that somebody passed."""
        return figures.trained(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That nobody was trained."""
        return "" if self.rows(scope).exists() else gettext("Nobody passed a training.")
