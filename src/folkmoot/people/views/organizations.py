"""Organisations: their pages, how they stand to each other, and the kinds they can be of."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.people import actions
from folkmoot.people.countries import country_name
from folkmoot.people.forms import OrganizationForm, OrganizationKindForm, RelationForm
from folkmoot.people.models import Organization, OrganizationKind, OrganizationRelation
from folkmoot.people.queries import organizations as queries
from folkmoot.people.queries import pages
from folkmoot.people.views.base import answer_action, answer_form, page_of, undo_url, user_of
from folkmoot.people.views.moved import follows_merges
from folkmoot.people.views.people import history_page, told_by_others
from folkmoot.people.views.records import day_asked, edit_page, new_page, remove_page, today_of


@requires("people.view")
@require_GET
@follows_merges(Organization)
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Organization, pk=pk)
    day = day_asked(request)
    context = {
        "organization": row,
        "record": row,
        "kind": "organisation",
        "day": day,
        "is_today": day == today_of(request),
        "people": pages.people_of(row, day),
        "kinds": list(row.kinds.all()),
        "domains": list(row.domains.all()),
        "country": country_name(row.country),
        "related": queries.related(row, day),
        "tags": list(row.tags.all()),
        "records": pages.records_of(row),
        **told_by_others(request, row),
    }
    return render(request, "people/organization.html", context)


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_organization(request: HttpRequest) -> HttpResponse:
    add = actions.add_organization
    return new_page(
        request, OrganizationForm, add, _("New organisation"), _("Add organisation"), "people:organizations"
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_organization(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Organization, pk=pk)
    return edit_page(request, row, OrganizationForm, actions.edit_organization, "organization")


@requires("people.admin")
@require_POST
def remove_organization(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Organization, pk=pk)
    remove = partial(actions.remove_record, record=row)
    return remove_page(request, row, remove, "people:organizations", "people.admin")


@requires("people.manage")
@require_POST
def archive_organization(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = get_object_or_404(Organization, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.archive_organization(organization=row, actor=user)
        text = _("%(name)s is archived: out of the lists, nothing is lost.") % {"name": row.name}
        return text, undo_url(user, undo) if undo.changes else ""

    return answer_action(request, act, page_of(row))


@requires("people.manage")
@require_POST
def unarchive_organization(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = get_object_or_404(Organization, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.unarchive_organization(organization=row, actor=user)
        text = _("%(name)s is back in the lists.") % {"name": row.name}
        return text, undo_url(user, undo) if undo.changes else ""

    return answer_action(request, act, page_of(row))


@requires("people.view")
@require_GET
def organization_history(request: HttpRequest, pk: int) -> HttpResponse:
    return history_page(request, get_object_or_404(Organization, pk=pk))


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_relation(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Organization, pk=pk)

    def act(form: RelationForm) -> str:
        actions.add_relation(organization=row, actor=user_of(request), **form.values())
        return page_of(row)

    return answer_form(
        request,
        RelationForm,
        act,
        title=_("How %(name)s stands to another organisation") % {"name": row.name},
        submit=_("Add"),
        cancel=page_of(row),
        about=row.name,
    )


def _relation(pk: int) -> OrganizationRelation:
    return get_object_or_404(OrganizationRelation.objects.select_related("organization", "other"), pk=pk)


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_relation(request: HttpRequest, pk: int) -> HttpResponse:
    row = _relation(pk)

    def act(form: RelationForm) -> str:
        actions.edit_relation(relation=row, actor=user_of(request), seen=form.version, **form.values())
        return page_of(row.organization)

    return answer_form(
        request,
        partial(RelationForm, instance=row),
        act,
        title=str(row),
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row.organization),
        about=row.organization.name,
    )


@requires("people.manage")
@require_POST
def remove_relation(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = _relation(pk), user_of(request)

    def act() -> tuple[str, str]:
        told = str(row)
        undo = actions.remove_relation(relation=row, actor=user)
        return _("“%(what)s” is removed.") % {"what": told}, undo_url(user, undo)

    return answer_action(request, act, page_of(row.organization))


@requires("people.view")
@require_GET
def organization_kinds(request: HttpRequest) -> HttpResponse:
    kinds = list(queries.organization_kinds())
    return render(request, "people/organization_kinds.html", {"kinds": kinds})


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_organization_kind(request: HttpRequest) -> HttpResponse:
    return new_page(
        request,
        OrganizationKindForm,
        actions.add_organization_kind,
        _("New kind of organisation"),
        _("Add kind"),
        "people:organization_kinds",
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_organization_kind(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(OrganizationKind, pk=pk)
    edit = actions.edit_organization_kind
    return edit_page(request, row, OrganizationKindForm, edit, "organization_kind")


@requires("people.manage")
@require_POST
def remove_organization_kind(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(OrganizationKind, pk=pk)
    remove = partial(actions.remove_organization_kind, organization_kind=row)
    return remove_page(request, row, remove, "people:organization_kinds", "people.manage")


@requires("people.view")
@require_GET
def organization_kind_history(request: HttpRequest, pk: int) -> HttpResponse:
    return history_page(request, get_object_or_404(OrganizationKind, pk=pk))
