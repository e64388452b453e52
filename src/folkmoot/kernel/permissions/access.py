"""Who may open a page: every view states it, and what states nothing is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "*"


def requires(permission: str) -> Callable[[View], View]:
    """View decorator: only people with this permission (a name registered with ``rules``) may open it."""

    def mark(view: View) -> View:
        view.folkmoot_permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """View decorator: anybody may open it, signed in or not."""
    view.folkmoot_permission = PUBLIC  # type: ignore[attr-defined]
    return view


def permission_of(view: Callable[..., Any]) -> str | None:
    """What a view asks for: a permission's name, :data:`PUBLIC`, or ``None`` when it states nothing."""
    if view.__module__.startswith("allauth.account."):
        return PUBLIC
    found: str | None = getattr(view, "folkmoot_permission", None)
    if found is None and hasattr(view, "view_class"):
        found = getattr(view.view_class, "folkmoot_permission", None)
    return found


def demand(user: Any, permission: str, obj: Any = None) -> None:
    """Stop unless the user has the permission.

    Raises:
        PermissionDenied: the user has it not.
    """
    if not user.has_perm(permission, obj):
        raise PermissionDenied(permission)
