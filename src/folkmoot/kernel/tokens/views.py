"""Pages about API tokens."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.tokens import actions
from folkmoot.kernel.tokens.forms import TokenForm
from folkmoot.kernel.tokens.lists import AllTokensList, TokensList
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.kernel.tokens.scopes import labels, open_to
from folkmoot.kernel.ui.toasts import toast


@requires("tokens.own")
def mine(request: HttpRequest) -> HttpResponseBase:
    return TokensList(request).respond("tokens/list.html", own=True)


@requires("settings.admin")
def everybodys(request: HttpRequest) -> HttpResponseBase:
    return AllTokensList(request).respond("tokens/list.html", own=False)


@requires("tokens.own")
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = TokenForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            row, token = actions.make_token(
                owner=user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                days=form.life(),
                actor=user,
            )
        except ValidationError as error:
            for name, errors in (
                error.error_dict.items() if hasattr(error, "error_dict") else [(None, [error])]
            ):
                form.add_error(name, errors)
        else:
            # No redirect: the token is in this answer alone, and nowhere kept.
            shown = {"row": row, "token": token, "scopes": labels(row.scopes)}
            return render(request, "tokens/made.html", shown)
    context = {"form": form, "has_scopes": bool(open_to(user))}
    return render(request, "tokens/new.html", context, status=422 if form.errors else 200)


@requires("tokens.own")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ApiToken.objects.select_related("owner"), pk=pk)
    user = cast(User, request.user)
    if row.owner_id != user.pk and not user.has_perm("settings.admin"):
        raise PermissionDenied("settings.admin")
    actions.revoke_token(token=row, actor=user)
    toast(request, _("“%(name)s” opens nothing any more.") % {"name": row.name})
    return redirect("tokens:mine" if row.owner_id == user.pk else "tokens:everybodys")
