"""Consents as those who manage people see them: who said what, the words, and writing down what was said elsewhere."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold_accents
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, DateFilter, Empty, FlagFilter, List, TextFilter
from folkmoot.people.actions import consents as actions
from folkmoot.people.forms.consents import ConsentKindForm, ConsentTextForm, RecordConsentForm
from folkmoot.people.models import Consent, ConsentKind, Person
from folkmoot.people.queries import consents as queries
from folkmoot.people.views.base import answer_action, answer_form, page_of, user_of


def _kinds() -> list[tuple[str, str]]:
    return list(ConsentKind.objects.values_list("slug", "name"))


def _source(row: Consent) -> str:
    return {
        actions.BY_THEMSELF: _now("by themselves"),
        actions.UNSUBSCRIBED: _now("by a click in a mail"),
    }.get(row.source, row.source)


def _since(rows: QuerySet[Any], day: dt.date) -> QuerySet[Any]:
    return rows.filter(decided_at__gte=clock.start_of_day(day))


class ConsentList(List):
    """Who said what, when, to which words."""

    key = "consents"
    title = _("Consents")
    columns = (
        Column(
            "person",
            _("Person"),
            "person.name",
            link=lambda row: page_of(row.person),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("kind", _("About what"), "kind.name", sort="kind__order"),
        Column(
            "given", _("Said"), value=lambda row: _now("yes") if row.is_given else _now("no"), sort="is_given"
        ),
        Column("version", _("Version of the words"), "text.version", number=True),
        Column("when", _("When"), "decided_at", sort="decided_at", template="people/cells/when.html"),
        Column("source", _("Where"), value=_source, sort="source"),
        Column("note", _("Note"), "note"),
        Column("by", _("Written down by"), value=lambda row: str(row.recorded_by or ""), shown=False),
        Column(
            "newest",
            _("Holds the last word"),
            value=lambda row: _now("yes") if row.is_newest else _now("no"),
            shown=False,
        ),
    )
    filters = (
        ChoiceFilter(
            "kind",
            _("About what"),
            choices=_kinds,
            apply=lambda rows, slugs: rows.filter(kind__slug__in=slugs),
        ),
        FlagFilter(
            "given", _("Said"), apply=lambda rows, on: rows.filter(is_given=on), yes=_("yes"), no=_("no")
        ),
        FlagFilter(
            "newest",
            _("Last word"),
            apply=lambda rows, on: rows.filter(is_newest=True) if on else rows,
            default=True,
            yes=_("of each person"),
            no=_("all that was said"),
        ),
        DateFilter("since", _("Since"), apply=_since),
        TextFilter("source", _("Where"), apply=lambda rows, text: rows.filter(source__icontains=text)),
    )
    default_sort = "-when"
    search_label = _("Name")
    empty = Empty(
        _("Nobody said anything yet"),
        _("What people agree to on their own page, in forms and by mail appears here."),
        icon="check2-square",
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.said()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(person__name__icontains=words) | Q(person__sort_key__contains=fold_accents(words))
        )


@requires("people.manage")
def consents(request: HttpRequest) -> HttpResponseBase:
    return ConsentList(request).respond("people/consents.html")


@requires("people.manage")
@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    rows = list(ConsentKind.objects.prefetch_related("texts"))
    return render(request, "people/consent_kinds.html", {"kinds": rows})


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_kind(request: HttpRequest) -> HttpResponse:
    def act(form: ConsentKindForm) -> str:
        actions.add_consent_kind(name=form.cleaned_data["name"], texts=form.texts, actor=user_of(request))
        return reverse("people:consent_kinds")

    return answer_form(
        request,
        partial(ConsentKindForm, first=True),
        act,
        title=_now("Ask for something else"),
        submit=_now("Add"),
        cancel=reverse("people:consent_kinds"),
        said=_now("Added. People are asked on their own page."),
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_text(request: HttpRequest, pk: int) -> HttpResponse:
    kind = get_object_or_404(ConsentKind, pk=pk)
    newest = kind.texts.order_by("-version").first()
    texts = dict(kind.texts.filter(version=newest.version).values_list("language", "text")) if newest else {}

    def act(form: ConsentTextForm) -> str:
        actions.add_consent_text(
            kind=kind, texts=form.texts, asks_again=form.cleaned_data["asks_again"], actor=user_of(request)
        )
        return reverse("people:consent_kinds")

    return answer_form(
        request,
        partial(ConsentTextForm, texts=texts),
        act,
        title=_now("New words: %(kind)s") % {"kind": kind.name},
        submit=_now("Add version"),
        cancel=reverse("people:consent_kinds"),
        said=_now("Added. Earlier versions stay as they were."),
    )


@requires("people.manage")
@require_POST
def archive_kind(request: HttpRequest, pk: int) -> HttpResponse:
    kind = get_object_or_404(ConsentKind, pk=pk)
    wish = kind.archived_at is None

    def act() -> tuple[str, str]:
        actions.archive_consent_kind(kind=kind, archived=wish, actor=user_of(request))
        told = (
            _now("Nobody is asked any more: %(kind)s.") if wish else _now("People are asked again: %(kind)s.")
        )
        return told % {"kind": kind.name}, reverse("people:archive_consent_kind", args=[kind.pk])

    return answer_action(request, act, reverse("people:consent_kinds"))


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def record_consent(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)

    def act(form: RecordConsentForm) -> str:
        actions.record_consent(person=person, actor=user_of(request), **form.cleaned_data)
        return page_of(person)

    return answer_form(
        request,
        RecordConsentForm,
        act,
        title=_now("What %(name)s said about a consent") % {"name": person.name},
        submit=_now("Write it down"),
        cancel=page_of(person),
        said=_now("Written down. The person sees it on their own page."),
        about=person.name,
    )
