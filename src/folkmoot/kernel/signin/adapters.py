"""How django-allauth's other accounts and second steps behave here."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import secrets
from folkmoot.kernel.community import Community
from folkmoot.kernel.signin import joining, outgoing, providers
from folkmoot.kernel.users import actions
from folkmoot.kernel.users.models import Invitation


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Another account signs in whom it is linked to, or who has its verified e-mail.

    It makes a user for an invitation that is accepted with it, and where members sign in by themselves.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        invited = (sociallogin.state.get("data") or {}).get("invitation")
        if invited is not None:
            self._accept(request, sociallogin, invited)
        elif sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        elif joining.is_open():
            self._join(request, sociallogin)
        else:
            self._stop(
                request,
                _("Nobody here has this %(provider)s account")
                % {"provider": providers.label(sociallogin.account.provider)},
                _(
                    "If you have an account here, sign in another way and link it under “Sign-in and security”. If you"
                    " have none, ask the people who run this community to invite you."
                ),
            )

    def get_requests_session(self) -> Any:
        return outgoing.session()

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("signin:security")

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The log of rights tells; a mail goes out for what changes how one signs in by oneself (second steps)."""

    def _join(self, request: HttpRequest, sociallogin: Any) -> None:
        """A member's first sign-in; an account here has an e-mail that was proven, so a provider has to tell one."""
        proven = sorted(
            (each for each in sociallogin.email_addresses if each.verified), key=lambda each: not each.primary
        )
        if not proven:
            name = providers.label(sociallogin.account.provider)
            self._stop(
                request,
                _("%(provider)s tells no e-mail of yours") % {"provider": name},
                _(
                    "Get a link by e-mail on the sign-in page first. Then link your %(provider)s account under “Sign-in"
                    " and security”: from then on it signs you in."
                )
                % {"provider": name},
            )
        data = sociallogin.account.extra_data or {}
        user = joining.join(email=proven[0].email, name=str(data.get("name") or data.get("login") or ""))
        sociallogin.connect(request, user)

    def _accept(self, request: HttpRequest, sociallogin: Any, pk: int) -> None:
        title = _("The invitation was not accepted")
        if sociallogin.is_existing:
            self._stop(request, title, _("This account belongs to somebody who signs in here already."))
        try:
            invitation = Invitation.objects.filter(pk=pk).first()
            if invitation is None:
                raise actions.InvitationProblem(_("There is no such invitation any more."))
            name = invitation.name or str(sociallogin.account.extra_data.get("name") or "")
            user = actions.accept(invitation=invitation, name=name)
        except (actions.InvitationProblem, ValidationError) as problem:
            self._stop(request, title, str(getattr(problem, "messages", [problem])[0]))
        sociallogin.connect(request, user)

    def _stop(self, request: HttpRequest, title: str, text: str) -> None:
        page = render(request, "socialaccount/stopped.html", {"title": title, "text": text}, status=403)
        raise ImmediateHttpResponse(page)


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keys of authenticator apps are encrypted with the keys of :mod:`folkmoot.kernel.secrets`."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right, or it has run out: type the one shown now."),
        "unreadable_passkey": gettext_lazy("The passkey's answer could not be read: try again."),
    }

    def encrypt(self, text: str) -> str:
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return Community.current().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": Community.current().name}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return _("Passkey")
