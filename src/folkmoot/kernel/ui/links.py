"""Where to go back to."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request: HttpRequest, fallback: str = "home:today") -> str:
    """The posted ``next`` if it is an address of this installation, else the fallback (a URL name)."""
    wished = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        wished, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wished if wished and allowed and wished.isprintable() else reverse(fallback)
