"""The rows behind a figure of reviews."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.metrics import Scope, metrics
from folkmoot.kernel.periods import PeriodProblem
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.reporting import Unit, write_number
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List, TextFilter
from folkmoot.kernel.ui.lists.filters import Filter, words
from folkmoot.ledger.public import ScopeProblem, make_scope
from folkmoot.reviews.metrics.base import REVIEWS, ReviewMetric
from folkmoot.reviews.models import Assignment, StageChange, Submission
from folkmoot.reviews.queries.figures import DAY

#: The words of the address that say together which rows are meant.
WORDS = ("metric", "period", "as_of", "source", "project")
#: What is listed when the address names no figure, or none that there is.
USUAL = "submissions"


def _together(queryset: QuerySet[Any], _said: Any) -> QuerySet[Any]:
    """These words are read together by ``RowsList.queryset``."""
    return queryset


def _known() -> list[tuple[str, Any]]:
    return [(each.key, str(each.label).capitalize()) for each in metrics if each.area == REVIEWS]


def _submission(row: Any) -> Submission:
    found: Submission = row if isinstance(row, Submission) else row.submission
    return found


def _stage(row: Any) -> str:
    stage = row.submission.stage if isinstance(row, Assignment) else row.stage
    return stage.name if stage else ""


def _days(row: Any) -> str:
    """How long the stay was; nothing while it lasts."""
    return write_number((row.next_at - row.began) / DAY, Unit.DAYS) if row.next_at else ""


_COLUMNS = {
    column.key: column
    for column in (
        Column(
            "package",
            _("Package"),
            value=lambda row: _submission(row).title,
            link=lambda row: reverse("reviews:submission", args=[_submission(row).pk]),
        ),
        Column("kind", _("Kind"), value=lambda row: _submission(row).get_kind_display()),
        Column("person", _("Person"), value="person.name", avatar=True),
        Column("opened", _("Submitted"), value=lambda row: _submission(row).opened_at),
        Column("accepted", _("Accepted on"), value=lambda row: _submission(row).accepted_on),
        Column("outcome", _("Outcome"), value=lambda row: _submission(row).get_outcome_display()),
        Column("stage", _("Stage"), value=_stage),
        Column("since", _("In it since"), value="began"),
        Column("left", _("Left it"), value="next_at"),
        Column("days", _("Days"), value=_days, number=True),
    )
}


def _columns(*keys: str) -> tuple[Column, ...]:
    return tuple(_COLUMNS[key] for key in keys)


class RowsList(List):
    """The rows behind a figure: submissions, stage changes or assignments, each led by its submission."""

    key = "reviews.figure_rows"
    title = _("Rows behind a figure")
    search_label = _("Package")
    columns: ClassVar[tuple[Column, ...]] = _columns(
        "package", "kind", "opened", "accepted", "outcome", "stage"
    )
    filters: ClassVar[tuple[Filter, ...]] = (
        TextFilter("period", _("Period"), apply=_together),
        ChoiceFilter("metric", _("Rows behind"), apply=_together, choices=_known, many=False),
        TextFilter("source", _("Source"), apply=_together),
        TextFilter("project", _("Project"), apply=_together),
        TextFilter("as_of", _("As of"), apply=_together),
    )
    empty = Empty(_("No rows"), _("Nothing lies behind this figure in this period."), icon="bar-chart")

    @cached_property
    def _said(self) -> dict[str, str]:
        return {word: next(iter(words(self.request.GET, word)), "") for word in WORDS}

    @cached_property
    def metric(self) -> ReviewMetric:
        """The figure that the address names, else the usual one."""
        named = self._said["metric"]
        found = metrics.get(named) if named in metrics else None
        usual = metrics.get(USUAL)
        assert isinstance(usual, ReviewMetric)  # noqa: S101 - declared in this app
        return found if isinstance(found, ReviewMetric) else usual

    @cached_property
    def asked(self) -> tuple[Scope, str]:
        """The scope, and what is wrong with the address if it says none."""
        named = self._said["metric"]
        problem = ""
        if named and named != self.metric.key:
            known = ", ".join(key for key, _label in _known())
            problem = _now("There is no figure %(key)s of reviews; known: %(known)s.") % {
                "key": named,
                "known": known,
            }
        try:
            said = self._said
            return make_scope(
                period=said["period"] or None,
                as_of=said["as_of"] or None,
                source=said["source"],
                project=said["project"],
            ), problem
        except (PeriodProblem, ScopeProblem) as found:
            return make_scope(), str(found)

    def queryset(self) -> QuerySet[Any]:
        scope, problem = self.asked
        rows = self.metric.rows(scope)
        if problem:
            return rows.none()
        if rows.model is Submission:
            return rows.select_related("stage").order_by("-opened_at", "-pk")
        if rows.model is StageChange:
            return rows.select_related("submission", "stage").order_by("-at", "-pk")
        return rows.select_related("submission__stage", "person").order_by("person__sort_key", "pk")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        name = "title" if queryset.model is Submission else "submission__title"
        return queryset.filter(**{f"{name}__icontains": words})

    def subtitle(self) -> str:
        """The figure and its value, so that it can be checked against the rows."""
        scope, problem = self.asked
        if problem:
            return ""
        figure = self.metric.compute(scope)
        told = ngettext("%(rows)s row behind it", "%(rows)s rows behind it", figure.rows) % {
            "rows": write_number(figure.rows)
        }
        value = (
            f"{write_number(figure.value, self.metric.unit)} "
            if isinstance(figure.value, int | float)
            else ""
        )
        as_of = _now("as of %(day)s") % {"day": scope.as_of}
        return f"{scope.period.label}, {as_of}: {value}{self.metric.label} · {told}"


class ChangesList(RowsList):
    """Rows that are stage changes."""

    columns = _columns("package", "stage", "since", "left", "days")


class AssignmentsList(RowsList):
    """Rows that are assignments."""

    columns = _columns("package", "person", "stage", "opened")


_LISTS: dict[Any, type[RowsList]] = {StageChange: ChangesList, Assignment: AssignmentsList}


@requires("reviews.view")
def figure_rows(request: HttpRequest) -> HttpResponseBase:
    """The rows behind a figure; the address says which."""
    asked = RowsList(request)
    scope, problem = asked.asked
    shown = _LISTS.get(asked.metric.rows(scope).model, RowsList)(request)
    return shown.respond(
        "ui/rows_behind.html",
        problem=problem,
        metric=shown.metric,
        excluded=shown.metric.excluded(scope),
        subtitle=shown.subtitle,
    )
