"""How much comes in, how much is accepted, how long that takes."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Better, Unit
from folkmoot.reviews.metrics.base import ReviewMetric
from folkmoot.reviews.models import Joss, Submission
from folkmoot.reviews.queries import figures


@metrics.declare
class Submissions(ReviewMetric):
    """What was submitted in the period."""

    key = "submissions"
    label = _("packages were submitted")
    order = 200
    definition = _(
        "Submissions, full and fast-track, opened in the period. An issue that was an enquiry first and became a "
        "submission counts once here, and once among the pre-submissions. Rows: these submissions."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each submission."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Submission]:
        """Those opened in the period."""
        return figures.opened(scope)


@metrics.declare
class Presubmissions(ReviewMetric):
    """What was asked before a submission."""

    key = "presubmissions"
    label = _("enquiries came before a submission")
    better = Better.NEITHER
    order = 210
    excludes = _("Submissions.")
    definition = _("Pre-submission enquiries opened in the period. Rows: these enquiries.")

    def compute(self, scope: Scope) -> Figure:
        """One for each enquiry."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Submission]:
        """Enquiries opened in the period."""
        return figures.opened(scope, enquiries=True)


class OfAccepted(ReviewMetric):
    """A figure that rests on what was accepted in the period."""

    def rows(self, scope: Scope) -> QuerySet[Submission]:
        """Those accepted in the period."""
        return figures.accepted(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That nothing was accepted."""
        return "" if self.rows(scope).exists() else gettext("Nothing was accepted in this period.")


@metrics.declare
class Acceptances(OfAccepted):
    """What was accepted in the period."""

    key = "acceptances"
    label = _("packages were accepted")
    order = 220
    definition = _(
        "Submissions whose day of acceptance (UTC) lies in the period, whenever they were opened. One whose day nobody "
        "can read is flagged and not counted until somebody enters it. Rows: these submissions."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each submission."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def unknown_because(self, scope: Scope) -> str:
        """Nothing accepted is nought, which is known."""
        return ""


@metrics.declare
class DaysToAcceptanceMedian(OfAccepted):
    """How long an accepted package took, in the middle."""

    key = "days_to_acceptance_median"
    label = _("from submission to acceptance (median)")
    unit = Unit.DAYS
    better = Better.DOWN
    order = 230
    definition = _(
        "Of the submissions accepted in the period, the median of the days from the moment of opening to 00:00 UTC of "
        "the day of acceptance, time on hold included. What is still open, or ended otherwise, is not in it. Not known "
        "when nothing was accepted. Rows: the submissions accepted in the period."
    )

    def compute(self, scope: Scope) -> Figure:
        """In days, with fractions."""
        days = figures.days_to_acceptance(self.rows(scope))
        return Figure(figures.middle(days), len(days))


@metrics.declare
class DaysToAcceptanceQuartiles(OfAccepted):
    """The span in which the middle half of the accepted packages lies."""

    key = "days_to_acceptance_quartiles"
    label = _("days from submission to acceptance (quartiles)")
    unit = Unit.DAYS
    better = Better.DOWN
    order = 240
    definition = _(
        "Of the submissions accepted in the period, the lower quartile, median and upper quartile of the days from "
        "the moment of opening to 00:00 UTC of the day of acceptance (inclusive method, type 7). Not known when "
        "nothing was accepted. Rows: the submissions accepted in the period."
    )

    def compute(self, scope: Scope) -> Figure:
        """In days: ``{"lower": …, "median": …, "upper": …}``."""
        days = figures.days_to_acceptance(self.rows(scope))
        found = figures.quartiles(days)
        if found is None:
            return Figure(None, 0)
        return Figure(dict(zip(("lower", "median", "upper"), found, strict=True)), len(days))


@metrics.declare
class AcceptanceShare(ReviewMetric):
    """How much of what was decided was accepted."""

    key = "acceptance_share"
    label = _("of the packages decided were accepted")
    unit = Unit.SHARE
    better = Better.NEITHER
    order = 250
    definition = _(
        "Submissions accepted in the period, divided by those accepted or ended otherwise in the period: out of scope, "
        "or closed without acceptance. Ended is the moment at which the issue was closed, else the first at which the "
        "outcome was seen. Not known when nothing was decided. Rows: all that was decided in the period."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part between 0 and 1."""
        yes, no = figures.accepted(scope).count(), figures.declined(scope).count()
        return Figure(yes / (yes + no) if yes + no else None, yes + no)

    def rows(self, scope: Scope) -> QuerySet[Submission]:
        """Accepted or ended otherwise in the period."""
        either = (
            figures.accepted(scope)
            .order_by()
            .values("pk")
            .union(figures.declined(scope).order_by().values("pk"))
        )
        return Submission.objects.filter(pk__in=either)

    def unknown_because(self, scope: Scope) -> str:
        """That nothing was decided."""
        return "" if self.rows(scope).exists() else gettext("Nothing was decided in this period.")


@metrics.declare
class JossPublished(OfAccepted):
    """Of the accepted, those that JOSS published."""

    key = "joss_published"
    label = _("of them were published by JOSS")
    order = 260
    definition = _(
        "Submissions accepted in the period that JOSS has published by now, whenever that was. Rows: these submissions."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each submission."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Submission]:
        """Accepted in the period, published by JOSS."""
        return figures.accepted(scope).filter(joss=Joss.APPROVED)

    def unknown_because(self, scope: Scope) -> str:
        """None published is nought, which is known."""
        return ""
