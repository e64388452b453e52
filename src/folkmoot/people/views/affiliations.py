"""Who belongs to which organisation."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people import actions
from folkmoot.people.forms import (
    AffiliationForm,
)
from folkmoot.people.models import Affiliation, Organization, Person
from folkmoot.people.queries.organizations import overlapping
from folkmoot.people.views.base import answer_action, answer_form, page_of, undo_url, user_of


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_affiliation(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)

    def act(form: AffiliationForm) -> str:
        row = actions.add_affiliation(person=person, actor=user_of(request), **form.values())
        _warn(request, row)
        return page_of(person)

    return answer_form(
        request,
        partial(AffiliationForm, initial={"organization": request.GET.get("organisation", "")[:200]}),
        act,
        title=_("Where %(name)s belongs") % {"name": person.name},
        submit=_("Add"),
        cancel=page_of(person),
        about=person.name,
    )


def _warn(request: HttpRequest, row: Affiliation) -> None:
    """Two affiliations with one organisation on one day are mostly a slip; what is done that day counts once there."""
    others = overlapping(row)
    if others:
        words = {"name": row.person.name, "organization": row.organization.name, "when": dates(others[0])}
        text = _(
            "%(name)s belongs to %(organization)s twice on some days: also %(when)s. Look whether both are right."
        )
        toast(request, text % words, failed=True)


def dates(row: Affiliation) -> str:
    """From when to when, in words."""
    if row.started_on and row.ended_on:
        return f"{times.day(row.started_on)} – {times.day(row.ended_on)}"
    if row.started_on:
        return _("since %(day)s") % {"day": times.day(row.started_on)}
    return _("until %(day)s") % {"day": times.day(row.ended_on)} if row.ended_on else _("without dates")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_affiliation(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Affiliation.objects.select_related("person", "organization"), pk=pk)

    def act(form: AffiliationForm) -> str:
        saved = actions.edit_affiliation(
            affiliation=row, actor=user_of(request), seen=form.version, **form.values()
        )
        _warn(request, saved)
        return page_of(row.person)

    return answer_form(
        request,
        partial(AffiliationForm, instance=row),
        act,
        title=_("%(person)s at %(organization)s") % {"person": row.person, "organization": row.organization},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row.person),
        about=row.person.name,
    )


@requires("people.manage")
@require_POST
def remove_affiliation(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Affiliation.objects.select_related("person", "organization")
    row, user = get_object_or_404(rows, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.remove_affiliation(affiliation=row, actor=user)
        return _("%(name)s is removed.") % {"name": row.organization}, undo_url(user, undo)

    return answer_action(request, act, page_of(row.person))


@requires("people.manage")
@require_POST
def dismiss_affiliation(request: HttpRequest, pk: int, organization: int) -> HttpResponse:
    """A suggested organisation is none of theirs; it is not suggested again."""
    person, user = get_object_or_404(Person, pk=pk), user_of(request)
    row = get_object_or_404(Organization, pk=organization)

    def act() -> tuple[str, str]:
        undo = actions.dismiss_affiliation(person=person, organization=row, actor=user)
        text = _("%(organization)s will not be suggested for %(person)s again.")
        return text % {"organization": row, "person": person}, undo_url(user, undo) if undo.changes else ""

    return answer_action(request, act, page_of(person))
