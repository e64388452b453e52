"""How django-allauth behaves here."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.community import Community


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by ``folkmoot user add``, an invitation, or a member's own link where that is open."""

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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Who has no account is told so by mail; where members sign in by themselves, with the link that makes one."""
        if template_prefix == "account/email/unknown_account":
            from folkmoot.kernel.accounts.models import User
            from folkmoot.kernel.signin import joining

            if joining.is_open() and not User.objects.filter(email__iexact=email).exists():
                template_prefix = "signin/email/join"
                context = {**context, "join_url": joining.link(email)}
        super().send_mail(template_prefix, email, context)

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
