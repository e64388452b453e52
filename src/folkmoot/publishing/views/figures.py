"""The rows behind a figure of publishing."""

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
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List, TextFilter
from folkmoot.kernel.ui.lists.filters import Filter, words
from folkmoot.ledger.public import ScopeProblem, make_scope
from folkmoot.publishing.metrics.base import PUBLISHING, PostMetric
from folkmoot.publishing.models import Publication
from folkmoot.publishing.queries.figures import with_readings

#: The words of the address that say together which rows are meant.
WORDS = ("metric", "period", "as_of", "project")
#: What is listed when the address names no figure, or none that there is.
USUAL = "posts_planned"


def _together(queryset: QuerySet[Any], _said: Any) -> QuerySet[Any]:
    """These words are read together by ``RowsList.queryset``."""
    return queryset


def _known() -> list[tuple[str, Any]]:
    return [(each.key, str(each.label).capitalize()) for each in metrics if each.area == PUBLISHING]


class RowsList(List):
    """The posts on channels behind a figure."""

    key = "publishing.figure_rows"
    title = _("Rows behind a figure")
    search_label = _("Post")
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "post",
            _("Post"),
            value=lambda row: row.variant.post.title,
            link=lambda row: reverse("publishing:post", args=[row.variant.post_id]),
        ),
        Column("channel", _("Channel"), value="delivery.channel.name"),
        Column("due", _("Was to leave"), value=lambda row: row.delivery.due_at),
        Column("left", _("Left"), value=lambda row: row.delivery.sent_at),
        Column("state", _("State"), value=lambda row: row.delivery.get_state_display()),
        Column(
            "reactions",
            _("Reactions"),
            value=lambda row: row.engagement if row.reading_at else None,
            number=True,
        ),
        Column("views", _("Views"), value="reading_views", number=True),
        Column("read", _("Told on"), value="reading_at", shown=False),
    )
    filters: ClassVar[tuple[Filter, ...]] = (
        TextFilter("period", _("Period"), apply=_together),
        ChoiceFilter("metric", _("Rows behind"), apply=_together, choices=_known, many=False),
        TextFilter("project", _("Project"), apply=_together),
        TextFilter("as_of", _("As of"), apply=_together),
    )
    empty = Empty(_("No rows"), _("Nothing lies behind this figure in this period."), icon="bar-chart")

    @cached_property
    def _said(self) -> dict[str, str]:
        return {word: next(iter(words(self.request.GET, word)), "") for word in WORDS}

    @cached_property
    def metric(self) -> PostMetric:
        """The figure that the address names, else the usual one."""
        named = self._said["metric"]
        found = metrics.get(named) if named in metrics else None
        usual = metrics.get(USUAL)
        assert isinstance(usual, PostMetric)  # noqa: S101 - declared in this app
        return found if isinstance(found, PostMetric) else usual

    @cached_property
    def asked(self) -> tuple[Scope, str]:
        """The scope, and what is wrong with the address if it says none."""
        said, problem = self._said, ""
        if said["metric"] and said["metric"] != self.metric.key:
            known = ", ".join(key for key, _label in _known())
            problem = _now("There is no figure %(key)s of publishing; known: %(known)s.") % {
                "key": said["metric"],
                "known": known,
            }
        try:
            scope = make_scope(
                period=said["period"] or None, as_of=said["as_of"] or None, project=said["project"]
            )
        except (PeriodProblem, ScopeProblem) as found:
            return make_scope(), str(found)
        return scope, problem

    def queryset(self) -> QuerySet[Publication]:
        scope, problem = self.asked
        rows = self.metric.rows(scope)
        if problem:
            rows = rows.none()
        if "reading_at" not in rows.query.annotations:
            rows = with_readings(rows, scope.known_until)
        return rows.select_related("variant__post", "delivery__channel").order_by("-delivery__due_at", "-pk")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(variant__post__title__icontains=words)

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


@requires("publishing.view")
def figure_rows(request: HttpRequest) -> HttpResponseBase:
    """The rows behind a figure; the address says which."""
    shown = RowsList(request)
    scope, problem = shown.asked
    return shown.respond(
        "ui/rows_behind.html",
        problem=problem,
        metric=shown.metric,
        excluded=shown.metric.excluded(scope),
        subtitle=shown.subtitle,
    )
