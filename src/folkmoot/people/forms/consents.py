"""Forms about consents, claims and erasures, for those who manage people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.people.forms.base import DayInput
from folkmoot.people.models import ConsentKind


class RecordConsentForm(forms.Form):
    """What a person said elsewhere."""

    kind = forms.ModelChoiceField(
        label=gettext_lazy("About what"),
        queryset=ConsentKind.objects.filter(archived_at=None),
        empty_label=gettext_lazy("Choose one"),
    )
    is_given = forms.TypedChoiceField(
        label=gettext_lazy("They said"),
        choices=[
            ("1", gettext_lazy("yes, they agree")),
            ("0", gettext_lazy("no, they do not, or no longer")),
        ],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=gettext_lazy("Where"),
        max_length=60,
        help_text=gettext_lazy("“mail”, “registration form 2026”, “meeting of 3 May”."),
    )
    note = forms.CharField(
        label=gettext_lazy("How one can see it later"),
        max_length=200,
        help_text=gettext_lazy("“mail of 3 May to the board”. The person sees this, too."),
    )
    said_on = forms.DateField(
        label=gettext_lazy("On"), required=False, widget=DayInput, help_text=gettext_lazy("Empty: today.")
    )


class ConsentTextForm(forms.Form):
    """A new version of the words of a consent, in each language."""

    def __init__(
        self, *args: Any, texts: dict[str, str] | None = None, first: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for code, language in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Words in %(language)s") % {"language": language},
                max_length=5000,
                required=code == settings.LANGUAGE_CODE,
                widget=forms.Textarea(attrs={"rows": 5, "lang": code}),
                initial=(texts or {}).get(code, ""),
            )
        if not first:
            self.fields["asks_again"] = forms.BooleanField(
                label=_("Ask everybody again"),
                required=False,
                help_text=_("Whoever agreed to earlier words counts as not agreeing until they do so again."),
            )

    @property
    def texts(self) -> dict[str, str]:
        """Language to words."""
        return {
            name.removeprefix("text_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("text_")
        }


class ConsentKindForm(ConsentTextForm):
    """Something else to ask people."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)


class ReasonForm(forms.Form):
    """Why something is refused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, help_text=gettext_lazy("The person is told.")
    )


class ErasureRequestForm(forms.Form):
    """That somebody asked to be forgotten, outside of Folkmoot."""

    reason = forms.CharField(
        label=gettext_lazy("Where and how they asked"),
        max_length=200,
        help_text=gettext_lazy("“mail of 3 May”."),
    )


class CarryOutForm(forms.Form):
    """The one confirmation of what cannot be undone."""

    confirmed = forms.CharField(
        label=gettext_lazy("Type the name on the record"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
