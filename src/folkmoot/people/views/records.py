"""Projects, teams, kinds of role; and what their pages and those of organisations share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.panels import panels_of
from folkmoot.kernel.permissions.access import requires
from folkmoot.people import actions
from folkmoot.people.actions.limits import rule_in_words
from folkmoot.people.days import community_day
from folkmoot.people.forms import ProjectForm, ProjectRulesForm, RoleKindForm, TeamForm
from folkmoot.people.models import Project, ProjectRules, RoleKind, Team
from folkmoot.people.queries import lists, pages, teams
from folkmoot.people.views.base import answer_action, answer_form, page_of, undo_url, user_of
from folkmoot.people.views.moved import follows_merges
from folkmoot.people.views.people import history_page, told_by_others


def today_of(request: HttpRequest) -> dt.date:
    """The day it is for the community."""
    return community_day(community=getattr(request, "community", None))


def day_asked(request: HttpRequest) -> dt.date:
    """The day in the address (``?on=2026-05-01``), the community's today when it is none."""
    try:
        return dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today_of(request)


@requires("people.view")
@require_GET
@follows_merges(Project)
def project(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Project.objects.select_related("facts"), pk=pk)
    day = day_asked(request)
    context = {
        "project": row,
        "facts": getattr(row, "facts", None),
        "record": row,
        "kind": "project",
        "day": day,
        "is_today": day == today_of(request),
        "members": pages.members(row, day),
        "tags": list(row.tags.all()),
        "records": pages.records_of(row),
        **told_by_others(request, row),
    }
    return render(request, "people/project.html", context)


@requires("people.view")
@require_GET
def team(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Team.objects.select_related("becomes"), pk=pk)
    day = day_asked(request)
    members = pages.members(row, day, in_a_row=teams.numbers_in_a_row(row, day))
    context = {
        "team": row,
        "record": row,
        "day": day,
        "is_today": day == today_of(request),
        "members": members,
        "seats": teams.seats_in_words(row.seats, members.serving),
        "has_empty_seats": row.seats is not None and members.serving < row.seats,
        "rule": rule_in_words(row),
        "panels": panels_of(user_of(request), row),
    }
    return render(request, "people/team.html", context)


@requires("people.view")
@require_GET
def role_kinds(request: HttpRequest) -> HttpResponse:
    day = day_asked(request)
    kinds: list[Any] = list(lists.role_kinds(day))
    for kind in kinds:
        kind.seats_now = teams.seats_in_words(kind.seats, kind.holders)
    return render(
        request, "people/role_kinds.html", {"kinds": kinds, "day": day, "is_today": day == today_of(request)}
    )


@requires("people.view")
@require_GET
def role_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Who holds a role on a day."""
    row = get_object_or_404(RoleKind, pk=pk)
    day = day_asked(request)
    terms = list(pages.holders(row, day)[: pages.SHOWN + 1])
    context = {
        "role_kind": row,
        "day": day,
        "is_today": day == today_of(request),
        "terms": terms[: pages.SHOWN],
        "more": len(terms) > pages.SHOWN,
    }
    return render(request, "people/role_kind.html", context)


def new_page(
    request: HttpRequest, form: Any, add: Callable[..., Any], title: str, submit: str, cancel: str
) -> HttpResponse:
    """The page that adds a record of a kind."""

    def act(filled: Any) -> str:
        return page_of(add(actor=user_of(request), **filled.values()))

    return answer_form(request, form, act, title=title, submit=submit, cancel=reverse(cancel))


def edit_page(request: HttpRequest, row: Any, form: Any, edit: Callable[..., Any], name: str) -> HttpResponse:
    """The page that changes a record."""

    def act(filled: Any) -> str:
        edit(**{name: row}, actor=user_of(request), seen=filled.version, **filled.values())
        return page_of(row)

    return answer_form(
        request,
        partial(form, instance=row),
        act,
        title=_("Edit %(name)s") % {"name": row},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row),
    )


def remove_page(
    request: HttpRequest, row: Any, remove: Callable[..., Any], fallback: str, permission: str
) -> HttpResponse:
    """Delete a record, with an undo, and go to its list."""
    user, gone = user_of(request), []

    def act() -> tuple[str, str]:
        undo = undo_url(user, remove(actor=user), permission)
        gone.append(row)
        return _("“%(name)s” is deleted.") % {"name": row}, undo

    response = answer_action(request, act, page_of(row))
    if gone:
        response["Location"] = reverse(fallback)
    return response


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    return new_page(
        request, ProjectForm, actions.add_project, _("New project"), _("Add project"), "people:projects"
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_project(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Project, pk=pk)
    return edit_page(request, row, ProjectForm, actions.edit_project, "project")


@requires("people.admin")
@require_POST
def remove_project(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Project, pk=pk)
    remove = partial(actions.remove_record, record=row)
    return remove_page(request, row, remove, "people:projects", "people.admin")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    return new_page(request, TeamForm, actions.add_team, _("New team"), _("Add team"), "people:teams")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_team(request: HttpRequest, pk: int) -> HttpResponse:
    return edit_page(request, get_object_or_404(Team, pk=pk), TeamForm, actions.edit_team, "team")


@requires("people.admin")
@require_POST
def remove_team(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Team, pk=pk)
    return remove_page(
        request, row, partial(actions.remove_record, record=row), "people:teams", "people.admin"
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_role_kind(request: HttpRequest) -> HttpResponse:
    return new_page(
        request,
        RoleKindForm,
        actions.add_role_kind,
        _("New kind of role"),
        _("Add kind"),
        "people:role_kinds",
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_role_kind(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(RoleKind, pk=pk)
    return edit_page(request, row, RoleKindForm, actions.edit_role_kind, "role_kind")


@requires("people.manage")
@require_POST
def remove_role_kind(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(RoleKind, pk=pk)
    remove = partial(actions.remove_role_kind, role_kind=row)
    return remove_page(request, row, remove, "people:role_kinds", "people.manage")


@requires("people.view")
@require_GET
def project_history(request: HttpRequest, pk: int) -> HttpResponse:
    return history_page(request, get_object_or_404(Project, pk=pk))


@requires("people.view")
@require_GET
def team_history(request: HttpRequest, pk: int) -> HttpResponse:
    return history_page(request, get_object_or_404(Team, pk=pk))


@requires("people.view")
@require_GET
def role_kind_history(request: HttpRequest, pk: int) -> HttpResponse:
    return history_page(request, get_object_or_404(RoleKind, pk=pk))


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def project_rules(request: HttpRequest) -> HttpResponse:
    """When Today tells of a project."""
    row = ProjectRules.current()

    def act(filled: ProjectRulesForm) -> str:
        actions.set_project_rules(actor=user_of(request), seen=filled.version, **filled.values())
        return reverse("people:projects")

    return answer_form(
        request,
        partial(ProjectRulesForm, instance=row),
        act,
        title=_("Rules for projects"),
        template="people/project_rules.html",
        submit=_("Save"),
        said=_("Saved."),
        cancel=reverse("people:projects"),
    )


@requires("people.view")
@require_GET
def project_rules_history(request: HttpRequest) -> HttpResponse:
    return history_page(request, ProjectRules.current())
