"""The pages of one person."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.panels import Panels
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.rows import together
from folkmoot.people import actions
from folkmoot.people.actions import NewIdentity
from folkmoot.people.forms import NewPersonForm, PersonForm
from folkmoot.people.models import Person
from folkmoot.people.queries.history import history
from folkmoot.people.queries.pages import person_page
from folkmoot.people.queries.timeline import Asked
from folkmoot.people.views.base import answer_action, answer_form, page_of, undo_bulk_url, undo_url, user_of
from folkmoot.people.views.moved import follows_merges

HISTORY_PAGE = 100


@requires("people.view")
@require_GET
@follows_merges(Person)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Person.objects.prefetch_related("identities"), pk=pk)
    return render(
        request,
        "people/person.html",
        {
            "person": row,
            "page": person_page(row),
            "kind": "person",
            **told_by_others(request, row),
        },
    )


def told_by_others(request: HttpRequest, record: Any) -> dict[str, Any]:
    """What ``people/parts/timeline.html`` and ``people/parts/panels.html`` need: what other apps know of the record, in
    one query.
    """
    user = user_of(request)
    asked = Asked(
        user,
        record,
        group=request.GET.get("about", "")[:60],
        before=request.GET.get("before", "")[:200],
    )
    panels = Panels(user, record)
    rows = together({**asked.rows(), **panels.rows()})
    return {
        "timeline": asked.told(rows),
        "is_first_page": not request.GET.get("before"),
        "panels": panels.told(rows),
    }


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    def act(form: NewPersonForm) -> str:
        values = form.values()
        system, value, token = values.pop("system"), values.pop("value"), values.pop("token")
        known = [NewIdentity(system=system, value=value)] if value else []
        made = actions.add_person(actor=user_of(request), identities_known=known, token=token, **values)
        return page_of(made)

    return answer_form(
        request,
        NewPersonForm,
        act,
        title=_("New person"),
        submit=_("Add person"),
        cancel=reverse("people:people"),
        draft="people-new",
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_person(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Person, pk=pk)

    def act(form: PersonForm) -> str:
        actions.edit_person(person=row, actor=user_of(request), seen=form.version, **form.values())
        return page_of(row)

    return answer_form(
        request,
        partial(PersonForm, instance=row),
        act,
        title=_("Edit %(name)s") % {"name": row.name},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row),
        about=row.name,
    )


@requires("people.manage")
@require_POST
def archive_person(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = get_object_or_404(Person, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        done = actions.archive_people(people=[pk], actor=user)
        undo = undo_bulk_url(user, "unarchive", "person", done, "people.manage") if done else ""
        return _("%(name)s is archived: out of the lists, nothing is lost.") % {"name": row.name}, undo

    return answer_action(request, act, page_of(row))


@requires("people.manage")
@require_POST
def unarchive_person(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = get_object_or_404(Person, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        done = actions.unarchive_people(people=[pk], actor=user)
        undo = undo_bulk_url(user, "archive", "person", done, "people.manage") if done else ""
        return _("%(name)s is back in the lists.") % {"name": row.name}, undo

    return answer_action(request, act, page_of(row))


@requires("people.admin")
@require_POST
def remove_person(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = get_object_or_404(Person, pk=pk), user_of(request)
    gone: list[str] = []

    def act() -> tuple[str, str]:
        undo = undo_url(user, actions.remove_person(person=row, actor=user), "people.admin")
        gone.append(row.name)
        return _("%(name)s is deleted.") % {"name": row.name}, undo

    response = answer_action(request, act, page_of(row))
    if gone:
        response["Location"] = reverse("people:people")
    return response


@requires("people.view")
@require_GET
def person_history(request: HttpRequest, pk: int) -> HttpResponse:
    return history_page(request, get_object_or_404(Person, pk=pk))


def history_page(request: HttpRequest, record: Any) -> HttpResponse:
    """Who changed what of a record; notes only for those who may read notes."""
    typed = request.GET.get("page", "")
    number = min(max(int(typed), 1), 1000) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1
    entries, more = history(
        record,
        with_notes=user_of(request).has_perm("people.view_notes"),
        limit=HISTORY_PAGE,
        offset=(number - 1) * HISTORY_PAGE,
    )
    return render(
        request,
        "people/history.html",
        {
            "record": record,
            "record_url": page_of(record),
            "entries": entries,
            "newer": number - 1,
            "older": number + 1 if more else 0,
        },
    )
