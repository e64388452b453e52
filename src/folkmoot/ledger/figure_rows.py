"""The page of the rows behind an area's figures. An area says which rows it has, and how it shows them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.metrics import Metric, Scope, metrics, metrics_of
from folkmoot.kernel.periods import PeriodProblem
from folkmoot.kernel.reporting import write_number
from folkmoot.kernel.ui.lists import ChoiceFilter, Empty, List, TextFilter
from folkmoot.kernel.ui.lists.filters import Filter, words
from folkmoot.ledger.queries.items import ScopeProblem
from folkmoot.ledger.queries.scopes import make_scope

#: The words of the address that say together which rows are meant.
WORDS = ("metric", "period", "as_of", "source", "project")
_LABELS = {"period": _("Period"), "source": _("Source"), "project": _("Project"), "as_of": _("As of")}


def together(queryset: QuerySet[Any], _said: Any) -> QuerySet[Any]:
    """What a filter applies whose word the list reads together with others."""
    return queryset


def rows_filters(area: str, *narrowing: str) -> tuple[Filter, ...]:
    """The filters of a list of rows: the period, which figure of the area, what narrows it, as of when.

    Args:
        narrowing: those of ``source`` and ``project`` that the area's figures know.
    """

    def known() -> list[tuple[str, Any]]:
        return [(each.key, str(each.label).capitalize()) for each in metrics_of(area)]

    return (
        TextFilter("period", _LABELS["period"], apply=together),
        ChoiceFilter("metric", _("Rows behind"), apply=together, choices=known, many=False),
        *(TextFilter(word, _LABELS[word], apply=together) for word in (*narrowing, "as_of")),
    )


def told_of(metric: Metric, scope: Scope) -> str:
    """A figure with its period and value, and on how many rows it rests, so that it can be checked against them."""
    figure = metric.compute(scope)
    told = ngettext("%(rows)s row behind it", "%(rows)s rows behind it", figure.rows) % {
        "rows": write_number(figure.rows)
    }
    value = f"{write_number(figure.value, metric.unit)} " if isinstance(figure.value, int | float) else ""
    as_of = _now("as of %(day)s") % {"day": date_format(scope.as_of, "DATE_FORMAT")}
    return f"{scope.period.label}, {as_of}: {value}{metric.label} · {told}"


class FigureRows(List):
    """The rows behind a figure of an area; the address says which.

    Attributes:
        area: whose figures; ``usual`` is the one that is meant where the address names none.
    """

    area: ClassVar[str]
    usual: ClassVar[str]
    title = _("Rows behind a figure")
    empty = Empty(_("No rows"), _("Nothing lies behind this figure in this period."), icon="bar-chart")

    def arranged(self, rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
        """The rows in their order, with what the columns need."""
        raise NotImplementedError

    @cached_property
    def _said(self) -> dict[str, str]:
        known = {each.key for each in self.filters}
        return {
            word: next(iter(words(self.request.GET, word)), "") if word in known else "" for word in WORDS
        }

    @cached_property
    def metric(self) -> Metric:
        """The figure that the address names, else the usual one."""
        known = {each.key: each for each in metrics_of(self.area)}
        return known.get(self._said["metric"], metrics.get(self.usual))

    @cached_property
    def asked(self) -> tuple[Scope, str]:
        """The scope, and what is wrong with the address if it says none."""
        said, problem = self._said, ""
        if said["metric"] and said["metric"] != self.metric.key:
            known = ", ".join(each.key for each in metrics_of(self.area))
            problem = _now("There is no figure %(key)s here; known: %(known)s.") % {
                "key": said["metric"],
                "known": known,
            }
        try:
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
        return rows.none() if problem else self.arranged(rows, scope)

    def subtitle(self) -> str:
        """The figure and its value; nothing where the address says none."""
        scope, problem = self.asked
        return "" if problem else told_of(self.metric, scope)

    def answer(self) -> HttpResponseBase:
        """The answer: the list with what its figure counts."""
        scope, problem = self.asked
        return self.respond(
            "ui/rows_behind.html",
            problem=problem,
            metric=self.metric,
            excluded=self.metric.excluded(scope),
            subtitle=self.subtitle,
        )
