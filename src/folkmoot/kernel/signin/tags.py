"""Template tags of the sign-in pages, loaded everywhere."""

from __future__ import annotations

from django import template

from folkmoot.kernel.signin import providers

register = template.Library()


@register.simple_tag
def sign_in_providers() -> list[providers.Offered]:
    """The other accounts that one can sign in with here."""
    return providers.offered()
