"""Claims of records, and requests to be forgotten: the queues of those who manage people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, List
from folkmoot.people.actions import claims as claiming
from folkmoot.people.actions import erasure as erasing
from folkmoot.people.forms.consents import CarryOutForm, ErasureRequestForm, ReasonForm
from folkmoot.people.models import Claim, Erasure, Person
from folkmoot.people.queries.erasure import erasures as all_erasures
from folkmoot.people.queries.erasure import kept_in_words, what_goes
from folkmoot.people.systems import system_label
from folkmoot.people.views.base import answer_action, answer_form, page_of, user_of


class ClaimList(List):
    """Who says that a record is theirs."""

    key = "claims"
    title = _("Claims")
    columns = (
        Column(
            "person",
            _("Record"),
            "person.name",
            link=lambda row: page_of(row.person),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("user", _("Who asks"), value=lambda row: str(row.user), sort="user__email"),
        Column("email", _("Signs in as"), "user.email", shown=False),
        Column("message", _("How one can tell"), "message"),
        Column(
            "proof",
            _("Proven by"),
            value=lambda row: system_label(row.proof) if row.proof else "",
            sort="proof",
        ),
        Column("state", _("State"), value=lambda row: row.get_state_display(), sort="state"),
        Column("reason", _("Reason"), "reason", shown=False),
        Column("made", _("Asked"), "made_at", sort="made_at", template="people/cells/when.html"),
        Column("decide", _("Decide"), "state", template="people/cells/claim.html", export=lambda row: ""),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=lambda: Claim.State.choices,
            apply=lambda rows, states: rows.filter(state__in=states),
        ),
    )
    tabs = ((_("Waiting"), "state=open"),)
    default_sort = "-made"
    search_label = _("Name or e-mail")
    empty = Empty(
        _("Nobody asked for a record"),
        _("Members who sign in and find that a record is theirs, without a proof, ask here."),
        icon="person-badge",
    )

    def queryset(self) -> QuerySet[Any]:
        return Claim.objects.select_related("person", "user", "decided_by")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(person__name__icontains=words)
            | Q(user__email__icontains=words)
            | Q(user__name__icontains=words)
        )


@requires("people.manage")
def claims(request: HttpRequest) -> HttpResponseBase:
    return ClaimList(request).respond("people/plain_list.html")


def _claims() -> str:
    return f"{reverse('people:claims')}?state=open"


@requires("people.manage")
@require_POST
def grant_claim(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Claim.objects.select_related("person", "user"), pk=pk)
    user = user_of(request)
    if row.user_id == user.pk:
        raise PermissionDenied("people.manage")

    def act() -> tuple[str, str]:
        claiming.decide_claim(claim=row, granted=True, actor=user)
        told = _now("%(record)s is %(who)s's now; they are told by mail.")
        return told % {"record": row.person.name, "who": row.user}, reverse(
            "people:release_record", args=[row.person_id]
        )

    return answer_action(request, act, _claims())


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def refuse_claim(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Claim.objects.select_related("person", "user"), pk=pk)
    if row.user_id == user_of(request).pk:
        raise PermissionDenied("people.manage")

    def act(form: ReasonForm) -> str:
        claiming.decide_claim(
            claim=row, granted=False, reason=form.cleaned_data["reason"], actor=user_of(request)
        )
        return _claims()

    return answer_form(
        request,
        ReasonForm,
        act,
        title=_now("Refuse the claim of %(who)s") % {"who": row.user},
        submit=_now("Refuse"),
        cancel=_claims(),
        said=_now("Refused; they are told by mail."),
    )


@requires("people.manage")
@require_POST
def release_record(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)

    def act() -> tuple[str, str]:
        claiming.release(person=person, actor=user_of(request))
        return _now("%(name)s belongs to no account now.") % {"name": person.name}, ""

    return answer_action(request, act, page_of(person))


def limit_of(row: Erasure) -> dt.datetime:
    """By when a request has to be answered (UTC)."""
    return row.asked_at + dt.timedelta(days=erasing.LEGAL_DAYS)


class ErasureList(List):
    """Who asked to be forgotten, and what was done."""

    key = "erasures"
    title = _("Requests to be forgotten")
    columns = (
        Column(
            "person",
            _("Record"),
            "person.name",
            link=lambda row: reverse("people:erasure", args=[row.pk]),
            sort="person__sort_key",
        ),
        Column("state", _("State"), value=lambda row: row.get_state_display(), sort="state"),
        Column("asked", _("Asked"), "asked_at", sort="asked_at", template="people/cells/when.html"),
        Column(
            "limit",
            _("By law until"),
            value=lambda row: limit_of(row) if row.state == Erasure.State.ASKED else None,
            template="people/cells/when.html",
        ),
        Column("reason", _("Reason"), "reason"),
        Column("decided", _("Decided"), "decided_at", sort="decided_at", template="people/cells/when.html"),
        Column("by", _("By"), value=lambda row: str(row.decided_by or ""), shown=False),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=lambda: Erasure.State.choices,
            apply=lambda rows, states: rows.filter(state__in=states),
        ),
    )
    tabs = ((_("Waiting"), "state=asked"),)
    default_sort = "-asked"
    empty = Empty(
        _("Nobody asked to be forgotten"),
        _("Members ask on their own page; what arrives by mail is written down on the person's page."),
        icon="eraser",
    )

    def queryset(self) -> QuerySet[Any]:
        return all_erasures()


@requires("people.manage")
def erasures(request: HttpRequest) -> HttpResponseBase:
    return ErasureList(request).respond("people/plain_list.html")


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def erasure(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(all_erasures(), pk=pk)
    is_open = row.state == Erasure.State.ASKED

    def act(form: CarryOutForm) -> str:
        erasing.carry_out(erasure=row, actor=user_of(request), confirmed=form.cleaned_data["confirmed"])
        return reverse("people:erasure", args=[row.pk])

    return answer_form(
        request,
        CarryOutForm,
        act,
        title=_now("Forget %(name)s") % {"name": row.person.name} if is_open else row.person.name,
        submit=_now("Forget for good"),
        cancel=reverse("people:erasures"),
        said=_now("Done. What was removed and what is kept stands below."),
        template="people/erasure.html",
        erasure=row,
        is_open=is_open,
        limit=limit_of(row),
        plan=what_goes(row.person) if is_open else None,
        removed=sorted(row.outcome.get("removed", {}).items()),
        kept=kept_in_words(row),
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def refuse_erasure(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(all_erasures(), pk=pk)

    def act(form: ReasonForm) -> str:
        erasing.refuse_erasure(erasure=row, reason=form.cleaned_data["reason"], actor=user_of(request))
        return reverse("people:erasures")

    return answer_form(
        request,
        ReasonForm,
        act,
        title=_now("Refuse to forget %(name)s") % {"name": row.person.name},
        submit=_now("Refuse"),
        cancel=reverse("people:erasure", args=[row.pk]),
        said=_now("Refused; they are told by mail."),
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def ask_erasure(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)

    def act(form: ErasureRequestForm) -> str:
        made = erasing.ask_erasure(person=person, actor=user_of(request), reason=form.cleaned_data["reason"])
        return reverse("people:erasure", args=[made.pk])

    return answer_form(
        request,
        ErasureRequestForm,
        act,
        title=_now("%(name)s asked to be forgotten") % {"name": person.name},
        submit=_now("Write it down"),
        cancel=page_of(person),
        said=_now("Written down."),
        about=person.name,
    )
