"""The list of agreements, and the pages of one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.panels import Panels
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.rows import together
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, FlagFilter, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.people.public import Asked, Organization, country_name
from folkmoot.training.actions import agreements as actions
from folkmoot.training.actions import base
from folkmoot.training.addresses import agreement_page
from folkmoot.training.forms.agreements import AgreementForm, ExtendForm, RenewForm
from folkmoot.training.models import Agreement, AgreementKind, Standing
from folkmoot.training.queries import agreement_pages as pages
from folkmoot.training.queries import agreements as queries
from folkmoot.training.queries.lists import numbers, owned_by
from folkmoot.training.views.base import history_page, undo_url

MANAGE = "training.manage"


def _within(days: int) -> tuple[str, Any]:
    return str(days), ngettext_lazy("%(n)d day", "%(n)d days", days) % {"n": days}


class AgreementList(List):
    """What was agreed with members and partners."""

    key = "agreements"
    title = _("Agreements")
    columns = (
        Column("holder", _("Held by"), "holder", link=lambda row: agreement_page(row.pk), sort="held_by"),
        Column("tier", _("Tier"), "tier.name", sort="tier__order,tier__name"),
        Column("kind", _("Kind"), "get_kind_display", sort="kind"),
        Column(
            "standing",
            _("Stands"),
            lambda row: row.standing.label,
            template="training/cells/standing.html",
        ),
        Column("starts", _("From"), "starts_on", sort="starts_on", template="people/cells/day.html"),
        Column("ends", _("To"), "last_day", sort="last_day", template="people/cells/day.html"),
        Column("left", _("What is left"), queries.balances_words),
        Column(
            "country",
            _("Country"),
            lambda row: country_name(row.organization.country) if row.organization.country else "",
            sort="organization__country",
        ),
        Column("owner", _("Whose"), "owner.name", sort="owner__name"),
        Column(
            "organization",
            _("Main organisation"),
            "organization.name",
            sort="organization__folded",
            shown=False,
        ),
        Column("code", _("Code"), "code", shown=False),
        Column("agreed", _("Agreed until"), "ends_on", sort="ends_on", shown=False),
        Column(
            "contribution", _("What they give"), "get_contribution_display", sort="contribution", shown=False
        ),
        Column(
            "public",
            _("In the public list"),
            lambda row: _("yes") if row.is_public else _("no"),
            sort="is_public",
            shown=False,
        ),
        Column("document", _("Document"), "document_url", shown=False),
        Column("source", _("Source"), "source", sort="source", shown=False),
    )
    tabs = (
        (_("Running"), "standing=running&sort=ends"),
        (_("To renew"), "within=60&renewed=0&sort=ends"),
        (_("Over-used"), "over=1"),
        (_("Mine"), "mine=1"),
        (_("Over"), "standing=over,grace"),
    )
    default_sort = "-starts"
    search_label = _("Organisation, consortium, code, contact")
    empty = Empty(
        _("No agreements yet"),
        _(
            "What was agreed with members and partners stands here: seats, workshops, credits, and what is left."
        ),
        _("New agreement"),
        "training:new_agreement",
        MANAGE,
        icon="file-earmark-text",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        user = request.user
        self.filters = (  # type: ignore[misc]
            ChoiceFilter("standing", _("Stands"), queries.stands, Standing.choices),
            ChoiceFilter(
                "tier", _("Tier"), lambda qs, slugs: qs.filter(tier__slug__in=slugs), queries.tier_choices
            ),
            ChoiceFilter(
                "kind", _("Kind"), lambda qs, kinds: qs.filter(kind__in=kinds), AgreementKind.choices
            ),
            ChoiceFilter(
                "within",
                _("Ends within"),
                queries.ends_within,
                [_within(days) for days in (14, 30, 60, 90, 180)],
                many=False,
            ),
            FlagFilter("over", _("Over-used"), lambda qs, on: qs.filter(is_over_used=on)),
            FlagFilter("renewed", _("Renewed"), lambda qs, on: qs.filter(is_renewed=on)),
            ChoiceFilter(
                "country",
                _("Country"),
                lambda qs, codes: qs.filter(organization__country__in=codes),
                queries.country_choices,
            ),
            ChoiceFilter("owner", _("Whose"), owned_by, queries.owner_choices),
            FlagFilter(
                "mine", _("Mine"), lambda qs, on: qs.filter(owner=user) if on else qs.exclude(owner=user)
            ),
            FlagFilter("public", _("In the public list"), lambda qs, on: qs.filter(is_public=on)),
        )

    def queryset(self) -> QuerySet[Any]:
        return queries.agreements()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queries.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        queries.with_balances(rows)


@requires("training.view")
def agreements(request: HttpRequest) -> HttpResponseBase:
    """All agreements, with filters, saved views and files."""
    return AgreementList(request).respond("training/agreements/list.html")


@requires("training.view")
@require_GET
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: what it gives, what used it, who speaks for it, what happened."""
    user = user_of(request)
    row = pages.read(pk)
    if row is None:
        raise Http404
    asked = Asked(
        user, row, group=request.GET.get("about", "")[:60], before=request.GET.get("before", "")[:200]
    )
    cards = Panels(user, row)
    rows = together({**asked.rows(), **cards.rows(), **pages.rows_of(row)})
    context = {
        "agreement": row,
        "record": row,
        "page": pages.agreement_page(row, rows),
        "standing": row.standing,
        "panels": cards.told(rows),
        "timeline": asked.told(rows),
        "is_first_page": not request.GET.get("before"),
    }
    return render(request, "training/agreements/agreement.html", context)


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enters an agreement."""
    user = user_of(request)
    given = numbers([request.GET.get("organization", "")])
    organization = Organization.objects.filter(pk__in=given).first()

    def make(*args: Any) -> AgreementForm:
        return AgreementForm(*args, initial={"organization": organization.name if organization else ""})

    def act(form: AgreementForm) -> str:
        values: Any = form.values()
        return agreement_page(actions.save_agreement(values=values, actor=user).pk)

    return answer_form(
        request,
        make,
        act,
        title=_now("New agreement"),
        submit=_now("Add agreement"),
        cancel=reverse("training:agreements"),
        template="training/form.html",
        draft="agreement-new",
    )


def _row(pk: int) -> Agreement:
    return get_object_or_404(Agreement.objects.select_related("organization", "tier"), pk=pk)


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what is said of an agreement."""
    row, user = _row(pk), user_of(request)

    def act(form: AgreementForm) -> str:
        values: Any = form.values()
        saved = actions.save_agreement(agreement=row, values=values, actor=user, seen=form.version)
        changed = base.current_version(saved) != form.version
        toast(request, _now("Saved."), undo_url=undo_url(user, last_change(saved), MANAGE) if changed else "")
        return agreement_page(pk)

    return answer_form(
        request,
        partial(AgreementForm, instance=row),
        act,
        title=_now("Edit the agreement of %(holder)s") % {"holder": row.holder},
        submit=_now("Save"),
        cancel=agreement_page(pk),
        template="training/form.html",
    )


@requires("training.view")
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of an agreement, its allowances, contacts, codes and extensions."""
    row = _row(pk)
    return history_page(request, row, agreement_page(row.pk))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes an agreement longer."""
    row, user = _row(pk), user_of(request)

    def act(form: ExtendForm) -> str:
        undo = actions.extend(agreement=row, actor=user, **form.cleaned_data)
        days = form.cleaned_data["days"]
        words = ngettext("It lasts %(n)d day longer.", "It lasts %(n)d days longer.", days) % {"n": days}
        toast(request, words, undo_url=undo_url(user, undo, MANAGE))
        return agreement_page(pk)

    return answer_form(
        request,
        ExtendForm,
        act,
        title=_now("Make the agreement of %(holder)s longer") % {"holder": row.holder},
        about=_now("It ends on %(day)s.") % {"day": base.day(row.last_day)},
        submit=_now("Extend"),
        cancel=agreement_page(pk),
        template="training/form.html",
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes the agreement that follows."""
    row, user = _row(pk), user_of(request)

    def act(form: RenewForm) -> str:
        said = form.cleaned_data
        undo = actions.renew(
            agreement=row,
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            tier=said["tier"],
            code=said["code"],
            with_contacts=said["with_contacts"],
            rolled=form.rolled(),
            actor=user,
        )
        toast(request, _now("Renewed: this is the next agreement."), undo_url=undo_url(user, undo, MANAGE))
        return agreement_page(undo.changes[0].pk)

    return answer_form(
        request,
        partial(RenewForm, agreement=row),
        act,
        title=_now("Renew the agreement of %(holder)s") % {"holder": row.holder},
        submit=_now("Renew"),
        cancel=agreement_page(pk),
        template="training/form.html",
    )


@requires(MANAGE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes out an agreement that was entered by mistake."""
    row, user = _row(pk), user_of(request)
    gone: list[str] = []

    @transaction.atomic
    def act() -> tuple[str, str]:
        undo = actions.remove_agreement(agreement=row, actor=user)
        gone.append(reverse("training:agreements"))
        return _now("The agreement of %(holder)s is taken out.") % {"holder": row.holder}, undo_url(
            user, undo, MANAGE
        )

    response = answer_action(request, act, agreement_page(pk))
    if gone:
        response["Location"] = gone[0]
    return response
