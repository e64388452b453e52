"""The page that a member's first link leads to."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.signin import joining
from folkmoot.kernel.users.views import sign_in


class JoinForm(forms.Form):
    """How somebody is called."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=200,
        help_text=gettext_lazy("As you write it yourself."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


@public
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Welcomes whoever followed the link, and signs them in once they say how they are called."""
    try:
        email = joining.read(token)
    except ValidationError as problem:
        context = {"title": _("This link cannot be used"), "text": problem.messages[0]}
        return render(request, "socialaccount/stopped.html", context, status=404)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return sign_in(request, joining.join(email=email, name=form.cleaned_data["name"]))
    return render(request, "signin/join.html", {"form": form, "email": email})
