"""Forms of a person's own side."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.people.forms.base import RegisterForm, WebField
from folkmoot.people.forms.people import countries_to_choose, systems_to_choose, zone_choices
from folkmoot.people.models import Person, Tag
from folkmoot.people.queries.own import PUBLIC_PARTS, PublicChoice

#: The facets a person sets, and how their fields are called.
FACET_FIELDS = {
    "language": ("language", gettext_lazy("Languages")),
    "domain": ("domain", gettext_lazy("Domains")),
    "technical area": ("technical_area", gettext_lazy("Technical areas")),
}
KNOWN_SHOWN = 12


class OwnForm(RegisterForm):
    """What a person says about themself."""

    folded = ("sort_name", "publication_name", "available_from")
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False, choices=countries_to_choose)

    class Meta:
        model = Person
        fields = [
            "name",
            "pronouns",
            "sort_name",
            "publication_name",
            "bio",
            "location",
            "country",
            "time_zone",
            "website",
            "availability",
            "availability_note",
            "available_from",
        ]
        field_classes = {"website": WebField}
        help_texts = {
            "availability_note": gettext_lazy("For example: “evenings only”, “after my thesis”."),
            "bio": gettext_lazy("Your public page shows it, if you consent to one."),
        }
        widgets = {"bio": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices(self.instance.time_zone)  # type: ignore[attr-defined]
        held: dict[str, list[str]] = {}
        if not self.is_bound:
            for facet, name in self.instance.tags.filter(facet__in=FACET_FIELDS).values_list("facet", "name"):
                held.setdefault(facet, []).append(name)
        for facet, (field, label) in FACET_FIELDS.items():
            self.fields[field] = forms.CharField(
                label=label,
                required=False,
                max_length=3200,
                help_text=_known(facet),
                initial=", ".join(held.get(facet, [])),
            )

    def words(self, facet: str) -> list[str]:
        """What was typed for a facet, word by word."""
        typed = self.cleaned_data[FACET_FIELDS[facet][0]].replace(";", ",").replace("\n", ",")
        return [word.strip() for word in typed.split(",") if word.strip()]

    def profile(self) -> dict[str, Any]:
        """What was typed about the person themself."""
        beside = {field for field, _label in FACET_FIELDS.values()}
        return {name: value for name, value in self.values().items() if name not in beside}


def _known(facet: str) -> str:
    known = list(
        Tag.objects.filter(facet=facet).order_by("folded").values_list("name", flat=True)[:KNOWN_SHOWN]
    )
    told = _("Separated by commas.")
    return f"{told} {_('Known here:')} {', '.join(known)}" if known else told


class OwnIdentityForm(forms.Form):
    """A handle or address of one's own."""

    system = forms.ChoiceField(label=gettext_lazy("System"), choices=systems_to_choose)
    value = forms.CharField(
        label=gettext_lazy("Handle or address"),
        max_length=320,
        help_text=gettext_lazy("As it is shown there; a pasted address will do."),
    )


class PhotoForm(forms.Form):
    """A photograph."""

    photo = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy(
            "PNG, JPEG, WebP or GIF, at most 5 MB. Its middle is kept as a square; place and camera are taken out."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )


class PublicForm(forms.Form):
    """What one's public page shows beside what the consent names."""

    parts = forms.MultipleChoiceField(
        label=gettext_lazy("Show also"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("pronouns", gettext_lazy("pronouns")),
            ("location", gettext_lazy("place and country")),
            ("website", gettext_lazy("website")),
            ("availability", gettext_lazy("whether I can be asked")),
            ("organizations", gettext_lazy("organisations I belong to now")),
            ("contributions", gettext_lazy("how much I contributed, in figures")),
        ],
    )
    identities = forms.MultipleChoiceField(
        label=gettext_lazy("Handles and addresses"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, handles: Any = (), choice: PublicChoice | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["identities"]
        field.choices = [(str(one.identity.pk), f"{one.label}: {one.identity.value}") for one in handles]
        if choice is not None and not self.is_bound:
            self.initial = {
                "parts": [part for part in PUBLIC_PARTS if part in choice.parts],
                "identities": [str(pk) for pk in choice.identities],
            }


class NewRecordForm(forms.Form):
    """A record of one's own."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=200, help_text=gettext_lazy("As you write it yourself.")
    )


class AskForm(OwnIdentityForm):
    """Asking for a record that signing in does not prove."""

    message = forms.CharField(
        label=gettext_lazy("How can we tell that it is you?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class EraseForm(forms.Form):
    """The consequence, named and ticked."""

    understood = forms.BooleanField(
        label=gettext_lazy("I understand that this cannot be undone once it is carried out."),
        error_messages={"required": gettext_lazy("Tick this to go on.")},
    )
