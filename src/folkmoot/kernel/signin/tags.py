"""Template tags of the sign-in pages, loaded everywhere."""

from __future__ import annotations

from typing import Any

from django import template

from folkmoot.kernel.signin import providers

register = template.Library()


@register.simple_tag
def sign_in_providers() -> list[providers.Offered]:
    """The other accounts that one can sign in with here."""
    return providers.offered()


@register.simple_tag(takes_context=True)
def members_sign_in(context: dict[str, Any]) -> bool:
    """Whether members may sign in by themselves."""
    return bool(context["community"].members_sign_in)
