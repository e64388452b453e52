"""Putting people forward whom the finder found."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.training.models import Opening, SoughtPart
from folkmoot.training.queries.finder import open_openings
from folkmoot.training.queries.lists import days_words


class _SoughtField(forms.ModelChoiceField):
    """A part that an opening seeks."""

    def label_from_instance(self, obj: Any) -> str:
        event = obj.opening.event
        words = [event.title, days_words(event.starts_on, event.ends_on), obj.kind.name]
        return " · ".join(word for word in words if word)


class PutForwardForm(forms.Form):
    """For which opening, and which part."""

    sought = _SoughtField(
        SoughtPart.objects.none(), label=gettext_lazy("For"), empty_label=gettext_lazy("choose an opening")
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Only for those who run events."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        parts = SoughtPart.objects.filter(
            opening__in=Opening.objects.filter(pk__in=open_openings().values("pk"))
        )
        fields["sought"].queryset = parts.select_related("opening__event", "kind").order_by(
            "opening__event__starts_at", "opening", "kind__order", "pk"
        )
        if not parts.exists():
            fields["sought"].help_text = _(
                "No event seeks anybody just now: open an event’s page and seek people."
            )
