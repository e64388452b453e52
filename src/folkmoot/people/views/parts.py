"""What hangs on a person: handles and addresses."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.people import actions
from folkmoot.people.actions import NewIdentity
from folkmoot.people.forms import (
    IdentityForm,
)
from folkmoot.people.models import Identity, Person
from folkmoot.people.views.base import answer_action, answer_form, page_of, undo_url, user_of


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_identity(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)

    def act(form: IdentityForm) -> str:
        actions.add_identity(person=person, new=NewIdentity(**form.values()), actor=user_of(request))
        return page_of(person)

    return answer_form(
        request,
        IdentityForm,
        act,
        title=_("Another handle or address"),
        submit=_("Add"),
        cancel=page_of(person),
        about=person.name,
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_identity(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Identity.objects.select_related("person"), pk=pk)

    def act(form: IdentityForm) -> str:
        actions.edit_identity(identity=row, actor=user_of(request), seen=form.version, **form.values())
        return page_of(row.person)

    return answer_form(
        request,
        partial(IdentityForm, instance=row),
        act,
        title=_("Edit %(name)s") % {"name": row.value},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row.person),
        about=row.person.name,
    )


@requires("people.manage")
@require_POST
def remove_identity(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = get_object_or_404(Identity.objects.select_related("person"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.remove_identity(identity=row, actor=user)
        return _("%(handle)s is removed.") % {"handle": row.value}, undo_url(user, undo)

    return answer_action(request, act, page_of(row.person))
