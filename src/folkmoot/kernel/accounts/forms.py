"""What a person may change about themself."""

from __future__ import annotations

from typing import ClassVar

from allauth.account.forms import LoginForm, ResetPasswordForm
from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User


def time_zones() -> list[tuple[str, object]]:
    """Every IANA zone by name, "the installation's" first."""
    places = sorted(
        name for name in clock.zones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )
    return [
        ("", _("The installation's time zone")),
        ("UTC", "UTC"),
        *((name, name.replace("_", " ")) for name in places),
    ]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, time zone and appearance."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lazy(time_zones, list)(),
        required=False,
        help_text=_("Dates and times are shown in it."),
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["name", "time_zone", "theme"]
        labels: ClassVar[dict[str, object]] = {"name": _("Name"), "theme": _("Appearance")}
        help_texts: ClassVar[dict[str, object]] = {"name": _("As others see it here.")}
        widgets: ClassVar[dict[str, object]] = {"theme": forms.RadioSelect}


class SignInForm(LoginForm):  # type: ignore[misc]
    """django-allauth's, in this house's words; labels stand above, so nothing stands inside the fields."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"
        if "remember" in self.fields:
            del self.fields["remember"]
        _without_placeholders(self)


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Asks for the e-mail of the account."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        _without_placeholders(self)


def _without_placeholders(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
