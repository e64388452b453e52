"""How django-allauth behaves here."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.community import Community


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by ``folkmoot user add`` or an invitation, never by strangers."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "There is no account with this e-mail and password. Check both, or set a new password below."
        ),
        "too_many_login_attempts": _(
            "There were too many tries, so this account is locked for five minutes. Wait until then, and try again."
        ),
    }

    def format_email_subject(self, subject: str) -> str:
        return f"[{Community.current().name}] {subject}"

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""

    def is_safe_url(self, url: str | None) -> bool:
        """What is no address at all (``http://[::1``) is not one to go to either."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False
