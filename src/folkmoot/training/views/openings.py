"""Seeking people for events, for those who run them: the list of openings, one opening, its sign-ups."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo, last_change
from folkmoot.training.actions import base, openings
from folkmoot.training.forms.recruitment import OpeningForm, RulesForm
from folkmoot.training.models import (
    Event,
    Opening,
    RecruitmentRules,
)
from folkmoot.training.queries import lists
from folkmoot.training.queries import openings as queries
from folkmoot.training.recruiting_telling import opening_page
from folkmoot.training.views.base import history_page, page_of, undo_url
from folkmoot.training.views.opening_lists import MANAGE, OpeningList, SignUpList, priority_words


@requires("training.view")
def opening_list(request: HttpRequest) -> HttpResponseBase:
    """All openings, with filters, saved views and files."""
    return OpeningList(request).respond("training/openings.html")


# --------------------------------------------------------------- one opening


def _opening(pk: int) -> Opening:
    row = queries.read(pk)
    if row is None:
        raise Http404
    return row


@requires("training.view")
def opening(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One opening: what is sought and found, and who signed up."""
    row = _opening(pk)
    return SignUpList(request, opening=row, rules=RecruitmentRules.current()).respond(
        "training/opening.html",
        lines=queries.lines_of(row),
        days=lists.days_words(row.event.starts_on, row.event.ends_on),
        place=lists.place_words(row.event),
        priority=priority_words(row),
        text=as_html(row.text),
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_opening(request: HttpRequest, pk: int) -> HttpResponse:
    """Seeks people for an event."""
    event, user = get_object_or_404(Event, pk=pk), user_of(request)
    there = Opening.objects.filter(event=event).first()
    if there is not None:
        return edit_opening(request, there.pk)

    def act(form: OpeningForm) -> str:
        values: Any = form.values()
        made, undo = openings.save_opening(event=event, values=values, sought=form.sought(), actor=user)
        toast(
            request,
            _now("People are sought for %(event)s.") % {"event": event.title},
            undo_url=undo_url(user, undo, MANAGE),
        )
        return opening_page(made.pk)

    return answer_form(
        request,
        partial(OpeningForm, instance=Opening(event=event, owner=user)),
        act,
        title=_now("Seek people for %(name)s") % {"name": event.title},
        submit=_now("Seek them"),
        cancel=page_of(event),
        template="training/form.html",
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit_opening(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes whom one seeks for an event, and what candidates read."""
    row, user = get_object_or_404(Opening.objects.select_related("event"), pk=pk), user_of(request)

    def act(form: OpeningForm) -> str:
        values: Any = form.values()
        _saved, undo = openings.save_opening(
            event=row.event,
            opening=row,
            values=values,
            sought=form.sought(),
            actor=user,
            seen=form.version,
        )
        toast(request, _now("Saved."), undo_url=undo_url(user, undo, MANAGE))
        return opening_page(row.pk)

    return answer_form(
        request,
        partial(OpeningForm, instance=row),
        act,
        title=_now("Seek people for %(name)s") % {"name": row.event.title},
        submit=_now("Save"),
        cancel=opening_page(row.pk),
        template="training/piece.html",
        remove=reverse("training:remove_opening", args=[row.pk]),
    )


def _step(request: HttpRequest, pk: int, do: Any, said: Any) -> HttpResponse:
    row, user = get_object_or_404(Opening.objects.select_related("event"), pk=pk), user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        before = base.current_version(row)
        saved = do(opening=row, actor=user)
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        return said % {"event": row.event.title}, undo_url(user, undo, MANAGE)

    return answer_action(request, act, opening_page(row.pk))


@requires(MANAGE)
@require_POST
def close_opening(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes an opening: nobody can sign up any more."""
    return _step(request, pk, openings.close, _("Nobody is sought for %(event)s any more."))


@requires(MANAGE)
@require_POST
def reopen_opening(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens it again."""
    return _step(request, pk, openings.reopen, _("People are sought for %(event)s again."))


@requires(MANAGE)
@require_POST
def remove_opening(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes out an opening for which nobody signed up."""
    row, user = get_object_or_404(Opening.objects.select_related("event"), pk=pk), user_of(request)
    done: list[str] = []

    def act() -> tuple[str, str]:
        undo = openings.remove_opening(opening=row, actor=user)
        done.append(page_of(row.event))
        return _now("The opening is taken out."), undo_url(user, undo, MANAGE)

    response = answer_action(request, act, opening_page(pk))
    if done:
        response["Location"] = done[0]
    return response


@requires("training.view")
def opening_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what about an opening, about what is sought, and about sign-ups."""
    row = get_object_or_404(Opening.objects.select_related("event"), pk=pk)
    return history_page(request, row, opening_page(row.pk))


@requires("training.admin")
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The limits that recruitment goes by: priorities, clashes, when Today tells."""
    row, user = RecruitmentRules.current(), user_of(request)
    if row._state.adding:
        row.pk = None

    @transaction.atomic
    def act(form: RulesForm) -> str:
        before = base.current_version(RecruitmentRules(pk=1))
        values: Any = form.values()
        saved = openings.save_rules(values=values, actor=user, seen=form.version)
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        toast(request, _now("Saved."), undo_url=undo_url(user, undo, "training.admin"))
        return reverse("training:recruitment_rules")

    return answer_form(
        request,
        partial(RulesForm, instance=row),
        act,
        title=_now("Limits of recruitment"),
        about=_now("All of them are days."),
        submit=_now("Save"),
        cancel=reverse("training:openings"),
        template="training/form.html",
    )
