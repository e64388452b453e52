"""The first page after sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from folkmoot.kernel.permissions.access import requires


@requires("home.view_today")
def today(request: HttpRequest) -> HttpResponse:
    """What needs a person now."""
    return render(request, "home/today.html")
