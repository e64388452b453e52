"""Pages about users, rights, invitations and lending."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.panels import panels_of
from folkmoot.kernel.permissions.access import demand, public, requires
from folkmoot.kernel.plugs import handovers
from folkmoot.kernel.signin.queries import sessions, ways_in
from folkmoot.kernel.signin.views import leave
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.users import actions, mail, queries
from folkmoot.kernel.users.actions.rights import held
from folkmoot.kernel.users.forms import AcceptForm, ColleagueForm, InviteForm, LendForm, LevelsForm
from folkmoot.kernel.users.models import Delegation, Invitation

#: How many lines of the log a user's page shows.
LINES = 8


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _add(form: Any, error: ValidationError) -> None:
    """Put an action's error at the fields it names, else above the form."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


@requires("settings.manage")
@require_http_methods(["GET", "POST"])
def user(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    actor = _me(request)
    form = LevelsForm(request.POST or None, held=held(found), prefix=None)
    if request.method == "POST":
        demand(actor, "settings.admin")
        if form.is_valid():
            try:
                changed = actions.change_levels(user=found, levels=form.wanted(), actor=actor)
            except ValidationError as error:
                _add(form, error)
            else:
                told = ngettext("Right changed.", "%(n)d rights changed.", changed) % {"n": changed}
                toast(request, told if changed else _("Nothing was changed."))
                return redirect("users:user", found.pk)
    context = {
        "shown": found,
        "form": form,
        "rights": queries.rights_in_words(held(found)),
        "may_grant": actor.has_perm("settings.admin"),
        "is_me": found.pk == actor.pk,
        "ways": ways_in(found),
        "sessions": sessions(found, request.session.session_key or ""),
        "lendings": queries.delegations_of(found),
        "events": [
            (event, queries.told(event))
            for event in queries.rights_log().filter(subject=found).order_by("-at", "-pk")[:LINES]
        ],
        "panels": panels_of(actor, found),
    }
    return render(request, "users/user.html", context)


@requires("settings.admin")
@require_http_methods(["GET", "POST"])
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    open_things = [(source.label, number) for source in handovers if (number := source.count(found))]
    form = ColleagueForm(
        request.POST if request.method == "POST" else None, user=found, required=bool(open_things)
    )
    if request.method == "POST" and form.is_valid():
        try:
            moved = actions.switch_off(
                user=found, actor=_me(request), colleague=form.cleaned_data["colleague"]
            )
        except ValidationError as error:
            _add(form, error)
        else:
            told = _("%(name)s signs in no more.") % {"name": found}
            if sum(moved.values()):
                told += " " + ngettext(
                    "%(n)d thing was handed over.", "%(n)d things were handed over.", sum(moved.values())
                ) % {"n": sum(moved.values())}
            toast(request, told, undo_url=reverse("users:switch_on", args=[found.pk]))
            return redirect("users:user", found.pk)
    invited = Invitation.objects.filter(invited_by=found, accepted_at__isnull=True, withdrawn_at__isnull=True)
    context = {"shown": found, "form": form, "open_things": open_things, "invitations": invited.count()}
    return render(request, "users/switch_off.html", context)


@requires("settings.admin")
@require_POST
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    actions.switch_on(user=found, actor=_me(request))
    toast(request, _("%(name)s may sign in again.") % {"name": found})
    return redirect("users:user", found.pk)


@requires("settings.admin")
@require_POST
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    keep = request.session.session_key if found.pk == _me(request).pk else None
    ended = actions.end_sessions(user=found, actor=_me(request), but=keep)
    toast(request, ngettext("%(n)d session ended.", "%(n)d sessions ended.", ended) % {"n": ended})
    return redirect("users:user", found.pk)


# --- invitations


@requires("settings.admin")
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = {area: level for area, level in form.wanted().items() if level is not None}
        data = form.cleaned_data
        try:
            made, token = actions.invite(
                email=data["email"],
                name=data["name"],
                message=data["message"],
                levels=wanted,
                actor=_me(request),
            )
        except ValidationError as error:
            _add(form, error)
        else:
            _send(request, made, token)
            return redirect("users:invitation", made.pk)
    return render(request, "users/invite.html", {"form": form})


def _send(request: HttpRequest, invitation: Invitation, token: str) -> None:
    problem = mail.send(invitation, token)
    # Shown once, on the next page: for whoever has no mail set up, or wants to hand it over another way.
    request.session["invitation_link"] = {"pk": invitation.pk, "link": mail.link(token)}
    if problem:
        told = _("The mail to %(email)s could not be sent: %(problem)s. Hand the link over another way.")
        toast(request, told % {"email": invitation.email, "problem": problem}, failed=True)
    else:
        toast(request, _("Invited %(email)s.") % {"email": invitation.email})


@requires("settings.manage")
@require_safe
@never_cache
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(queries.invitations(), pk=pk)
    link = ""
    kept = request.session.get("invitation_link")
    if kept and kept["pk"] == found.pk and _me(request).has_perm("settings.admin"):
        link = request.session.pop("invitation_link")["link"]
    context = {
        "shown": found,
        "rights": queries.rights_in_words(found.levels),
        "link": link,
        "has_run_out": found.is_open and found.has_run_out(clock.now()),
        "may_change": found.is_open and _me(request).has_perm("settings.admin"),
    }
    return render(request, "users/invitation.html", context)


@requires("settings.admin")
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(queries.invitations(), pk=pk)
    try:
        token = actions.send_again(invitation=found, actor=_me(request))
    except ValidationError as error:
        toast(request, error.messages[0], failed=True)
    else:
        _send(request, found, token)
    return redirect("users:invitation", pk)


@requires("settings.admin")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Invitation, pk=pk)
    try:
        actions.withdraw(invitation=found, actor=_me(request))
    except ValidationError as error:
        toast(request, error.messages[0], failed=True)
    else:
        toast(request, _("The invitation is withdrawn: its link leads nowhere now."))
    return redirect("users:invitation", pk)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = actions.usable(token)
    except actions.InvitationProblem as problem:
        return _no_invitation(request, problem)
    form = AcceptForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.accept(
                invitation=found, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
            )
        except actions.InvitationProblem as problem:
            return _no_invitation(request, problem)
        except ValidationError as error:
            form.add_error("password", error)
        else:
            return sign_in(request, made)
    context = {"form": form, "shown": found, "token": token}
    return render(request, "users/accept.html", context)


def sign_in(request: HttpRequest, user: User) -> HttpResponse:
    """Sign in somebody who has just made their account."""
    if request.user.is_authenticated:
        request.session.flush()
    EmailAddress.objects.filter(user=user).update(verified=True)
    try:
        return cast(HttpResponse, perform_login(request, user, redirect_url=reverse("home:today")))
    except ImmediateHttpResponse as answer:
        return cast(HttpResponse, answer.response)


def _no_invitation(request: HttpRequest, problem: Exception) -> HttpResponse:
    context = {"title": _("This invitation cannot be used"), "text": str(problem)}
    return render(request, "socialaccount/stopped.html", context, status=404)


@public
@require_POST
def accept_with(request: HttpRequest, token: str, key: str) -> HttpResponse:
    try:
        found = actions.usable(token)
    except actions.InvitationProblem as problem:
        return _no_invitation(request, problem)
    return leave(request, key, process="login", invitation=found.pk)


# --- lending


def _lend(request: HttpRequest, lender: User, back: str) -> HttpResponse:
    own = held(lender)
    form = LendForm(request.POST or None, user=lender, held=own)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.lend(
                from_user=lender,
                to_user=data["to_user"],
                areas=data["areas"],
                first_day=data["first_day"],
                last_day=data["last_day"],
                actor=_me(request),
            )
        except ValidationError as error:
            _add(form, error)
        else:
            toast(request, _("%(name)s stands in for these days.") % {"name": data["to_user"]})
            return redirect(back)
    context = {
        "form": form,
        "lender": lender,
        "back": back,
        "is_me": lender.pk == _me(request).pk,
        "has_rights": bool(own),
    }
    return render(request, "users/lend.html", context)


@requires("accounts.own_profile")
@require_http_methods(["GET", "POST"])
def lend(request: HttpRequest) -> HttpResponse:
    return _lend(request, _me(request), reverse("accounts:profile"))


@requires("settings.admin")
@require_http_methods(["GET", "POST"])
def lend_for(request: HttpRequest, pk: int) -> HttpResponse:
    return _lend(request, get_object_or_404(User, pk=pk), reverse("users:user", args=[pk]))


@requires("accounts.own_profile")
@require_POST
def end_lending(request: HttpRequest, pk: int) -> HttpResponse:
    me = _me(request)
    mine = Delegation.objects.select_related("from_user", "to_user")
    found = get_object_or_404(mine, pk=pk)
    if me.pk not in (found.from_user_id, found.to_user_id) and not me.has_perm("settings.admin"):
        return redirect("accounts:profile")
    actions.end_lending(delegation=found, actor=me)
    toast(request, _("It ended now."))
    is_own = me.pk in (found.from_user_id, found.to_user_id)
    return redirect("accounts:profile") if is_own else redirect("users:user", found.from_user_id)
