"""Signing in with another account, and the page about how one signs in."""

from __future__ import annotations

from typing import Any, cast

import structlog
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.socialaccount import signals
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import public, requires
from folkmoot.kernel.signin import providers, queries
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.users import actions

log = structlog.get_logger(__name__)


def leave(request: HttpRequest, key: str, **options: Any) -> HttpResponse:
    """Lead to a provider by a page that goes on: a form may lead to this house only (the CSP's ``form-action``).

    ``options``: as for :func:`folkmoot.kernel.signin.providers.start`.
    """
    try:
        answer = providers.start(request, key, **options)
    except RequestException as error:
        log.warning("sign-in provider cannot be reached", provider=key, error=str(error))
        context = {
            "title": _("%(provider)s cannot be reached") % {"provider": providers.label(key)},
            "text": _("Try again in some minutes, or sign in another way."),
        }
        return render(request, "socialaccount/stopped.html", context, status=502)
    if not isinstance(answer, HttpResponseRedirect):
        return cast(HttpResponse, answer)
    page = render(request, "signin/leave.html", {"url": answer.url})
    page["Cache-Control"] = "no-store"
    return page


@public
@require_POST
def start(request: HttpRequest, key: str) -> HttpResponse:
    wished = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wished, {request.get_host()}, require_https=request.is_secure())
    return leave(request, key, process="login", next_url=wished if safe else None)


@requires("accounts.own_profile")
@require_POST
def link(request: HttpRequest, key: str) -> HttpResponse:
    raise_if_reauthentication_required(request, app="allauth.socialaccount")
    return leave(request, key, process="connect", next_url=reverse("signin:security"))


@public
@never_cache
def callback(request: HttpRequest, key: str) -> HttpResponse:
    return cast(HttpResponse, providers.callback(request, key))


@public
@never_cache
def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return cast(HttpResponse, providers.callback(request, provider_id))


@public
@require_safe
def cancelled(request: HttpRequest) -> HttpResponse:
    return render(request, "socialaccount/login_cancelled.html")


@requires("accounts.own_profile")
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context: dict[str, Any] = {
        "ways": queries.ways_in(user),
        "sessions": queries.sessions(user, request.session.session_key or ""),
        "is_local_only": not settings.BASE_URL.startswith("https://"),
    }
    return render(request, "signin/security.html", context)


@requires("accounts.own_profile")
@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SocialAccount, pk=pk, user=request.user)
    raise_if_reauthentication_required(request, app="allauth.socialaccount")
    name = providers.label(account.provider)
    account.delete()
    signals.social_account_removed.send(sender=SocialAccount, request=request, socialaccount=account)
    toast(request, _("%(provider)s is no longer linked.") % {"provider": name})
    return redirect("signin:security")


@requires("accounts.own_profile")
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    user = cast(User, request.user)
    session = get_object_or_404(UserSession, pk=pk, user=user)
    actions.end_session(session=session, actor=user)
    if session.session_key == request.session.session_key:
        return redirect("account_login")
    toast(request, _("Signed out there."))
    return redirect("signin:security")


@requires("accounts.own_profile")
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    ended = actions.end_sessions(user=user, actor=user, but=request.session.session_key)
    told = ngettext("Signed out in %(n)d other place.", "Signed out in %(n)d other places.", ended) % {
        "n": ended
    }
    toast(request, told if ended else _("You are signed in here only."))
    return redirect("signin:security")
