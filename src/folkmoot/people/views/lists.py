"""The register's lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    DateFilter,
    Empty,
    FlagFilter,
    List,
    TextFilter,
)
from folkmoot.kernel.ui.lists.base import MAX_BULK
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people import actions
from folkmoot.people.models import Organization, Person, Project, Team
from folkmoot.people.queries import lists
from folkmoot.people.systems import INTERNAL, systems
from folkmoot.people.views.base import page_of, undo_bulk_url
from folkmoot.people.views.words import selection


@dataclass(frozen=True)
class Done:
    """What a bulk action did, and the address that takes it back."""

    text: str
    undo_url: str = ""


class RegisterList(List):
    """A list whose bulk actions can be undone, or lead to a page."""

    def bulk_response(self, action: BulkAction, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        """Where an action leads that asks for more; ``None``: it runs at once."""

    def respond(self, template: str = "", **context: Any) -> HttpResponseBase:
        key = self.request.POST.get("bulk") if self.request.method == "POST" else None
        action = next((one for one in self.bulk_actions if one.key == key), None)
        if action is None:
            return super().respond(template, **context)
        demand(self.user, action.permission)
        address = self.address(self.query(page=self.page.number))
        chosen = lists.numbers(self.request.POST.getlist("selected"))
        if not 0 < len(chosen) <= MAX_BULK:
            words = (
                _("Select people first.")
                if not chosen
                else _("Select at most %(n)s rows at a time.") % {"n": MAX_BULK}
            )
            toast(self.request, words, failed=True)
            return HttpResponseRedirect(address)
        queryset = self.queryset().filter(pk__in=chosen)
        response = self.bulk_response(action, queryset)
        if response is None:
            done = action.run(user=self.user, queryset=queryset)
            toast(self.request, done.text, undo_url=done.undo_url)
            response = HttpResponseRedirect(address)
        return response


def _named(model: Any, name: str) -> list[int]:
    return list(model.objects.filter(folded=fold(name)).values_list("pk", flat=True)[:10])


def _in_project(queryset: QuerySet[Any], name: str) -> QuerySet[Any]:
    found = _named(Project, name)
    return lists.holding(queryset, projects=found) if found else queryset.none()


def _in_organization(queryset: QuerySet[Any], name: str) -> QuerySet[Any]:
    return lists.belonging_to(queryset, _named(Organization, name))


def _systems() -> list[tuple[str, Any]]:
    return [(system.key, system.label) for system in systems if system.key != INTERNAL]


def archive_many(*, user: Any, queryset: QuerySet[Person]) -> Done:
    """Archive the selected people, with an undo."""
    done = actions.archive_people(people=list(queryset.values_list("pk", flat=True)), actor=user)
    text = ngettext("%(n)d person archived.", "%(n)d people archived.", len(done)) % {"n": len(done)}
    return Done(text, undo_bulk_url(user, "unarchive", "person", done, "people.manage") if done else "")


def unarchive_many(*, user: Any, queryset: QuerySet[Person]) -> Done:
    """Bring the selected people back, with an undo."""
    done = actions.unarchive_people(people=list(queryset.values_list("pk", flat=True)), actor=user)
    text = ngettext("%(n)d person is back.", "%(n)d people are back.", len(done)) % {"n": len(done)}
    return Done(text, undo_bulk_url(user, "archive", "person", done, "people.manage") if done else "")


class PeopleList(RegisterList):
    """Everyone."""

    key = "people"
    title = _("People")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=page_of,
            sort="sort_key",
            avatar=True,
            template="people/cells/name.html",
        ),
        Column("roles", _("Roles"), lambda p: ", ".join(p.roles_now)),
        Column("organisation", _("Organisation"), lambda p: ", ".join(p.organizations_now)),
        Column("seen", _("Last active"), "last_seen", template="people/cells/when.html"),
        Column("joined", _("Joined"), "joined_on", template="people/cells/day.html"),
        Column("pronouns", _("Pronouns"), "pronouns", shown=False),
        Column("location", _("Location"), "location", shown=False),
        Column("added", _("Added"), "created_at", sort="pk", shown=False, template="people/cells/when.html"),
    )
    filters = (
        ChoiceFilter(
            "role",
            _("Role"),
            choices=lists.role_choices,
            apply=lambda qs, slugs: lists.holding(qs, slugs=slugs),
        ),
        ChoiceFilter(
            "team",
            _("Team"),
            choices=lambda: lists.choices(Team),
            apply=lambda qs, ids: lists.holding(qs, teams=lists.numbers(ids)),
        ),
        ChoiceFilter(
            "tag",
            _("Tag"),
            choices=lists.tag_choices,
            apply=lambda qs, ids: lists.tagged(qs, lists.numbers(ids)),
        ),
        FlagFilter(
            "staff",
            _("Staff"),
            apply=lambda qs, on: lists.holding(qs, staff=True) if on else lists.without_staff(qs),
        ),
        TextFilter("project", _("Project"), apply=_in_project),
        TextFilter("organisation", _("Organisation"), apply=_in_organization),
        ChoiceFilter("system", _("Known on"), choices=_systems, apply=lists.known_on),
        DateFilter("since", _("Joined since"), apply=lists.joined_since),
        FlagFilter("bots", _("Bots"), apply=lists.bots, default=False),
        FlagFilter("archived", _("Archived"), apply=lists.archived, default=False),
    )
    tabs = ((_("Staff"), "staff=1"), (_("Bots"), "bots=1"), (_("Archived"), "archived=1"))
    default_sort = "name"
    search_label = _("Name, handle, e-mail address, tag")
    bulk_actions = (
        BulkAction("tag", _("Tag or untag"), "people.contribute", lambda **chosen: "", icon="tag"),
        BulkAction("archive", _("Archive"), "people.manage", archive_many, icon="archive"),
        BulkAction(
            "unarchive", _("Bring back"), "people.manage", unarchive_many, icon="arrow-counterclockwise"
        ),
    )
    empty = Empty(
        _("Nobody is here yet"),
        _("People come from an import, or one by one."),
        _("New person"),
        "people:new_person",
        "people.manage",
        icon="people",
    )

    def queryset(self) -> QuerySet[Person]:
        return lists.people()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return lists.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        lists.decorate_people(rows)

    def bulk_response(self, action: BulkAction, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        """Tags are chosen on a page of their own."""
        if action.key != "tag":
            return None
        chosen = selection(list(queryset.values_list("pk", flat=True)))
        return HttpResponseRedirect(reverse("people:tag_people", args=[chosen]))


@requires("people.view")
def people(request: HttpRequest) -> HttpResponseBase:
    return PeopleList(request).respond("people/list.html")


class OrganizationList(List):
    """Organisations."""

    key = "organizations"
    title = _("Organisations")
    columns = (
        Column("name", _("Name"), "name", link=page_of, sort="folded"),
        Column("location", _("Location"), "location"),
        Column("people", _("People"), "people_count", number=True),
        Column("website", _("Website"), "website", link=lambda row: row.website or None, shown=False),
    )
    filters = (
        ChoiceFilter(
            "tag",
            _("Tag"),
            choices=lists.tag_choices,
            apply=lambda qs, ids: lists.tagged(qs, lists.numbers(ids)),
        ),
    )
    default_sort = "name"
    search_label = _("Name or place")
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
        lists.decorate_organizations(rows)


@requires("people.view")
def organizations(request: HttpRequest) -> HttpResponseBase:
    return OrganizationList(request).respond(
        "people/records.html", new_url=reverse("people:new_organization"), new_label=_("New organisation")
    )


class ProjectList(List):
    """Packages, repositories and lessons."""

    key = "projects"
    title = _("Projects")
    columns = (
        Column("name", _("Name"), "name", link=page_of, sort="folded"),
        Column("kind", _("Kind"), lambda row: row.get_kind_display()),
        Column(
            "people",
            _("People"),
            lambda row: ", ".join(row.people_now[:4]),
            export=lambda row: row.people_now,
        ),
        Column("repository", _("Repository"), "repository_key", link=lambda row: row.repository or None),
    )
    filters = (
        ChoiceFilter(
            "kind", _("Kind"), choices=Project.Kind.choices, apply=lambda qs, kinds: qs.filter(kind__in=kinds)
        ),
        ChoiceFilter(
            "tag",
            _("Tag"),
            choices=lists.tag_choices,
            apply=lambda qs, ids: lists.tagged(qs, lists.numbers(ids)),
        ),
        FlagFilter("archived", _("Archived"), apply=lambda qs, on: qs.filter(is_archived=on), default=False),
    )
    tabs = ((_("Archived"), "archived=1"),)
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
        lists.decorate_projects(rows)


@requires("people.view")
def projects(request: HttpRequest) -> HttpResponseBase:
    return ProjectList(request).respond(
        "people/records.html", new_url=reverse("people:new_project"), new_label=_("New project")
    )


class TeamList(List):
    """Councils, boards and groups."""

    key = "teams"
    title = _("Teams")
    columns = (
        Column("name", _("Name"), "name", link=page_of, sort="folded"),
        Column("people", _("People today"), "people_count", number=True),
        Column("description", _("Description"), "description"),
    )
    filters = (
        FlagFilter("archived", _("Archived"), apply=lambda qs, on: qs.filter(is_archived=on), default=False),
    )
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
        lists.decorate_teams(rows)


@requires("people.view")
def teams(request: HttpRequest) -> HttpResponseBase:
    return TeamList(request).respond(
        "people/records.html", new_url=reverse("people:new_team"), new_label=_("New team")
    )


class TagList(List):
    """Tags and where they are."""

    key = "tags"
    title = _("Tags")
    columns = (
        Column(
            "name",
            _("Name"),
            "name",
            link=lambda tag: f"{reverse('people:people')}?tag={tag.pk}",
            sort="folded",
        ),
        Column("facet", _("Kind"), "facet", sort="facet,folded"),
        Column("people", _("People"), "people_count", number=True),
        Column("organisations", _("Organisations"), "organizations_count", number=True),
        Column("projects", _("Projects"), "projects_count", number=True),
        Column("edit", _("Rename"), "name", template="people/cells/tag.html", export=lambda tag: ""),
    )
    default_sort = "facet"
    empty = Empty(_("No tags yet"), _("A tag appears here once it is on a person, organisation or project."))

    def queryset(self) -> QuerySet[Any]:
        return lists.tags()


@requires("people.view")
def tags(request: HttpRequest) -> HttpResponseBase:
    return TagList(request).respond("people/tags.html")
