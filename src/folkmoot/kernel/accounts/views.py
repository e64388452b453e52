"""A person's own pages."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.accounts import actions
from folkmoot.kernel.accounts.forms import ProfileForm
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.ui.links import safe_next
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.users.queries import delegations_of


@requires("accounts.own_profile")
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    # The form fills an instance of its own: request.user stays what is shown until the change is saved.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user=user, actor=user, **form.cleaned_data)
        toast(request, _("Profile saved."))
        return redirect("accounts:profile")
    levels = [(Area(area).label, Level(level).label) for area, level in sorted(user.levels.items())]
    return render(
        request, "accounts/profile.html", {"form": form, "levels": levels, "lendings": delegations_of(user)}
    )


@requires("accounts.own_profile")
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Appearance or language, from the menu of the frame."""
    user = cast(User, request.user)
    response = HttpResponseRedirect(safe_next(request))
    if theme := request.POST.get("theme"):
        try:
            actions.change_profile(user=user, actor=user, theme=theme)
        except ValidationError:
            toast(request, _("There is no such appearance."), failed=True)
    if language := request.POST.get("language", ""):
        try:
            actions.change_profile(user=user, actor=user, language=language)
        except ValidationError:
            toast(request, _("There is no such language."), failed=True)
            return response
        # For the pages before signing in.
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response
