"""The lists of organisations, projects, teams, and of all terms of a team."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, DateFilter, Empty, FlagFilter, List
from folkmoot.people.countries import country_name
from folkmoot.people.days import community_day
from folkmoot.people.models import Organization, Project, RoleKind, Team, Term
from folkmoot.people.queries import lists
from folkmoot.people.queries import organizations as of_organizations
from folkmoot.people.queries import projects as of_projects
from folkmoot.people.queries import teams as of_teams
from folkmoot.people.queries.lists import numbers
from folkmoot.people.queries.organizations import on_day
from folkmoot.people.views.base import page_of
from folkmoot.people.views.records import today_of

#: Months without a commit that the list of projects offers.
QUIET = (3, 6, 12, 24)


class DayList(List):
    """A list that shows how things are on a day of the community's calendar: ``?on=``, else today."""

    @cached_property
    def day(self) -> dt.date:
        """The day that is shown."""
        said = next((bound.value for bound in self.bound if bound.filter.key == "on" and bound.raw), "")
        return dt.date.fromisoformat(said) if said else today_of(self.request)


def _the_same(queryset: QuerySet[Any], _day: dt.date) -> QuerySet[Any]:
    """The day leaves no row out: ``decorate`` reckons with it."""
    return queryset


def _countries() -> list[tuple[str, str]]:
    known = [(code, country_name(code)) for code in of_organizations.known_countries()]
    return sorted(known, key=lambda pair: pair[1])


class OrganizationList(DayList):
    """Organisations."""

    key = "organizations"
    title = _("Organisations")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=page_of,
            sort="folded",
            template="people/cells/record.html",
        ),
        Column("kinds", _("Kinds"), lambda row: ", ".join(kind.name for kind in row.kinds.all())),
        Column("country", _("Country"), lambda row: country_name(row.country), sort="country"),
        Column("people", _("People"), "people_count", number=True),
        Column("location", _("Location"), "location", shown=False),
        Column(
            "domains",
            _("Domains"),
            lambda row: ", ".join(one.domain for one in row.domains.all()),
            shown=False,
        ),
        Column("website", _("Website"), "website", link=lambda row: row.website or None, shown=False),
    )
    filters = (
        ChoiceFilter(
            "kind", _("Kind"), choices=of_organizations.kind_choices, apply=of_organizations.of_kind
        ),
        ChoiceFilter(
            "country",
            _("Country"),
            choices=_countries,
            apply=lambda qs, codes: qs.filter(country__in=codes),
        ),
        ChoiceFilter(
            "tag",
            _("Tag"),
            choices=lists.tag_choices,
            apply=lambda qs, ids: lists.tagged(qs, numbers(ids)),
        ),
        FlagFilter("archived", _("Archived"), apply=lists.archived_organizations, default=False),
        DateFilter("on", _("People on the day"), apply=_the_same),
    )
    tabs = ((_("Archived"), "archived=1"),)
    default_sort = "name"
    search_label = _("Name, place or domain")
    empty = Empty(
        _("No organisations yet"),
        _(
            "Universities, companies and communities that people belong to come from imports, or are added here."
        ),
        _("New organisation"),
        "people:new_organization",
        "people.manage",
        icon="building",
    )

    def queryset(self) -> QuerySet[Organization]:
        return lists.organizations()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return lists.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        lists.decorate_organizations(rows, self.day)


@requires("people.view")
def organizations(request: HttpRequest) -> HttpResponseBase:
    return OrganizationList(request).respond(
        "people/records.html",
        new_url=reverse("people:new_organization"),
        new_label=_("New organisation"),
        more_url=reverse("people:organization_kinds"),
        more_label=_("Kinds of organisation"),
        more_icon="tags",
    )


def _fact(name: str) -> Any:
    return lambda row: getattr(row.known, name) if row.known is not None else None


class ProjectList(DayList):
    """Packages, repositories and lessons."""

    key = "projects"
    title = _("Projects")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=page_of,
            sort="folded",
            template="people/cells/record.html",
        ),
        Column("kind", _("Kind"), lambda row: row.get_kind_display()),
        Column(
            "maintainers",
            _("Maintainers"),
            lambda row: ", ".join(row.maintainers_now[:4]),
            export=lambda row: row.maintainers_now,
        ),
        Column(
            "last_commit",
            _("Last commit"),
            _fact("last_commit_at"),
            sort="facts__last_commit_at",
            template="people/cells/when.html",
        ),
        Column("release", _("Latest release"), _fact("latest_release"), sort="facts__latest_release_at"),
        Column("stars", _("Stars"), _fact("stars"), sort="facts__stars", number=True),
        Column(
            "people",
            _("People"),
            lambda row: ", ".join(row.people_now[:4]),
            export=lambda row: row.people_now,
            shown=False,
        ),
        Column(
            "repository",
            _("Repository"),
            "repository_key",
            link=lambda row: row.repository or None,
            shown=False,
        ),
        Column("read", _("Read on"), _fact("read_at"), shown=False, template="people/cells/when.html"),
    )
    filters = (
        ChoiceFilter(
            "kind", _("Kind"), choices=Project.Kind.choices, apply=lambda qs, kinds: qs.filter(kind__in=kinds)
        ),
        FlagFilter(
            "maintained",
            _("Maintainer"),
            apply=lambda qs, on: of_projects.maintained(qs, on, community_day()),
            yes=_("Has one"),
            no=_("Has none"),
        ),
        ChoiceFilter(
            "quiet",
            _("No commit for"),
            choices=lambda: [(str(n), ngettext("%(n)d month", "%(n)d months", n) % {"n": n}) for n in QUIET],
            apply=lambda qs, months: of_projects.quiet(qs, numbers(months)[0], community_day()),
            many=False,
        ),
        ChoiceFilter(
            "tag",
            _("Tag"),
            choices=lists.tag_choices,
            apply=lambda qs, ids: lists.tagged(qs, numbers(ids)),
        ),
        FlagFilter("archived", _("Archived"), apply=lambda qs, on: qs.filter(is_archived=on), default=False),
    )
    tabs = ((_("Without maintainer"), "maintained=0"), (_("Archived"), "archived=1"))
    default_sort = "name"
    search_label = _("Name, description, repository")
    empty = Empty(
        _("No projects yet"),
        _("Packages, repositories and lessons come from imports, or are added here."),
        _("New project"),
        "people:new_project",
        "people.manage",
        icon="box-seam",
    )

    def queryset(self) -> QuerySet[Project]:
        return lists.projects()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return lists.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        lists.decorate_projects(rows, self.day)


@requires("people.view")
def projects(request: HttpRequest) -> HttpResponseBase:
    return ProjectList(request).respond(
        "people/records.html",
        new_url=reverse("people:new_project"),
        new_label=_("New project"),
        more_url=reverse("people:project_rules"),
        more_label=_("Rules for projects"),
        more_icon="sliders",
    )


def _empty_seats(row: Any) -> int | None:
    return max(row.seats - row.people_count, 0) if row.seats is not None else None


class TeamList(DayList):
    """Councils, boards and groups."""

    key = "teams"
    title = _("Teams")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=page_of,
            sort="folded",
            template="people/cells/record.html",
        ),
        Column("people", _("People on the day"), "people_count", number=True),
        Column("seats", _("Seats"), "seats", sort="seats", number=True, shown=False),
        Column("empty", _("Empty seats"), _empty_seats, number=True),
        Column("description", _("Description"), "description"),
    )
    filters = (
        FlagFilter(
            "vacant",
            _("Seats"),
            apply=lambda qs, on: of_teams.with_empty_seats(qs, on, community_day()),
            yes=_("Some are empty"),
            no=_("All are taken"),
        ),
        DateFilter("on", _("On the day"), apply=_the_same),
        FlagFilter("archived", _("Archived"), apply=lambda qs, on: qs.filter(is_archived=on), default=False),
    )
    tabs = ((_("With empty seats"), "vacant=1"),)
    default_sort = "name"
    empty = Empty(
        _("No teams yet"),
        _("A council, a board, an editorial team: who holds a role in it, and until when."),
        _("New team"),
        "people:new_team",
        "people.manage",
        icon="diagram-3",
    )

    def queryset(self) -> QuerySet[Team]:
        return lists.teams()

    def decorate(self, rows: list[Any]) -> None:
        lists.decorate_teams(rows, self.day)


@requires("people.view")
def teams(request: HttpRequest) -> HttpResponseBase:
    return TeamList(request).respond(
        "people/records.html", new_url=reverse("people:new_team"), new_label=_("New team")
    )


def _roles() -> list[tuple[str, str]]:
    return [
        (str(pk), name) for pk, name in RoleKind.objects.order_by("order", "name").values_list("pk", "name")
    ]


class TeamTermList(DayList):
    """All terms in a team: who was a member when."""

    key = "team_terms"
    title = _("Terms")
    columns = (
        Column(
            "person",
            _("Person"),
            "person.name",
            link=lambda row: page_of(row.person),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("role", _("Role"), "role_kind.name", sort="role_kind__order,role_kind__name"),
        Column("from", _("From"), "started_on", sort="started_on", template="people/cells/day.html"),
        Column("to", _("To"), "ended_on", sort="ended_on", template="people/cells/day.html"),
        Column("state", _("State"), "state"),
    )
    filters = (
        ChoiceFilter(
            "role",
            _("Role"),
            choices=_roles,
            apply=lambda qs, ids: qs.filter(role_kind__in=numbers(ids)),
        ),
        DateFilter("on", _("Held on the day"), apply=lambda qs, day: qs.filter(on_day(day))),
        FlagFilter("past", _("Roles of the past"), apply=lambda qs, on: qs.filter(role_kind__is_former=on)),
    )
    default_sort = "-from"
    empty = Empty(_("No terms yet"), _("Whoever gets a role in this team stands here, with the days."))

    def queryset(self) -> QuerySet[Term]:
        return of_teams.terms_of(self.context["team"])

    def decorate(self, rows: list[Any]) -> None:
        words = {"now": _now("serves"), "next": _now("to come"), "before": _now("past")}
        for row in rows:
            row.state = words[of_teams.state_on(row, self.day)]


@requires("people.view")
def team_terms(request: HttpRequest, pk: int) -> HttpResponseBase:
    team = get_object_or_404(Team, pk=pk)
    return TeamTermList(request, team=team).respond("people/team_terms.html", team=team)
