"""A person's own side: their record, and what they may do with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.people import actions as register
from folkmoot.people.actions import claims, own
from folkmoot.people.actions.own import OWN_FACETS
from folkmoot.people.countries import country_name
from folkmoot.people.forms.own import (
    FACET_FIELDS,
    AskForm,
    NewRecordForm,
    OwnForm,
    OwnIdentityForm,
    PublicForm,
)
from folkmoot.people.models import Identity, Person
from folkmoot.people.queries import own as queries
from folkmoot.people.queries.consents import asked_of
from folkmoot.people.queries.pages import handles, person_page
from folkmoot.people.views.base import UNDOING, answer_action, answer_form, undo_url, user_of

#: Requests for a record that one browser session may make.
MOST_ASKED = 5
ASKED = "people.asked"


def own_record(request: HttpRequest) -> Person:
    """The user's own record.

    Raises:
        Http404: they have none.
    """
    person = queries.person_of(user_of(request))
    if person is None:
        raise Http404("no record")
    return person


def home() -> str:
    return reverse("own:record")


def act_and_tell(request: HttpRequest, do: Callable[[], Any], said: str, undo: str = "") -> HttpResponse:
    """Do something that one button asks for, say so, and go back to the record."""

    def act() -> tuple[str, str]:
        do()
        return said, undo

    return answer_action(request, act, home())


@requires("people.own")
@never_cache
@require_GET
def record(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    person = queries.person_of(user)
    context: dict[str, Any] = {
        "person": person,
        "waiting": queries.waiting(user, person),
        "proposals": [one for one in queries.proposals(user) if person is None or one.person.pk != person.pk],
    }
    if person is None:
        context |= {
            "form": NewRecordForm(initial={"name": user.name}),
            "asked": request.session.get(ASKED, []),
        }
        return render(request, "own/claim.html", context)
    choice = queries.choice_of(person)
    page = person_page(person)
    context |= {
        "page": page,
        "country": country_name(person.country),
        "facets": [
            (label, [tag.name for tag in page.tags if tag.facet == facet])
            for facet, (_field, label) in FACET_FIELDS.items()
        ],
        "consents": asked_of(person),
        "choice": choice,
        "handles": page.handles,
        "shown": choice.identities,
    }
    context["is_public"] = any(one.holds and one.kind.slug == "public-profile" for one in context["consents"])
    return render(request, "own/record.html", context)


# --- claiming


@requires("people.own")
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    # Only records that are provably theirs are found: a number tells a stranger nothing.
    person = next((one.person for one in queries.proposals(user) if one.person.pk == pk), None)
    if person is None:
        raise Http404("no such proposal")
    said = _("This record is yours now.")
    return act_and_tell(
        request, lambda: claims.claim_proven(person=person, user=user), said, reverse("own:release")
    )


@requires("people.own")
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    person = queries.person_of(user)
    if person is None:
        return HttpResponseRedirect(home())
    return act_and_tell(
        request,
        lambda: claims.release(person=person, actor=user),
        _("The record is not yours any more. What you changed in it stays."),
    )


@requires("people.own")
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    def act() -> tuple[str, str]:
        form = NewRecordForm(request.POST)
        if not form.is_valid():
            raise ValidationError(_("Write your name."))
        claims.make_own_record(user=user_of(request), name=form.cleaned_data["name"])
        return _("This is your record. Say about yourself what you like."), ""

    return answer_action(request, act, home())


@requires("people.own")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether somebody has that handle or not: nobody learns here who is in the register."""

    def act(form: AskForm) -> str:
        data = form.cleaned_data
        asked = request.session.get(ASKED, [])
        if len(asked) >= MOST_ASKED:
            raise ValidationError(_("You have asked for several records already: wait for the answers."))
        person = queries.by_handle(data["system"], data["value"])
        if person is not None:
            claims.ask_for_record(user=user_of(request), person=person, message=data["message"])
        request.session[ASKED] = [*asked, f"{data['system']}: {data['value']}"]
        return home()

    return answer_form(
        request,
        AskForm,
        act,
        title=_("Ask for your record"),
        submit=_("Ask"),
        cancel=home(),
        said=_("Asked. If there is such a record, the people who run this community will look at it."),
        template="own/form.html",
    )


# --- the profile


@requires("people.own")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    person, user = own_record(request), user_of(request)

    def act(form: OwnForm) -> str:
        own.edit_own(person=person, actor=user, seen=form.version, **form.profile())
        for facet in OWN_FACETS:
            own.set_own_tags(person=person, facet=facet, names=form.words(facet), actor=user)
        return home()

    return answer_form(
        request,
        partial(OwnForm, instance=person),
        act,
        title=_("Edit my record"),
        submit=_("Save"),
        cancel=home(),
        said=_("Saved."),
        template="own/form.html",
    )


@requires("people.own")
@require_http_methods(["GET", "POST"])
def new_identity(request: HttpRequest) -> HttpResponse:
    person = own_record(request)

    def act(form: OwnIdentityForm) -> str:
        own.add_own_identity(person=person, actor=user_of(request), **form.cleaned_data)
        return home()

    return answer_form(
        request,
        OwnIdentityForm,
        act,
        title=_("Another handle or address"),
        submit=_("Add"),
        cancel=home(),
        said=_("Added. It counts as proven once you sign in with it."),
        template="own/form.html",
    )


@requires("people.own")
@require_POST
def remove_identity(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    row = get_object_or_404(Identity.objects.select_related("person"), pk=pk, person=own_record(request))

    def act() -> tuple[str, str]:
        undo = own.remove_own_identity(identity=row, actor=user)
        return _("%(handle)s is removed.") % {"handle": row.value}, _undo_url(user, undo)

    return answer_action(request, act, home())


def _undo_url(user: User, what: register.Undo) -> str:
    """The address of one's own undo, with the token of the register's."""
    return undo_url(user, what, "people.own").replace(
        reverse("people:undo", args=["-"]).removesuffix("-/"),
        reverse("own:undo", args=["-"]).removesuffix("-/"),
    )


@requires("people.own")
@require_POST
def undo(request: HttpRequest, token: str) -> HttpResponse:
    user = user_of(request)

    def act() -> tuple[str, str]:
        payload = UNDOING.read(user, token)
        if payload["may"] != "people.own" or "undo" not in payload:
            raise PermissionDenied("people.own")
        register.undo(what=register.Undo.from_json(payload["undo"]), actor=user)
        return _("Taken back."), ""

    return answer_action(request, act, home())


@requires("people.own")
@require_http_methods(["GET", "POST"])
def public_page(request: HttpRequest) -> HttpResponse:
    person = own_record(request)
    make_form = partial(
        PublicForm, handles=handles(list(person.identities.all())), choice=queries.choice_of(person)
    )

    def act(form: PublicForm) -> str:
        own.choose_public(
            person=person,
            parts=form.cleaned_data["parts"],
            identities=[int(pk) for pk in form.cleaned_data["identities"]],
            actor=user_of(request),
        )
        return home()

    return answer_form(
        request,
        make_form,
        act,
        title=_("What my public page shows"),
        submit=_("Save"),
        cancel=home(),
        said=_("Saved."),
        template="own/public.html",
    )
