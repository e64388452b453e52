"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.community import Community
from folkmoot.kernel.ui.navigation import Navigation, new_commands

THEMES = [("light", _("Light")), ("dark", _("Dark")), ("auto", _("Auto"))]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the community and the frame; nothing is read before a template asks for it."""
    user = getattr(request, "user", None)
    context: dict[str, Any] = {
        "community": getattr(request, "community", SimpleLazyObject(Community.current)),
        "theme": getattr(user, "theme", "auto"),
        "shell_themes": THEMES,
    }
    if user is not None and user.is_authenticated:
        context["shell_navigation"] = SimpleLazyObject(lambda: Navigation(user, request.path))
        context["shell_new_commands"] = SimpleLazyObject(lambda: new_commands(user))
    return context
