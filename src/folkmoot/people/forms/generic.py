"""The form for names and mailboxes that many share."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.people.models import GenericValue


class GenericForm(forms.Form):
    """Names or mailboxes, one on each line."""

    kind = forms.ChoiceField(
        label=_("What they are"), choices=GenericValue.Kind.choices, widget=forms.RadioSelect, initial="name"
    )
    values = forms.CharField(
        label=_("Values"),
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "One on each line. A mailbox without a domain (info) is one everywhere; team@example.org is that one only."
        ),
    )
