"""The form of a connection to AMY."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.people.models import AmyConnection


class AmyForm(forms.Form):
    """Where AMY is, by what it is asked, and whether every night."""

    url = forms.CharField(
        label=_("AMY’s address"), max_length=300, help_text=_("Such as https://amy.carpentries.org.")
    )
    token = forms.CharField(
        label=_("Token"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Of AMY’s API v2. Kept encrypted, never shown again; empty: the one that is kept stays."),
    )
    session = forms.CharField(
        label=_("Session for API v1"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "What the cookie “sessionid” of an administrator holds: consents, applications for trainings and "
            "recruitments are in API v1 only. Consents take a request for each person: 12,000 people take six hours. "
            "It ends with their sign-in."
        ),
    )
    is_nightly = forms.BooleanField(
        label=_("Read every night"),
        required=False,
        help_text=_(
            "While you work in both: what changed in AMY comes over, and what was edited here stays."
        ),
    )

    def __init__(self, *args: Any, connection: AmyConnection | None = None, **kwargs: Any) -> None:
        if connection is not None:
            kwargs["initial"] = {"url": connection.url, "is_nightly": connection.is_nightly}
        super().__init__(*args, **kwargs)
