"""The rows behind a figure of reviews."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.reporting import Unit, write_number
from folkmoot.kernel.ui.lists import Column
from folkmoot.kernel.ui.lists.filters import Filter
from folkmoot.ledger.public import FigureRows, rows_filters
from folkmoot.reviews.metrics.base import REVIEWS
from folkmoot.reviews.models import Assignment, StageChange, Submission
from folkmoot.reviews.queries.figures import DAY


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


class RowsList(FigureRows):
    """The rows behind a figure: submissions, stage changes or assignments, each led by its submission."""

    key = "reviews.figure_rows"
    area = REVIEWS
    usual = "submissions"
    search_label = _("Package")
    columns: ClassVar[tuple[Column, ...]] = _columns(
        "package", "kind", "opened", "accepted", "outcome", "stage"
    )
    filters: ClassVar[tuple[Filter, ...]] = rows_filters(REVIEWS, "source", "project")

    def arranged(self, rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
        if rows.model is Submission:
            return rows.select_related("stage").order_by("-opened_at", "-pk")
        if rows.model is StageChange:
            return rows.select_related("submission", "stage").order_by("-at", "-pk")
        return rows.select_related("submission__stage", "person").order_by("person__sort_key", "pk")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        name = "title" if queryset.model is Submission else "submission__title"
        return queryset.filter(**{f"{name}__icontains": words})


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
    model = asked.metric.rows(asked.asked[0]).model
    return _LISTS.get(model, RowsList)(request).answer()
