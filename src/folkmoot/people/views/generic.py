"""Settings: names and mailboxes that many share."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold_accents
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.ui.undoing import Undoing
from folkmoot.people import jobs
from folkmoot.people.actions import generic as actions
from folkmoot.people.forms.generic import GenericForm
from folkmoot.people.models import GenericValue
from folkmoot.people.views.base import answer_form, back, user_of

UNDOING = Undoing("people.generic", "people:undo_generic")


def undo_address(user: Any, values: list[actions.Value], *, there: bool) -> str:
    """The address that puts values back on the list, or takes them off it; good for this user and one day."""
    return UNDOING.address(user, "people.manage", values=values, there=there)


def remove_many(*, user: Any, queryset: QuerySet[GenericValue]) -> Done:
    """Take the selected values off the list, with an undo."""
    done = actions.remove_generic(rows=list(queryset.values_list("pk", flat=True)), actor=user)
    text = ngettext("%(n)d value is off the list.", "%(n)d values are off the list.", len(done)) % {
        "n": len(done)
    }
    return Done(text, undo_address(user, done, there=True))


class GenericList(List):
    """What never counts as a reason to take two records for one."""

    key = "generic"
    title = _("Shared names and mailboxes")
    columns = (
        Column("value", _("Value"), "value", sort="folded"),
        Column("kind", _("Kind"), lambda row: row.get_kind_display(), sort="kind,folded"),
    )
    filters = (
        ChoiceFilter(
            "kind",
            _("Kind"),
            lambda rows, chosen: rows.filter(kind__in=chosen),
            choices=GenericValue.Kind.choices,
        ),
    )
    bulk_actions = (BulkAction("remove", _("Take off the list"), "people.manage", remove_many, icon="trash"),)
    default_sort = "kind"
    empty = Empty(
        _("Nothing is listed"),
        _("Names such as “Admin” and mailboxes such as info@, which say nothing about who somebody is."),
        _("Add values"),
        "people:new_generic",
        "people.manage",
    )

    def queryset(self) -> QuerySet[Any]:
        return GenericValue.objects.all()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(folded__contains=fold_accents(words))


@requires("people.manage")
def generic_values(request: HttpRequest) -> HttpResponseBase:
    """The list."""
    return GenericList(request).respond("people/generic.html")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_generic(request: HttpRequest) -> HttpResponse:
    """Add values, one on each line."""
    user = user_of(request)

    def act(form: GenericForm) -> str:
        done = actions.add_generic(
            kind=form.cleaned_data["kind"], values=form.cleaned_data["values"].splitlines(), actor=user
        )
        text = ngettext("%(n)d value is new on the list.", "%(n)d values are new on the list.", len(done))
        undo = undo_address(user, done, there=False) if done else ""
        toast(request, text % {"n": len(done)}, undo_url=undo)
        return reverse("people:generic_values")

    return answer_form(
        request,
        GenericForm,
        act,
        title=_now("Add shared names or mailboxes"),
        submit=_now("Add"),
        cancel=reverse("people:generic_values"),
    )


@requires("people.manage")
@require_POST
def undo_generic(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what the toast told of."""
    user = user_of(request)
    try:
        payload = UNDOING.read(user, token)
        actions.put_back_generic(values=payload["values"], there=payload["there"], actor=user)
        toast(request, _now("Undone."))
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
    return back(request, reverse("people:generic_values"))


@requires("people.manage")
@require_POST
def find_candidates(request: HttpRequest) -> HttpResponse:
    """Look for records that may be one, now."""
    job = jobs.find_now(everything=False, created_by=user_of(request))
    toast(request, _now("Looking for records that may be one: job %(number)d.") % {"number": job.pk})
    return back(request, reverse("people:generic_values"))
