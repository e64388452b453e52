"""What people fill in on the reports' pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.reports.models import Note, Share


class NoteForm(forms.Form):
    """A note on a section; emptied, it is removed."""

    body = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=Note._meta.get_field("body").max_length,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
        help_text=_(
            "Markdown: **strong**, lists, links. It appears in the report, its PDF and shared links."
        ),
    )


class ShareForm(forms.Form):
    """For whom a link is made, and for how long."""

    DAYS = ((7, _("a week")), (30, _("30 days")), (90, _("90 days")), (366, _("a year")))

    recipient = forms.CharField(
        label=_("For whom"),
        max_length=Share._meta.get_field("recipient").max_length,
        help_text=_("So that you know later who has the link: the council, a funder."),
    )
    days = forms.TypedChoiceField(label=_("It lasts"), choices=DAYS, coerce=int, initial=90)
