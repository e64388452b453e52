"""The form for a new token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.tokens.scopes import open_to

LIVES = (("30", _("30 days")), ("90", _("90 days")), ("366", _("a year")), ("", _("until it is revoked")))


class TokenForm(forms.Form):
    """What will use it, what it may do, how long."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What will use it: “dashboard”, “website build”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may yourself, at the moment it asks. Choose as little as it needs."),
    )
    days = forms.ChoiceField(label=_("Holds for"), choices=LIVES, initial="90", required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope.key, f"{scope.label} ({scope.key})") for scope in open_to(user)
        ]

    def life(self) -> int | None:
        """The chosen number of days; ``None`` for no end."""
        days = self.cleaned_data["days"]
        return int(days) if days else None
