"""The register's lists."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    DateFilter,
    Done,
    Empty,
    FlagFilter,
    GoTo,
    List,
    TextFilter,
)
from folkmoot.people import actions
from folkmoot.people.models import Organization, Person, Project, Team
from folkmoot.people.queries import lists
from folkmoot.people.systems import INTERNAL, systems
from folkmoot.people.views.base import page_of, undo_bulk_url
from folkmoot.people.views.words import selection


def _named(model: Any, name: str) -> list[int]:
    return list(model.objects.filter(folded=fold(name)).values_list("pk", flat=True)[:10])


def _in_project(queryset: QuerySet[Any], name: str) -> QuerySet[Any]:
    found = _named(Project, name)
    return lists.holding(queryset, projects=found) if found else queryset.none()


def _in_organization(queryset: QuerySet[Any], name: str) -> QuerySet[Any]:
    return lists.belonging_to(queryset, _named(Organization, name))


def _systems() -> list[tuple[str, Any]]:
    return [(system.key, system.label) for system in systems if system.key != INTERNAL]


def tag_many(*, user: Any, queryset: QuerySet[Person]) -> GoTo:
    """Tags are chosen on a page of their own."""
    chosen = selection(list(queryset.values_list("pk", flat=True)))
    return GoTo(reverse("people:tag_people", args=[chosen]))


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


class PeopleList(List):
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
        BulkAction("tag", _("Tag or untag"), "people.contribute", tag_many, icon="tag"),
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


@requires("people.view")
def people(request: HttpRequest) -> HttpResponseBase:
    return PeopleList(request).respond("people/list.html")


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
