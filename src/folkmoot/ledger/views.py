"""The activity page: the rows behind a figure, or all that was recorded."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import activity_kinds
from folkmoot.kernel.metrics import metrics
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List, TextFilter
from folkmoot.kernel.ui.lists.filters import Filter, words
from folkmoot.ledger.figure_rows import together, told_of
from folkmoot.ledger.metrics.base import ItemMetric
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries import rows
from folkmoot.ledger.queries.credit import affiliated
from folkmoot.ledger.queries.scopes import known_sources
from folkmoot.ledger.timeline_plug import OPENED
from folkmoot.people.public import Organization

#: The words of the address that say together which rows are meant; see ``queries.rows``.
WORDS = ("metric", "period", "as_of", "source", "project", "exclude")
#: What tells who it was: for those who may see people.
NAMING = ("person", "organisation", "handle", "external_id")
_EXCLUDES = {"staff": _("Staff")}


def _what(activity: Activity) -> str:
    kind = activity_kinds.get(activity.kind) if activity.kind in activity_kinds else None
    if kind is None:
        return activity.kind
    label = (
        OPENED.get(activity.item.kind, kind.label) if kind.is_item_opening and activity.item else kind.label
    )
    return str(label)


def _title(activity: Activity) -> str:
    if activity.item is not None:
        return activity.item.title or activity.item.external_id
    return str(activity.detail.get("title") or _what(activity))


def _state(activity: Activity) -> str:
    return str(activity.item.get_state_display()) if activity.item and activity.item.state else ""


def _known_metrics() -> list[tuple[str, Any]]:
    return [
        (metric.key, str(metric.label).capitalize()) for metric in metrics if isinstance(metric, ItemMetric)
    ]


def _known_kinds() -> list[tuple[str, Any]]:
    return [(kind.key, kind.label) for kind in activity_kinds]


def _by_person(queryset: QuerySet[Activity], said: str) -> QuerySet[Activity]:
    if said.isascii() and said.isdecimal() and len(said) < 19:
        return queryset.filter(identity__person=int(said))
    return queryset.filter(identity__person__name__icontains=said)


def _for_organization(queryset: QuerySet[Activity], said: str) -> QuerySet[Activity]:
    """Of people who belonged to the organisation of this name on the UTC day they did it."""
    named = Organization.objects.filter(folded=fold(said)).values_list("pk", flat=True)
    return queryset.filter(affiliated(named))


class ActivityList(List):
    """Activities, newest first; with a metric in the address, the rows behind its figure."""

    key = "ledger.activity"
    title = _("Activity")
    search_label = _("Title, person")
    columns: ClassVar[tuple[Column, ...]] = (
        Column("title", _("What"), value=_title, link=lambda row: row.item.url or None if row.item else None),
        Column("kind", _("Kind"), value=_what),
        Column(
            "person", _("Person"), value="identity.person.name", link=lambda row: row.person_url, avatar=True,
            sort="identity__person__sort_key",
        ),
        Column(
            "project", _("Project"), value="project.name", link=lambda row: row.project_url, sort="project__folded"
        ),
        Column("when", _("When"), value="occurred_at", sort="occurred_at"),
        Column("state", _("State"), value=_state),
        Column("source", _("Source"), value="source", sort="source"),
        Column("handle", _("Identity"), value="identity.value", shown=False),
        Column("labels", _("Labels"), value=lambda row: row.item.labels if row.item else [], shown=False),
        Column("external_id", _("Identifier"), value="external_id", shown=False),
    )  # fmt: skip
    filters: ClassVar[tuple[Filter, ...]] = (
        TextFilter("period", _("Period"), apply=together),
        ChoiceFilter("metric", _("Rows behind"), apply=together, choices=_known_metrics, many=False),
        ChoiceFilter(
            "source",
            _("Source"),
            apply=together,
            choices=lambda: [(each, each) for each in known_sources()],
            many=False,
        ),
        TextFilter("project", _("Project"), apply=together),
        TextFilter("person", _("Person"), apply=_by_person),
        TextFilter("organisation", _("Organisation"), apply=_for_organization),
        ChoiceFilter(
            "kind",
            _("Kind"),
            choices=_known_kinds,
            apply=lambda queryset, kinds: queryset.filter(kind__in=kinds),
        ),
        ChoiceFilter("exclude", _("Leave out"), apply=together, choices=tuple(_EXCLUDES.items()), many=False),
        TextFilter("as_of", _("As of"), apply=together),
    )
    default_sort = "-when"
    #: Whether it tells who it was.
    names_people = True
    empty = Empty(
        _("No activity here"),
        _("What people do comes from imports: issues and pull requests, or a table of your own."),
        _("Import"),
        "imports:new",
        "imports.run",
        icon="activity",
    )

    @cached_property
    def choice(self) -> rows.Choice:
        """What the address asks for."""
        return rows.chosen({word: next(iter(words(self.request.GET, word)), "") for word in WORDS})

    def queryset(self) -> QuerySet[Activity]:
        return self.choice.rows.select_related("item", "project", "identity__person")

    def search(self, queryset: QuerySet[Activity], words: str) -> QuerySet[Activity]:
        return rows.found(queryset, words, by_person=self.names_people)

    def decorate(self, rows: list[Any]) -> None:
        may_open = self.names_people
        for row in rows:
            person = row.identity.person_id if row.identity else None
            row.person_url = reverse("people:person", args=[person]) if person and may_open else None
            row.project_url = (
                reverse("people:project", args=[row.project_id]) if row.project_id and may_open else None
            )

    def subtitle(self) -> str:
        """The figure and its value, so that it can be checked against the rows."""
        metric, scope = self.choice.metric, self.choice.scope
        if scope is None:
            return ""
        if metric is None:
            return scope.period.label
        return told_of(metric, scope)


class NamelessList(ActivityList):
    """For those who may see reports but not people: what a figure rests on, and nobody's name."""

    search_label = _("Title")
    columns = tuple(column for column in ActivityList.columns if column.key not in NAMING)
    filters = tuple(each for each in ActivityList.filters if each.key not in NAMING)
    names_people = False


@requires("ledger.view")
def activity(request: HttpRequest) -> HttpResponseBase:
    shown = (ActivityList if request.user.has_perm("people.view") else NamelessList)(request)
    metric = shown.choice.metric
    return shown.respond(
        "ui/rows_behind.html",
        problem=shown.choice.problem,
        metric=metric,
        excluded=metric.excluded(shown.choice.scope) if metric and shown.choice.scope else "",
        subtitle=shown.subtitle,
    )
