"""Editors, and what they have on their desks."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List
from folkmoot.people.public import Person
from folkmoot.reviews.queries import people
from folkmoot.reviews.ranking import editors as editing


def _facet(name: str) -> Any:
    return lambda row: ", ".join(row.desk.knows.get(name, ()))


class EditorList(List):
    """Who edits or did, with their load."""

    key = "review_editors"
    title = gettext_lazy("Editors")
    columns = (
        Column(
            "name",
            gettext_lazy("Editor"),
            "name",
            link=lambda row: reverse("people:person", args=[row.pk]) if row.may_open else None,
            sort="sort_key",
            avatar=True,
        ),
        Column(
            "open",
            gettext_lazy("Open"),
            "open_now",
            sort="open_now",
            number=True,
            template="reviews/cells/open.html",
            export=lambda row: row.open_now,
        ),
        Column("year", gettext_lazy("This year"), "this_year", sort="this_year", number=True),
        Column("all", gettext_lazy("All time"), "all_time", sort="all_time", number=True),
        Column(
            "role",
            gettext_lazy("Role"),
            lambda row: ", ".join(term.role_kind.name for term in row.desk.terms),
            template="reviews/cells/editor_role.html",
        ),
        Column(
            "availability",
            gettext_lazy("Availability"),
            lambda row: row.get_availability_display() if row.availability else "",
            sort="availability",
        ),
        Column("domains", gettext_lazy("Domains"), _facet("domain")),
        Column("technical", gettext_lazy("Technical areas"), _facet("technical area"), shown=False),
    )
    tabs = (
        (gettext_lazy("Editors now"), "who=now"),
        (gettext_lazy("Free"), "who=free"),
        (gettext_lazy("Leaving soon"), "who=leaving"),
        (gettext_lazy("Emeritus"), "who=emeritus"),
        (gettext_lazy("To reassign"), "who=reassign"),
    )
    default_sort = "-open"
    search_label = gettext_lazy("Name or handle")
    empty = Empty(
        gettext_lazy("Nobody edits yet"),
        gettext_lazy("Editors are those who hold the role of an editor, or were made one of a submission."),
        icon="person-workspace",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        self.today = clock.today()
        choices = [
            ("now", gettext_lazy("editors now")),
            ("free", gettext_lazy("free")),
            ("leaving", gettext_lazy("leaving soon")),
            ("emeritus", gettext_lazy("emeritus")),
            ("reassign", gettext_lazy("emeritus with open submissions")),
        ]
        self.filters = (  # type: ignore[misc]
            ChoiceFilter(
                "who",
                gettext_lazy("Who"),
                choices=choices,
                apply=lambda qs, wanted: people.editors_who(qs, wanted, self.today),
            ),
            ChoiceFilter("field", gettext_lazy("Knows"), choices=people.fields_known, apply=people.knowing),
        )

    def queryset(self) -> QuerySet[Person]:
        return editing.editors(self.today)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return people.named(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        found = editing.desks(rows, self.today)
        may = self.request.user.has_perm("people.view")
        for row in rows:
            row.desk, row.may_open = found[row.pk], may
            row.leaves_on = row.desk.leaves_on(self.today)


@requires("reviews.view")
def editors(request: HttpRequest) -> HttpResponseBase:
    """Who edits: open submissions, this year's, all; who is free, who leaves soon, what is to be reassigned."""
    return EditorList(request).respond("reviews/people_list.html")
