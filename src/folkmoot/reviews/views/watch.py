"""Accepted packages and what they need: the last commit, the archive, the journal, the website."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List
from folkmoot.reviews.models import HoldUpRule, Joss, Submission
from folkmoot.reviews.queries.aftercare import RULES, aftercare, is_on_website
from folkmoot.reviews.queries.aftercare import accepted as accepted_packages
from folkmoot.reviews.queries.lists import found
from folkmoot.reviews.views.base import page_of


class WatchList(List):
    """Accepted packages, those without a commit for longest first."""

    key = "reviews_watch"
    title = _("After acceptance")
    columns = (
        Column("package", _("Package"), "title", sort="folded", link=page_of),
        Column("needs", _("What it needs"), lambda row: "; ".join(one.words for one in row.cares)),
        Column(
            "last_commit",
            _("Last commit"),
            "project.facts.last_commit_at",
            sort="project__facts__last_commit_at",
            template="people/cells/day.html",
        ),
        Column(
            "accepted", _("Accepted"), "accepted_on", sort="accepted_on", template="people/cells/day.html"
        ),
        Column("version", _("Version"), "version_accepted", shown=False),
        Column("archive", _("Archive"), "archive"),
        Column("joss", _("JOSS"), lambda row: row.get_joss_display() if row.joss else "", sort="joss"),
        Column("website", _("In the website's files"), is_on_website, shown=False),
        Column("programme", _("Programme"), "programme.name", shown=False),
    )
    filters = (
        ChoiceFilter(
            "needs",
            _("What it needs"),
            choices=[(kind.value, kind.label) for kind in HoldUpRule.Kind if kind in RULES],
            apply=lambda queryset, kinds: queryset.filter(
                pk__in={one.submission.pk for one in aftercare() if one.rule.kind in kinds}
            ),
        ),
        ChoiceFilter(
            "joss",
            _("JOSS"),
            choices=Joss.choices,
            apply=lambda queryset, said: queryset.filter(joss__in=said),
        ),
    )
    tabs = (
        (_("Without a commit for long"), "needs=no_commits"),
        (_("Without an archive"), "needs=archive"),
    )
    default_sort = "last_commit"
    search_label = _("Package")
    empty = Empty(
        _("No package has been accepted yet"),
        _(
            "Accepted packages stand here with what they need: an archive, the journal, somebody who looks after them."
        ),
        icon="box-seam",
    )

    def queryset(self) -> QuerySet[Submission]:
        return accepted_packages().select_related("project__facts", "programme")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        cares: dict[int, list[Any]] = {row.pk: [] for row in rows}
        for one in aftercare(submissions=rows):
            cares[one.submission.pk].append(one)
        for row in rows:
            row.cares = cares[row.pk]


@requires("reviews.view")
def watch(request: HttpRequest) -> HttpResponseBase:
    """Accepted packages, with filters, tabs and files."""
    return WatchList(request).respond("reviews/watch.html")
