"""A fresh installation leads to the guide."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from folkmoot.kernel.welcome import gate

#: What is answered before there is a user: the guide itself, its looks, and what watches the house.
_OPEN = ("/welcome/", "/healthz", "/readyz", "/metrics", "/theme.css", "/logo", "/accounts/preferences/")


class FirstRun:
    """Sends everybody to the guide while nobody can sign in. No query once somebody can."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        asks = not path.startswith((*_OPEN, f"/{settings.STATIC_URL.strip('/')}/"))
        if asks and not gate.somebody_signs_in():
            return redirect("welcome:start")
        return self.get_response(request)
