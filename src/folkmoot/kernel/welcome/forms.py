"""Forms of the guide and of the community's settings page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.functional import lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.forms import time_zones
from folkmoot.kernel.community import Community
from folkmoot.kernel.welcome import logo

#: What the select offers first; any other code may be typed. ISO 4217.
CURRENCIES = (
    "USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "INR",
    "BRL", "MXN", "ZAR", "KES", "NGN", "ARS", "CLP", "COP", "PEN", "CNY", "KRW", "SGD", "TRY", "UAH",
)  # fmt: skip


def currencies() -> list[tuple[str, Any]]:
    """The codes to choose from, the current one among them."""
    now = Community.current().currency
    return [(code, code) for code in (CURRENCIES if now in CURRENCIES else (now, *CURRENCIES))]


class LooksForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, logo and accent colour."""

    accent = forms.CharField(
        label=_("Accent colour"),
        max_length=7,
        required=False,
        widget=forms.TextInput(
            attrs={"placeholder": "#0f766e", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text=_(
            "For links and buttons, as # and six digits. It is checked to be readable; empty: Folkmoot's green."
        ),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        help_text=_("PNG, JPEG, WebP or GIF, up to 5 MB."),
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    class Meta:
        model = Community
        fields = ("name", "accent")
        labels = {"name": _("Name of the community")}

    field_order: Sequence[str] = ("name", "logo", "remove_logo", "accent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.logo:
            del self.fields["remove_logo"]

    def clean_logo(self) -> ContentFile[bytes] | None:
        """The picture drawn anew."""
        upload = self.cleaned_data["logo"]
        return logo.drawn(upload) if upload else None

    def _post_clean(self) -> None:
        """The action saves; the form only checks the accent with the model's validator."""
        for validator in Community._meta.get_field("accent").validators[:1]:
            value = self.cleaned_data.get("accent")
            if value:
                try:
                    validator(value)
                except forms.ValidationError as error:
                    self.add_error("accent", error)


class HabitsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Time zone, reporting currency, fiscal year."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lazy(time_zones, list)(),
        required=False,
        help_text=_("For people who chose none of their own."),
    )
    currency = forms.ChoiceField(
        label=_("Reporting currency"),
        choices=lazy(currencies, list)(),
        help_text=_("Reports reckon in it; gifts and grants keep their own."),
    )

    class Meta:
        model = Community
        fields = ("time_zone", "currency", "fiscal_year_start")


class CommunityForm(HabitsForm, LooksForm):
    """All of it, on the settings page."""

    field_order = (
        "name",
        "logo",
        "remove_logo",
        "accent",
        "time_zone",
        "currency",
        "fiscal_year_start",
        "members",
        "contributors",
    )

    class Meta:
        model = Community
        fields = (
            "name",
            "accent",
            "time_zone",
            "currency",
            "fiscal_year_start",
            "members",
            "contributors",
        )
        labels = {
            "name": _("Name of the community"),
            "members": _("Who can sign in"),
            "contributors": _("Public pages of people who consented"),
        }
        widgets = {"members": forms.RadioSelect, "contributors": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, variable in (("members", "MEMBERS"), ("contributors", "CONTRIBUTORS")):
            if said := getattr(settings, variable):
                self.fields[name].disabled = True
                self.fields[name].help_text = _now("Fixed on this installation by FOLKMOOT_%(variable)s.") % {
                    "variable": variable
                }
                self.initial[name] = said


class FirstUserForm(forms.Form):
    """The first account."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("As others see it here."),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text=_("You sign in with it."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters; not a common one, not only digits."),
    )


class FirstPeopleForm(forms.Form):
    """E-mails of colleagues, one a line."""

    emails = forms.CharField(
        label=_("E-mails, one a line"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Each gets a link that holds for seven days. You can invite more at any time."),
    )
    level = forms.ChoiceField(
        label=_("What they may do, in every area but Settings"),
        choices=[("1", _("view")), ("2", _("contribute")), ("3", _("manage"))],
        initial="3",
        help_text=_("You can change it for each person later."),
    )

    def clean_emails(self) -> list[str]:
        """The addresses, each checked."""
        found = []
        check = forms.EmailField()
        for number, line in enumerate(self.cleaned_data["emails"].splitlines(), 1):
            if line.strip():
                try:
                    found.append(check.clean(line.strip().strip(",;")))
                except forms.ValidationError:
                    raise forms.ValidationError(
                        _now("Line %(line)d is no e-mail address: %(text)s")
                        % {"line": number, "text": line.strip()[:80]}
                    ) from None
        return list(dict.fromkeys(found))
