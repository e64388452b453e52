"""Forms about organisations, their kinds, and how they stand to each other."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.people.countries import country_choices, country_name
from folkmoot.people.forms.base import RegisterForm, Suggest, WebField, names_of
from folkmoot.people.models import Organization, OrganizationKind, OrganizationRelation
from folkmoot.people.queries.organizations import BACKWARDS, relation_words


def _countries(current: str) -> list[tuple[str, str]]:
    known = country_choices()
    extra = [(current, country_name(current))] if current and current not in dict(known) else []
    return [("", _("not known")), *extra, *known]


class OrganizationForm(RegisterForm):
    """An organisation."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    domains = forms.CharField(
        label=gettext_lazy("Domains"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "Of its web and mail addresses, one in a line, such as harbour.example. Whoever has a mail address there, "
            "or below, gets this organisation suggested on their page."
        ),
    )

    class Meta:
        model = Organization
        fields = ["name", "kinds", "website", "country", "location", "domains", "description"]
        field_classes = {"website": WebField}
        widgets = {
            "kinds": forms.CheckboxSelectMultiple,
            "description": forms.Textarea(attrs={"rows": 4}),
        }

    folded = ("location", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country: Any = self.fields["country"]
        country.choices = _countries(self.instance.country)
        kinds: Any = self.fields["kinds"]
        kinds.help_text = ""
        if self.instance.pk and not self.is_bound:
            self.initial["domains"] = "\n".join(self.instance.domains.values_list("domain", flat=True))

    def clean_domains(self) -> list[str]:
        """The words that were typed, whatever stands between them; the action knows what a domain is."""
        return [word for word in re.split(r"[\s,;]+", self.cleaned_data["domains"]) if word]

    def values(self) -> dict[str, Any]:
        return {**super().values(), "kinds": list(self.cleaned_data["kinds"])}


class OrganizationKindForm(RegisterForm):
    """A kind of organisation. Its short name is made once, from its first name."""

    class Meta:
        model = OrganizationKind
        fields = ["name", "order"]


class RelationForm(RegisterForm):
    """How an organisation stands to another, told from either side."""

    kind = forms.ChoiceField(label=gettext_lazy("Relation"))
    other = forms.CharField(
        label=gettext_lazy("Which organisation"),
        max_length=200,
        help_text=gettext_lazy("One that is not in the register yet is added."),
    )

    class Meta:
        model = OrganizationRelation
        fields = ["kind", "other", "started_on", "ended_on"]
        help_texts = {
            "started_on": gettext_lazy("Empty: not known."),
            "ended_on": gettext_lazy("Empty: it still holds. The day itself still counts."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [("", "---------"), *relation_words()]
        self.fields["other"].widget = Suggest(names_of(Organization), {"maxlength": 200})
        if self.instance.pk is not None:
            del self.fields["kind"], self.fields["other"]

    def values(self) -> dict[str, Any]:
        """What was typed; ``backwards`` says that the relation begins at the other organisation."""
        values = super().values()
        said = values.pop("kind", "")
        if not said:
            return values
        return {**values, "kind": said.removeprefix(BACKWARDS), "backwards": said.startswith(BACKWARDS)}
