"""Error pages: what happened, and what to do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, without the frame: the request may be too broken for it."""
    return HttpResponse(render_to_string("400.html", {"reason": str(exception)[:300]}), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: which right is missing, and who can give it."""
    context = {"right": right_in_words(str(exception)), "givers": givers() if _signed_in(request) else []}
    return render(request, "403.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return render(request, "404.html", {"path": request.path[:200]}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: mostly a page that was open for too long, or blocked cookies."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


def right_in_words(permission: str) -> dict[str, Any] | None:
    """ "people.manage" as area and level, or ``None`` for a rule that is no single level."""
    area, _dot, level = permission.partition(".")
    if area in Area.values and level.upper() in Level.__members__:
        return {"area": Area(area).label, "level": Level[level.upper()].label}
    return None


def givers() -> list[User]:
    """Up to five people who may give rights (level *admin* in *Settings*). One query."""
    return list(
        User.objects.filter(
            is_active=True, grants__area=Area.SETTINGS, grants__level__gte=Level.ADMIN
        ).order_by("name", "pk")[:5]
    )


def _signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_authenticated)
