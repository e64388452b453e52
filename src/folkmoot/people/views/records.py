"""Organisations, projects, teams, kinds of role."""

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

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.people import actions
from folkmoot.people.forms import OrganizationForm, ProjectForm, RoleKindForm, TeamForm
from folkmoot.people.models import Organization, Project, RoleKind, Team
from folkmoot.people.queries import lists, pages
from folkmoot.people.views.base import answer_action, answer_form, page_of, undo_url, user_of
from folkmoot.people.views.people import history_page, panels, timeline_context


def day_asked(request: HttpRequest) -> dt.date:
    """The day in the address (``?on=2026-05-01``), today when it is none."""
    try:
        return dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return clock.today()


@requires("people.view")
@require_GET
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Organization, pk=pk)
    day = day_asked(request)
    context = {
        "organization": row,
        "record": row,
        "kind": "organisation",
        "day": day,
        "is_today": day == clock.today(),
        "people": pages.people_of(row, day),
        "tags": list(row.tags.all()),
        "records": pages.records_of(row),
        "panels": panels(request, row),
        **timeline_context(request, row),
    }
    return render(request, "people/organization.html", context)


@requires("people.view")
@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Project, pk=pk)
    day = day_asked(request)
    context = {
        "project": row,
        "record": row,
        "kind": "project",
        "day": day,
        "is_today": day == clock.today(),
        "members": pages.members(row, day),
        "tags": list(row.tags.all()),
        "records": pages.records_of(row),
        "panels": panels(request, row),
        **timeline_context(request, row),
    }
    return render(request, "people/project.html", context)


@requires("people.view")
@require_GET
def team(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Team, pk=pk)
    day = day_asked(request)
    context = {
        "team": row,
        "record": row,
        "day": day,
        "is_today": day == clock.today(),
        "members": pages.members(row, day),
        "panels": panels(request, row),
    }
    return render(request, "people/team.html", context)


@requires("people.view")
@require_GET
def role_kinds(request: HttpRequest) -> HttpResponse:
    day = day_asked(request)
    kinds = list(lists.role_kinds(day))
    return render(
        request, "people/role_kinds.html", {"kinds": kinds, "day": day, "is_today": day == clock.today()}
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
        "is_today": day == clock.today(),
        "terms": terms[: pages.SHOWN],
        "more": len(terms) > pages.SHOWN,
    }
    return render(request, "people/role_kind.html", context)


def _new(
    request: HttpRequest, form: Any, add: Callable[..., Any], title: str, submit: str, cancel: str
) -> HttpResponse:
    def act(filled: Any) -> str:
        return page_of(add(actor=user_of(request), **filled.values()))

    return answer_form(request, form, act, title=title, submit=submit, cancel=reverse(cancel))


def _edit(request: HttpRequest, row: Any, form: Any, edit: Callable[..., Any], name: str) -> HttpResponse:
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


def _remove(
    request: HttpRequest, row: Any, remove: Callable[..., Any], fallback: str, permission: str
) -> HttpResponse:
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
def new_organization(request: HttpRequest) -> HttpResponse:
    add = actions.add_organization
    return _new(
        request, OrganizationForm, add, _("New organisation"), _("Add organisation"), "people:organizations"
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_organization(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Organization, pk=pk)
    return _edit(request, row, OrganizationForm, actions.edit_organization, "organization")


@requires("people.admin")
@require_POST
def remove_organization(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Organization, pk=pk)
    remove = partial(actions.remove_record, record=row)
    return _remove(request, row, remove, "people:organizations", "people.admin")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    return _new(
        request, ProjectForm, actions.add_project, _("New project"), _("Add project"), "people:projects"
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_project(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Project, pk=pk)
    return _edit(request, row, ProjectForm, actions.edit_project, "project")


@requires("people.admin")
@require_POST
def remove_project(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Project, pk=pk)
    remove = partial(actions.remove_record, record=row)
    return _remove(request, row, remove, "people:projects", "people.admin")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    return _new(request, TeamForm, actions.add_team, _("New team"), _("Add team"), "people:teams")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_team(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Team, pk=pk), TeamForm, actions.edit_team, "team")


@requires("people.admin")
@require_POST
def remove_team(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Team, pk=pk)
    return _remove(request, row, partial(actions.remove_record, record=row), "people:teams", "people.admin")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_role_kind(request: HttpRequest) -> HttpResponse:
    return _new(
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
    return _edit(request, row, RoleKindForm, actions.edit_role_kind, "role_kind")


@requires("people.manage")
@require_POST
def remove_role_kind(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(RoleKind, pk=pk)
    remove = partial(actions.remove_role_kind, role_kind=row)
    return _remove(request, row, remove, "people:role_kinds", "people.manage")


@requires("people.view")
@require_GET
def organization_history(request: HttpRequest, pk: int) -> HttpResponse:
    return history_page(request, get_object_or_404(Organization, pk=pk))


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
