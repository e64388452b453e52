"""django-allauth's forms for codes and passkeys in this house's words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.utils.translation import gettext_lazy as _


class _Code:
    """A field for a code: wide keys on a phone, filled in by the device where it can, no text inside."""

    label: Any = _("Code")
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = self.label
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs.update({"autocomplete": "one-time-code", "spellcheck": "false"})


class AskForCodeForm(RequestLoginCodeForm):  # type: ignore[misc]
    """Asks for the e-mail that the link goes to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs.pop("placeholder", None)
        self.fields["email"].widget.attrs["autocomplete"] = "username"


class MailedCodeForm(_Code, ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code of the mail; the mail's link fills it in."""

    label = _("Code from the mail")


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]
    """The second step at sign-in."""

    label = _("Code from your authenticator app, or a recovery code")


class CodeAgainForm(_Code, ReauthenticateForm):  # type: ignore[misc]
    """The second step once more, before something that is worth it."""

    label = _("Code from your authenticator app, or a recovery code")


class FirstCodeForm(_Code, ActivateTOTPForm):  # type: ignore[misc]
    """Proves that the app has the key."""

    label = _("Code that the app shows")


class _Answer:
    """What a browser answers for a passkey may be anything: what cannot be read is refused, never an error."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise get_adapter().validation_error("unreadable_passkey") from error


class PasskeySignInForm(_Answer, LoginWebAuthnForm):  # type: ignore[misc]
    """Signs in with a passkey alone."""


class PasskeyStepForm(_Answer, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second step."""


class PasskeyAgainForm(_Answer, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey once more, before something that is worth it."""


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Adds a passkey or a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("So that you know it again: “laptop”, “blue key”.")
        self.fields["name"].required = True
        self.fields["passwordless"].label = _("Sign in with it alone, without a password")
        self.fields["passwordless"].help_text = _(
            "The device then asks for your finger, face or PIN. Otherwise it is a second step after the password."
        )
        self.fields["passwordless"].initial = True

    def clean(self) -> Any:
        """Refuse what cannot be read."""
        try:
            return super().clean()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise get_adapter().validation_error("unreadable_passkey") from error


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    """Renames one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].max_length = 60
