"""What reviews tell: a section of the community report, and a report of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.area_reports import AreaSection
from folkmoot.kernel.metrics import Scope, compute_all
from folkmoot.kernel.reporting import (
    Block,
    Column,
    ReportKind,
    Table,
    Text,
    Unit,
    report_sections,
    reports,
)
from folkmoot.reviews.blocks import by_year, cohorts, days_by_year, open_by_stage, stage_days
from folkmoot.reviews.queries import figures

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User

REPORT = reports.register(
    ReportKind(
        "reviews",
        gettext_lazy("Peer review"),
        gettext_lazy("What came in, what was accepted, how long it took, and what stands too long."),
        permission="reviews.view",
        order=20,
    )
)


class ReviewSection(AreaSection):
    """A section of the report about reviews; none before anything was submitted, as far as the scope knows."""

    report = REPORT.key
    permission = area_permission = "reviews.view"

    def is_empty(self, scope: Scope) -> bool:
        return not scope.remember("reviews.any", lambda: figures.submissions(scope).exists())


@report_sections.declare
class Summary(ReviewSection):
    """Reviews in the community report."""

    key = "reviews.summary"
    report = "community"
    permission = "reports.view"
    title = gettext_lazy("Peer review")
    order = 50

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """What came in, what was accepted, what stands too long."""
        keys = ("submissions", "acceptances", "days_to_acceptance_median", "open_submissions", "held_up")
        _found, shown = self.figures(scope, user, *keys)
        return (*shown, by_year(scope))


@report_sections.declare
class ComesIn(ReviewSection):
    """Submissions and acceptances."""

    key = "reviews.comes_in"
    title = gettext_lazy("What came in, what was accepted")
    order = 10

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Figures of the period; submissions and acceptances by year."""
        _found, shown = self.figures(
            scope, user, "submissions", "presubmissions", "acceptances", "acceptance_share", "joss_published"
        )
        return (*shown, by_year(scope))


@report_sections.declare
class TakesSoLong(ReviewSection):
    """Days from submission to acceptance."""

    key = "reviews.days"
    title = gettext_lazy("From submission to acceptance")
    order = 20

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """The median, quartiles by year of acceptance, and what became of each year's submissions."""
        _found, shown = self.figures(scope, user, "days_to_acceptance_median")
        return (*shown, days_by_year(scope), cohorts(scope))


@report_sections.declare
class Stands(ReviewSection):
    """What is open and where it stands."""

    key = "reviews.stands"
    title = gettext_lazy("Where reviews stand")
    order = 30

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Open and held up, by stage."""
        found, shown = self.figures(scope, user, "open_submissions", "held_up")
        return (*shown, open_by_stage(scope, found["open_submissions"]))


@report_sections.declare
class Stays(ReviewSection):
    """How long each stage takes against its limit."""

    key = "reviews.stays"
    title = gettext_lazy("Time in each stage")
    order = 40

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Median stays beside the limits."""
        return (stage_days(scope),)


@report_sections.declare
class Editors(ReviewSection):
    """Who has how much to do."""

    key = "reviews.editors"
    title = gettext_lazy("Editors")
    order = 50

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Open submissions by editor."""
        found = compute_all(scope, ["editor_load"])["editor_load"]
        load = found.value if isinstance(found.value, dict) else {}
        if not load:
            return (Text(_("No editor has a package under review.")),)
        title = ngettext(
            "%(n)d editor has packages under review", "%(n)d editors have packages under review", len(load)
        ) % {"n": len(load)}
        return (
            Table(
                "editor_load",
                title,
                (Column(_("Editor")), Column(_("Under review"), Unit.COUNT)),
                tuple((name, number) for name, number in load.items()),
            ),
        )
