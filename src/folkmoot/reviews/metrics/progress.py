"""What is open, what stands too long, how long each stage takes, who has how much to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Better, Unit
from folkmoot.reviews.metrics.base import ReviewMetric
from folkmoot.reviews.models import Assignment, StageChange, Submission
from folkmoot.reviews.queries import figures


@metrics.declare
class OpenSubmissions(ReviewMetric):
    """What is under review."""

    key = "open_submissions"
    label = _("packages were under review at the end")
    better = Better.NEITHER
    order = 270
    definition = _(
        "Submissions opened before the end of the period and at that moment neither accepted nor ended otherwise "
        "(issue closed, or out of scope), on hold included. Reckoned from labels, dates and closing, not from what a "
        "file calls the status. Rows: these submissions."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each submission."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Submission]:
        """Open at the end of the period."""
        return figures.open_at_end(scope)


@metrics.declare
class OpenByStage(ReviewMetric):
    """Where they stand."""

    key = "open_by_stage"
    label = _("packages under review, by stage")
    better = Better.NEITHER
    order = 280
    definition = _(
        "Open submissions by the stage in which they stood at the end of the period; those that never stood in any are "
        "left out. Rows: the stage changes that brought them there."
    )

    def compute(self, scope: Scope) -> Figure:
        """Numbers by the short name of the stage, in the order of stages."""
        found = Counter(figures.stands(scope).values_list("stage_id", flat=True))
        named = {stage.slug: found[stage.pk] for stage in figures.stages_in_order(filter(None, found))}
        return Figure(named, sum(found.values()))

    def rows(self, scope: Scope) -> QuerySet[StageChange]:
        """What brought each where it stood."""
        return figures.stands(scope)


@metrics.declare
class HeldUp(ReviewMetric):
    """What stood too long."""

    key = "held_up"
    label = _("packages stood in their stage for longer than promised")
    better = Better.DOWN
    order = 290
    definition = _(
        "Open submissions that at the end of the period had been in their stage for longer than the stage's limit, "
        "counted from the first moment at which they were seen there. Rows: the stage changes that brought them there."
    )
    excludes = _(
        "Pre-submission enquiries; what its source has ceased to show; submissions on hold; stages without a limit."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each submission."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[StageChange]:
        """What brought each where it stood too long."""
        return figures.over_limit(scope)


@metrics.declare
class StageDaysMedian(ReviewMetric):
    """How long a stage takes."""

    key = "stage_days_median"
    label = _("days in each stage (median)")
    unit = Unit.DAYS
    better = Better.DOWN
    order = 300
    definition = _(
        "For each stage the median length of the stays that ended in the period, in days: from the first moment at "
        "which the submission was seen in the stage (of its first stage: from its opening) to the first at which it "
        "was seen in the next. Stays during which it was on hold, what still stands in its stage, and what was closed "
        "there are not in it. Rows: the stage changes that began these stays."
    )

    def compute(self, scope: Scope) -> Figure:
        """Days by the short name of the stage, in the order of stages."""
        days: dict[int, list[float]] = defaultdict(list)
        rows: Any = self.rows(scope)
        for stage, at, left in rows.values_list("stage_id", "began", "next_at"):
            days[stage].append((left - at) / figures.DAY)
        named = {stage.slug: figures.middle(days[stage.pk]) for stage in figures.stages_in_order(days)}
        return Figure(named or None, sum(len(each) for each in days.values()))

    def rows(self, scope: Scope) -> QuerySet[StageChange]:
        """What began the stays that ended in the period."""
        return figures.stays(scope)

    def unknown_because(self, scope: Scope) -> str:
        """That nothing left a stage."""
        return "" if self.rows(scope).exists() else gettext("No submission left a stage in this period.")


@metrics.declare
class EditorLoad(ReviewMetric):
    """How much each editor has to do."""

    key = "editor_load"
    label = _("packages under review, by editor")
    better = Better.NEITHER
    order = 310
    definition = _(
        "Open submissions at the end of the period by editor, most first. Each of several editors of a submission is "
        "credited; all handles of a person are one. Rows: these editors' assignments."
    )
    excludes = _(
        "Pre-submission enquiries; what its source has ceased to show; editors who declined or ended early; those "
        "without an open submission."
    )

    def compute(self, scope: Scope) -> Figure:
        """Numbers by the editor's name, most first."""
        rows = list(self.rows(scope).order_by("pk").values_list("person_id", "person__name"))
        number = Counter(person for person, _name in rows)
        names = dict(rows)
        twice = Counter(names.values())
        ranked = sorted(number, key=lambda person: (-number[person], names[person].casefold(), person))
        told = {
            names[person] if twice[names[person]] == 1 else f"{names[person]} ({person})": number[person]
            for person in ranked
        }
        return Figure(told, len(rows))

    def rows(self, scope: Scope) -> QuerySet[Assignment]:
        """Who edits what is open."""
        return figures.editing(scope)
