"""Who holds which role: giving, renewing, ending, moving, taking back."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.boards import day_asked
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people import actions
from folkmoot.people.actions import Undo
from folkmoot.people.actions.limits import default_end, number_in_a_row, rule_in_words
from folkmoot.people.forms import (
    EndForm,
    MemberForm,
    RenewForm,
    TermForm,
    a_year_after,
)
from folkmoot.people.models import Person, Project, RoleKind, Team, Term
from folkmoot.people.queries.pages import Held
from folkmoot.people.views.base import answer_action, answer_form, back, page_of, refuse, undo_url, user_of
from folkmoot.people.views.records import today_of


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_term(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)

    def act(form: TermForm) -> str:
        term = actions.start_term(person=person, actor=user_of(request), **form.values())
        _tell_start(request, term)
        return page_of(person)

    return answer_form(
        request,
        partial(TermForm, initial={"started_on": today_of(request)}),
        act,
        title=_("Give %(name)s a role") % {"name": person.name},
        submit=_("Give the role"),
        cancel=page_of(person),
        about=person.name,
    )


def _tell_start(request: HttpRequest, term: Term) -> None:
    text = _("%(name)s has the role %(role)s now.") % {"name": term.person.name, "role": term.role_kind.name}
    toast(request, text, undo_url=undo_url(user_of(request), actions.last_change(term)))


def _new_member(request: HttpRequest, place: Project | Team) -> HttpResponse:
    def act(form: MemberForm) -> str:
        values = form.values()
        where = {"project": place} if isinstance(place, Project) else {"team": place}
        term = actions.start_term(actor=user_of(request), **values, **where)
        _tell_start(request, term)
        return page_of(place)

    start = today_of(request)
    initial = {"started_on": start}
    if isinstance(place, Team) and (end := default_end(place, start)) is not None:
        initial["ended_on"] = end
    return answer_form(
        request,
        partial(MemberForm, initial=initial),
        act,
        title=_("Give somebody a role in %(name)s") % {"name": place.name},
        submit=_("Give the role"),
        cancel=page_of(place),
        about=place.name,
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_team_member(request: HttpRequest, pk: int) -> HttpResponse:
    return _new_member(request, get_object_or_404(Team, pk=pk))


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_project_member(request: HttpRequest, pk: int) -> HttpResponse:
    return _new_member(request, get_object_or_404(Project, pk=pk))


def _term(pk: int) -> Term:
    return get_object_or_404(
        Term.objects.select_related("person", "role_kind", "project", "team__becomes"), pk=pk
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_term(request: HttpRequest, pk: int) -> HttpResponse:
    row = _term(pk)

    def act(form: TermForm) -> str:
        actions.edit_term(term=row, actor=user_of(request), seen=form.version, **form.values())
        return page_of(row.person)

    return answer_form(
        request,
        partial(TermForm, instance=row),
        act,
        title=_("Edit the role of %(name)s") % {"name": row.person.name},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row.person),
        about=row.person.name,
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def decide_term(request: HttpRequest, pk: int) -> HttpResponse:
    """Renew a term, or say when it ends, who follows, and what the person is afterwards."""
    row = _term(pk)
    ending = request.POST.get("decision") == "end"
    posted = request.POST if request.method == "POST" else None
    renew = RenewForm(posted if not ending else None, initial={"until": _proposed_end(row)})
    end = EndForm(
        posted if ending else None,
        initial={
            "on": row.ended_on or today_of(request),
            "becomes": row.team.becomes if row.team else None,
        },
    )
    chosen = end if ending else renew
    if posted is not None and chosen.is_valid():
        try:
            said, undo = (_end if ending else _renew)(row, user_of(request), **chosen.cleaned_data)
            toast(request, said, undo_url=undo_url(user_of(request), undo) if undo.changes else "")
            return back(request, page_of(row.person))
        except ValidationError as error:
            refuse(chosen, error)
    context = {
        "term": row,
        "place": Held(row).place,
        "renew": renew,
        "end": end,
        "rule": rule_in_words(row.team) if row.team else "",
        "number": number_in_a_row(row),
        "next": request.GET.get("next", ""),
    }
    return render(request, "people/decide_term.html", context, status=422 if chosen.errors else 200)


def _has_next(term: Term) -> bool:
    """Terms of a team that says how long they last follow each other; others go on."""
    return bool(term.team and term.team.term_months and term.ended_on)


def _proposed_end(term: Term) -> dt.date | None:
    if _has_next(term) and term.ended_on and term.ended_on < dt.date.max:
        return default_end(term.team, term.ended_on + dt.timedelta(days=1))
    return a_year_after(term.ended_on)


def _renew(term: Term, user: User, *, until: dt.date | None, override: str) -> tuple[str, Undo]:
    do = actions.next_term if _has_next(term) else actions.renew_term
    before = actions.current_version(term)
    renewed = do(term=term, until=until, actor=user, override=override)
    words = {"name": term.person.name, "role": term.role_kind.name, "day": times.day(until) if until else ""}
    text = (
        _("%(name)s goes on as %(role)s until %(day)s.") if until else _("%(name)s goes on as %(role)s.")
    ) % words
    changed = renewed.pk != term.pk or actions.current_version(renewed) != before
    return text, actions.last_change(renewed) if changed else Undo()


def _end(
    term: Term,
    user: User,
    *,
    on: dt.date,
    successor: Person | None,
    becomes: RoleKind | None,
    override: str,
) -> tuple[str, Undo]:
    undo = actions.hand_over(
        term=term, on=on, actor=user, successor=successor, becomes=becomes, override=override
    )
    words = {"name": term.person.name, "role": term.role_kind.name, "day": times.day(on)}
    text = _("%(role)s of %(name)s ends on %(day)s.") % words
    if successor is not None:
        text += " " + _("%(name)s follows.") % {"name": successor.name}
    if becomes is not None:
        text += " " + _("Afterwards: %(role)s.") % {"role": becomes.name}
    return text, undo


@requires("people.manage")
@require_POST
def move_term(request: HttpRequest, pk: int) -> HttpResponse:
    """Another last day for a term, from the calendar: a later one renews it, an earlier one decides its end."""
    row, user = _term(pk), user_of(request)

    def act() -> tuple[str, str]:
        day = day_asked(request)
        words = {"name": row.person.name, "role": row.role_kind.name, "day": times.day(day)}
        if row.ended_on is None:
            raise ValidationError(_("The role %(role)s of %(name)s has no last day any more.") % words)
        if row.ended_on == day:
            return _("%(role)s of %(name)s ends on %(day)s, as before.") % words, ""
        if row.ended_on < day:
            term, text = (
                actions.renew_term(term=row, until=day, actor=user),
                _("%(name)s goes on as %(role)s until %(day)s."),
            )
        else:
            term, text = (
                actions.end_term(term=row, on=day, actor=user),
                _("%(role)s of %(name)s ends on %(day)s."),
            )
        return text % words, undo_url(user, actions.last_change(term))

    return answer_action(request, act, page_of(row.person))


@requires("people.manage")
@require_POST
def remove_term(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = _term(pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.remove_term(term=row, actor=user)
        text = _("The role %(role)s of %(name)s is removed.") % {
            "role": row.role_kind,
            "name": row.person.name,
        }
        return text, undo_url(user, undo)

    return answer_action(request, act, page_of(row.person))
