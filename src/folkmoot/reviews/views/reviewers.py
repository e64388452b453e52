"""Everybody who could review, and teams for many submissions at once."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from folkmoot.kernel import clock, saving
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, FlagFilter, List
from folkmoot.people.public import Person
from folkmoot.reviews.models import Kind, Turn
from folkmoot.reviews.queries import people
from folkmoot.reviews.queries.turns import desk, open_submissions
from folkmoot.reviews.ranking.pool import load
from folkmoot.reviews.ranking.reviewers import months_before
from folkmoot.reviews.ranking.teams import teams

#: So many submissions are given teams at once.
MOST = 60


class ReviewerList(List):
    """Past reviewers, authors and maintainers of accepted packages, people who said what they know, sign-ups."""

    key = "review_reviewers"
    title = gettext_lazy("Reviewers")
    columns = (
        Column(
            "name",
            gettext_lazy("Name"),
            "name",
            link=lambda row: reverse("people:person", args=[row.pk]) if row.may_open else None,
            sort="sort_key",
            avatar=True,
        ),
        Column("can", gettext_lazy("Can be asked"), "can"),
        Column("reviews", gettext_lazy("Reviews"), "reviews", sort="reviews", number=True),
        Column(
            "last",
            gettext_lazy("Last review"),
            "last_review",
            template="people/cells/day.html",
        ),
        Column("now", gettext_lazy("At present"), "asked_now", sort="asked_now", number=True),
        Column("knows", gettext_lazy("Knows"), lambda row: ", ".join(sorted(row.known.said.values()))),
        Column(
            "worked",
            gettext_lazy("Worked on packages for"),
            lambda row: ", ".join(
                sorted(name for key, name in row.known.knows.items() if key not in row.known.said)
            ),
            shown=False,
        ),
        Column(
            "conflicts",
            gettext_lazy("Conflicts declared"),
            lambda row: (
                len(row.known.avoids_people)
                + len(row.known.avoids_organizations)
                + len(row.known.avoids_projects)
            ),
            number=True,
            shown=False,
        ),
    )
    tabs = (
        (gettext_lazy("Can be asked"), "can=1"),
        (gettext_lazy("Have reviewed"), "reviewed=1"),
        (gettext_lazy("New to it"), "reviewed=0&can=1"),
    )
    default_sort = "-reviews"
    search_label = gettext_lazy("Name or handle")
    empty = Empty(
        gettext_lazy("Nobody could be asked yet"),
        gettext_lazy("Who reviewed, wrote an accepted package or said what they know stands here."),
        icon="people",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        self.today, self.months = clock.today(), people.rest_months()
        self.filters = (  # type: ignore[misc]
            ChoiceFilter("field", gettext_lazy("Knows"), choices=people.fields_known, apply=people.knowing),
            FlagFilter(
                "can",
                gettext_lazy("Can be asked"),
                apply=lambda qs, on: people.askable(qs, on, self.today, self.months),
            ),
            FlagFilter(
                "reviewed",
                gettext_lazy("Has reviewed"),
                apply=lambda qs, on: qs.filter(reviews__gt=0) if on else qs.filter(reviews=0),
            ),
        )

    def queryset(self) -> QuerySet[Person]:
        return people.reviewers()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return people.named(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        from django.db.models import Q

        pool = load([], people=Q(pk__in=[row.pk for row in rows]), today=self.today)
        may = self.request.user.has_perm("people.view")
        for row in rows:
            row.known, row.may_open = pool.people[row.pk], may
            row.last_review = row.known.last_review
            row.can = self._can(row)

    def _can(self, row: Any) -> str:
        """Whether they can be asked, or why not."""
        if row.availability == Person.Availability.NO:
            return _("no")
        if row.available_from and row.available_from > self.today:
            return _("away until %(day)s") % {"day": saving.day(row.available_from)}
        if row.asked_now:
            return _("reviews at present, or is asked")
        since = months_before(self.today, self.months)
        if row.last_review and row.last_review > since:
            return _("rests")
        if row.availability == Person.Availability.LIMITED:
            return _("for little")
        return _("yes")


@requires("reviews.view")
def reviewers(request: HttpRequest) -> HttpResponseBase:
    """Everybody who could review: what they know, when they reviewed last, whether they can be asked."""
    return ReviewerList(request).respond("reviews/people_list.html")


@requires("reviews.manage")
@require_GET
def many_teams(request: HttpRequest) -> HttpResponse:
    """Teams for everything that seeks reviewers, at once: nobody is in two of them."""
    found = desk(
        open_submissions().select_related("programme", "stage", "project").order_by("opened_at", "pk")
    )
    seeking = [
        row
        for row in found.submissions
        if row.kind != Kind.PRESUBMISSION
        and row.on_hold_since is None
        and row.stage is not None
        and row.stage.turn in (Turn.EDITOR, Turn.REVIEWER)
        and row.pk in found.casts
        and found.casts[row.pk].people(Turn.EDITOR)
        and not found.casts[row.pk].of("reviewer", states=("done",))
    ]
    shown = teams(seeking[:MOST])
    rows_ = [team for team in (shown[row.pk] for row in seeking[:MOST]) if team.wanted]
    context = {"teams": rows_, "more": max(len(seeking) - MOST, 0)}
    return render(request, "reviews/teams.html", context)
