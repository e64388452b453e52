"""The rows behind a figure of training."""

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
from folkmoot.kernel.reporting import write_number
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List, TextFilter
from folkmoot.kernel.ui.lists.filters import Filter, words
from folkmoot.ledger.public import ScopeProblem, make_scope
from folkmoot.people.public import country_name
from folkmoot.training.metrics.base import TRAINING, TrainingMetric
from folkmoot.training.models import Contribution, Event, Task

#: The words of the address that say together which rows are meant.
WORDS = ("metric", "period", "as_of", "source", "project")
#: What is listed when the address names no figure, or none that there is.
USUAL = "events_held"


def _together(queryset: QuerySet[Any], _said: Any) -> QuerySet[Any]:
    """These words are read together by ``RowsList.queryset``."""
    return queryset


def _known() -> list[tuple[str, Any]]:
    return [(each.key, str(each.label).capitalize()) for each in metrics if each.area == TRAINING]


def _event(row: Any) -> Event:
    found: Event = row if isinstance(row, Event) else row.event
    return found


def _was_there(row: Task) -> str:
    return "" if row.attended is None else _now("yes") if row.attended else _now("no")


_EVENT = Column(
    "event",
    _("Event"),
    value=lambda row: _event(row).title,
    link=lambda row: reverse("training:event", args=[_event(row).pk]),
)
_DAY = Column("day", _("First day"), value=lambda row: _event(row).starts_on)
_KIND = Column("kind", _("Kind"), value=lambda row: _event(row).kind.name)


class RowsList(List):
    """The rows behind a figure: events, parts or contributions, each led by its event."""

    key = "training.figure_rows"
    title = _("Rows behind a figure")
    search_label = _("Event")
    columns: ClassVar[tuple[Column, ...]] = (
        _EVENT,
        _DAY,
        _KIND,
        Column("country", _("Country"), value=lambda row: country_name(row.country)),
        Column("attendance", _("How many came"), value="attendance", number=True),
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
    def metric(self) -> TrainingMetric:
        """The figure that the address names, else the usual one."""
        named = self._said["metric"]
        found = metrics.get(named) if named in metrics else None
        usual = metrics.get(USUAL)
        assert isinstance(usual, TrainingMetric)  # noqa: S101 - declared in this app
        return found if isinstance(found, TrainingMetric) else usual

    @cached_property
    def asked(self) -> tuple[Scope, str]:
        """The scope, and what is wrong with the address if it says none."""
        named = self._said["metric"]
        problem = ""
        if named and named != self.metric.key:
            known = ", ".join(key for key, _label in _known())
            problem = _now("There is no figure %(key)s of training; known: %(known)s.") % {
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
        if rows.model is Event:
            return rows.select_related("kind").order_by("-starts_at", "-pk")
        if rows.model is Task:
            return rows.select_related("event__kind", "person", "kind").order_by(
                "-event__starts_at", "person__sort_key", "pk"
            )
        return rows.select_related("event__kind", "item").order_by("-event__starts_at", "pk")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        name = "folded" if queryset.model is Event else "event__folded"
        return queryset.filter(**{f"{name}__contains": fold(words)})

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


class TasksList(RowsList):
    """Rows that are parts."""

    columns = (
        _EVENT,
        Column(
            "person",
            _("Person"),
            value="person.name",
            avatar=True,
            link=lambda row: reverse("people:person", args=[row.person_id]),
        ),
        Column("part", _("Part"), value="kind.name"),
        Column("attended", _("Was there"), value=_was_there),
        _DAY,
    )


class ContributionsList(RowsList):
    """Rows that are contributions to sprints."""

    columns = (
        _EVENT,
        Column("title", _("Contribution"), value="item.title", link=lambda row: row.item.url),
        Column("author", _("By"), value="author_name"),
        Column("state", _("State"), value=lambda row: row.item.get_state_display()),
        Column("opened", _("Opened"), value="item.opened_at"),
    )


_LISTS: dict[Any, type[RowsList]] = {Task: TasksList, Contribution: ContributionsList}


@requires("training.view")
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
