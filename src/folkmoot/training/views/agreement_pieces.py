"""What belongs to an agreement: contacts, allowances, extensions, and the list of what used it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, FlagFilter, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.training.actions import agreements as actions
from folkmoot.training.actions import allowances, base
from folkmoot.training.addresses import agreement_page, event_page
from folkmoot.training.forms.agreements import AllowanceForm, ContactForm
from folkmoot.training.models import Agreement, AgreementContact, Allowance, Extension
from folkmoot.training.queries import agreement_pages as pages
from folkmoot.training.queries.lists import numbers
from folkmoot.training.views.base import undo_url

MANAGE = "training.manage"


def _agreement(pk: int) -> Agreement:
    return get_object_or_404(Agreement.objects.select_related("organization", "tier"), pk=pk)


class UseList(List):
    """What took something from one agreement."""

    key = "agreement_uses"
    title = _("What used it")
    columns = (
        Column("event", _("Event"), "title", link=lambda row: event_page(row.at_event), sort="title"),
        Column("person", _("Learner"), "task.person.name", sort="task__person__sort_key"),
        Column("benefit", _("Benefit"), "allowance.benefit.name", sort="allowance__benefit__order"),
        Column("amount", _("How many"), "amount", sort="amount", number=True),
        Column(
            "counts", _("Counts"), lambda row: _("yes") if row.counts else _("no, given back"), sort="counts"
        ),
        Column(
            "in_house",
            _("In-house"),
            lambda row: _("yes") if row.is_in_house else "",
            sort="is_in_house",
            shown=False,
        ),
        Column("when", _("Event begins"), "at", sort="at", template="people/cells/when.html"),
        Column("given", _("Given"), "given_at", sort="given_at", template="people/cells/when.html"),
        Column("reason", _("Why beyond"), "reason", sort="reason"),
    )
    filters = (
        FlagFilter("counts", _("Counts"), lambda qs, on: qs.filter(counts=on)),
        FlagFilter("beyond", _("Beyond what there was"), pages.beyond),
    )
    default_sort = "-given"
    search_label = _("Event or learner")
    empty = Empty(
        _("Nothing was taken yet"), _("Events and seats of learners stand here."), icon="ticket-perforated"
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        agreement: Agreement = context["agreement"]
        self.filters = (  # type: ignore[misc,assignment]
            ChoiceFilter(
                "allowance",
                _("Benefit"),
                lambda qs, ids: qs.filter(allowance__in=numbers(ids)),
                lambda: [
                    (str(pk), name)
                    for pk, name in Allowance.objects.filter(agreement=agreement)
                    .order_by("benefit__order", "pk")
                    .values_list("pk", "benefit__name")
                ],
            ),
            *type(self).filters,
        )

    def queryset(self) -> QuerySet[Any]:
        return pages.uses(self.context["agreement"]).select_related("allowance__benefit", "task__person")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return pages.found(queryset, words)


@requires("training.view")
def uses(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything that took something from an agreement, with filters and files."""
    return UseList(request, agreement=_agreement(pk)).respond("training/agreements/uses.html")


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Says who speaks for the other side."""
    row, user = _agreement(pk), user_of(request)

    def act(form: ContactForm) -> str:
        made = actions.add_contact(agreement=row, actor=user, **form.cleaned_data)
        words = _now("%(person)s: %(role)s.") % {"person": made.person.name, "role": made.role.name}
        toast(request, words, undo_url=undo_url(user, last_change(made), MANAGE))
        return agreement_page(pk)

    return answer_form(
        request,
        ContactForm,
        act,
        title=_now("Who speaks for %(holder)s") % {"holder": row.holder},
        submit=_now("Add"),
        cancel=agreement_page(pk),
        template="training/form.html",
    )


@requires(MANAGE)
@require_POST
def remove_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody speaks for the other side no more."""
    row = get_object_or_404(AgreementContact.objects.select_related("person"), pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.remove_contact(contact=row, actor=user)
        words = _now("%(person)s is no contact any more.") % {"person": row.person.name}
        return words, undo_url(user, undo, MANAGE)

    return answer_action(request, act, agreement_page(row.agreement_id))


@requires(MANAGE)
@require_POST
def remove_extension(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an extension back that was entered by mistake."""
    row = get_object_or_404(Extension, pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.remove_extension(extension=row, actor=user)
        return _now("The extension is taken back."), undo_url(user, undo, MANAGE)

    return answer_action(request, act, agreement_page(row.agreement_id))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_allowance(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds an allowance to an agreement."""
    row, user = _agreement(pk), user_of(request)

    def act(form: AllowanceForm) -> str:
        values: Any = form.values()
        made = allowances.save_allowance(agreement=row, values=values, actor=user)
        toast(request, _now("“%(name)s” is there.") % {"name": made.benefit.name})
        return agreement_page(pk)

    return answer_form(
        request,
        AllowanceForm,
        act,
        title=_now("What %(holder)s gets") % {"holder": row.holder},
        submit=_now("Add"),
        cancel=agreement_page(pk),
        template="training/form.html",
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit_allowance(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes how much of a benefit an agreement gives."""
    row = get_object_or_404(
        Allowance.objects.select_related("agreement__organization", "agreement__tier", "benefit"), pk=pk
    )
    user = user_of(request)

    def act(form: AllowanceForm) -> str:
        values: Any = form.values()
        saved = allowances.save_allowance(
            agreement=row.agreement, allowance=row, values=values, actor=user, seen=form.version
        )
        changed = base.current_version(saved) != form.version
        undo = undo_url(user, last_change(saved), MANAGE) if changed else ""
        toast(request, _now("Saved."), undo_url=undo)
        return agreement_page(row.agreement_id)

    return answer_form(
        request,
        partial(AllowanceForm, instance=row),
        act,
        title=_now("%(benefit)s of %(holder)s")
        % {"benefit": row.benefit.name, "holder": row.agreement.holder},
        submit=_now("Save"),
        cancel=agreement_page(row.agreement_id),
        template="training/piece.html",
        remove=reverse("training:remove_allowance", args=[pk]),
    )


@requires(MANAGE)
@require_POST
def remove_allowance(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes out an allowance from which nothing was taken."""
    row = get_object_or_404(Allowance.objects.select_related("benefit"), pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        undo = allowances.remove_allowance(allowance=row, actor=user)
        return _now("“%(name)s” is deleted.") % {"name": row.benefit.name}, undo_url(user, undo, MANAGE)

    return answer_action(request, act, agreement_page(row.agreement_id))
