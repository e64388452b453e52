"""What hangs on a person: handles, terms, affiliations."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.boards import day_asked
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people import actions
from folkmoot.people.actions import NewIdentity
from folkmoot.people.forms import (
    AffiliationForm,
    EndForm,
    IdentityForm,
    MemberForm,
    RenewForm,
    TermForm,
    a_year_after,
)
from folkmoot.people.models import Affiliation, Identity, Person, Project, Team, Term
from folkmoot.people.queries.pages import Held
from folkmoot.people.views.base import answer_action, answer_form, back, page_of, refuse, undo_url, user_of


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
        partial(TermForm, initial={"started_on": clock.today()}),
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

    return answer_form(
        request,
        partial(MemberForm, initial={"started_on": clock.today()}),
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
    return get_object_or_404(Term.objects.select_related("person", "role_kind", "project", "team"), pk=pk)


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
    """Renew a term, or say when it ends."""
    row, user = _term(pk), user_of(request)
    ending = request.POST.get("decision") == "end"
    renew = RenewForm(
        request.POST if request.method == "POST" and not ending else None,
        initial={"until": a_year_after(row.ended_on)},
    )
    end = EndForm(
        request.POST if request.method == "POST" and ending else None,
        initial={"on": row.ended_on or clock.today()},
    )
    chosen = end if ending else renew
    if request.method == "POST" and chosen.is_valid():
        try:
            if ending:
                term = actions.end_term(term=row, on=chosen.cleaned_data["on"], actor=user)
                text = _("%(role)s of %(name)s ends on %(day)s.")
            else:
                term = actions.renew_term(term=row, until=chosen.cleaned_data["until"], actor=user)
                text = _("%(name)s goes on as %(role)s until %(day)s.")
                if term.ended_on is None:
                    text = _("%(name)s goes on as %(role)s.")
            words = {
                "name": row.person.name,
                "role": row.role_kind.name,
                "day": times.day(term.ended_on) if term.ended_on else "",
            }
            toast(request, text % words, undo_url=undo_url(user, actions.last_change(term)))
            return back(request, page_of(row.person))
        except ValidationError as error:
            refuse(chosen, error)
    held = Held(row)
    context = {
        "term": row,
        "place": held.place,
        "renew": renew,
        "end": end,
        "next": request.GET.get("next", ""),
    }
    return render(request, "people/decide_term.html", context, status=422 if chosen.errors else 200)


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


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def new_affiliation(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)

    def act(form: AffiliationForm) -> str:
        actions.add_affiliation(person=person, actor=user_of(request), **form.values())
        return page_of(person)

    return answer_form(
        request,
        AffiliationForm,
        act,
        title=_("Where %(name)s belongs") % {"name": person.name},
        submit=_("Add"),
        cancel=page_of(person),
        about=person.name,
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_affiliation(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Affiliation.objects.select_related("person", "organization"), pk=pk)

    def act(form: AffiliationForm) -> str:
        actions.edit_affiliation(affiliation=row, actor=user_of(request), seen=form.version, **form.values())
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
