"""The form for a webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.api.webhooks import feed


class WebhookForm(forms.Form):
    """Who is told what."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What listens there: “website build”.")
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_(
            "Where changes are posted to. Private addresses are refused unless the installation allows them."
        ),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell when"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It is told which records, not what is in them: that it reads with a token."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["events"].choices = [  # type: ignore[attr-defined]
            (event, f"{feed.label(event)} ({event})") for event in feed.events()
        ]
