"""The form of a connection with GitHub."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.github.client import API_URL
from folkmoot.ledger.github.access import Access
from folkmoot.ledger.github.actions import ConnectionFields
from folkmoot.ledger.github.models import GithubConnection, all_but_stars, chosen_streams


class NamesField(forms.CharField):
    """Names, one on a line or divided by commas."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """A list of what is between lines, commas and spaces."""
        return [part for part in re.split(r"[\s,;]+", super().clean(value)) if part]


class KeyArea(forms.Textarea):
    """A text area that never shows again what was typed into it."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class ConnectionForm(forms.Form):
    """What to call it, its token, what it reads."""

    folded: ClassVar[tuple[str, ...]] = ("app_id", "private_key", "installation_id", "api_url")

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("How it is called here, such as your community's name.")
    )
    token = forms.CharField(
        label=_("Token"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Kept encrypted, never shown again. Instead of a token you can use a GitHub App: see More."
        ),
    )
    organizations = NamesField(
        label=_("Organisations"),
        help_text=_(
            "One on a line: all their public repositories are read, new ones too. A person's login works as well."
        ),
    )
    repositories = NamesField(
        label=_("Further repositories"),
        help_text=_("One on a line, as owner/name. A private repository is read only when it is named here."),
    )
    reads_register = forms.BooleanField(
        label=_("Keep the facts of all projects of the register up to date"),
        required=False,
        initial=True,
        help_text=_(
            "Stars, last commit, releases, archived state of every project whose repository is on this GitHub."
        ),
    )
    streams = forms.MultipleChoiceField(
        label=_("What is read"),
        choices=[(stream.value, stream.label) for stream in chosen_streams()],
        initial=all_but_stars,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Facts: stars, forks, licence, archived state, last commit. Stars one by one name only who is in the "
            "register already."
        ),
    )
    app_id = forms.CharField(
        label=_("App ID"),
        max_length=60,
        required=False,
        help_text=_("The App ID or client ID on the App's page on GitHub."),
    )
    private_key = forms.CharField(
        label=_("Private key of the App"),
        max_length=20_000,
        required=False,
        widget=KeyArea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The content of the .pem file. Kept encrypted, never shown again."),
    )
    installation_id = forms.CharField(
        label=_("Installation ID"),
        max_length=20,
        required=False,
        help_text=_("Only needed when the App is installed in more than one place."),
    )
    api_url = forms.CharField(
        label=_("Address of the interface"),
        max_length=300,
        required=False,
        initial=API_URL,
        help_text=_("For GitHub Enterprise: https://github.example.org/api/v3."),
    )

    def __init__(self, *args: Any, connection: GithubConnection | None = None, **options: Any) -> None:
        if connection is not None:
            names = [name for name in self.base_fields if name not in ("token", "private_key")]
            options["initial"] = {name: getattr(connection, name) for name in names}
        super().__init__(*args, **options)
        if connection is not None:
            for name in ("token", "private_key"):
                self.fields[name].help_text = _("Leave it empty to keep the one that is there.")

    def reads_with(self) -> Access:
        """The token or the App that was filled in."""
        names = ("token", "app_id", "private_key", "installation_id")
        return Access(**{name: self.cleaned_data[name] for name in names})

    def said(self) -> ConnectionFields:
        """What was filled in, for the actions."""
        data = self.cleaned_data
        return ConnectionFields(
            name=data["name"],
            organizations=data["organizations"],
            repositories=data["repositories"],
            reads_register=data["reads_register"],
            streams=data["streams"],
            api_url=data["api_url"],
        )
