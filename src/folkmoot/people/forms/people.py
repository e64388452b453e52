"""Forms about a person: who it is, handles and addresses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, ids
from folkmoot.people.countries import country_choices
from folkmoot.people.forms.base import RegisterForm, WebField
from folkmoot.people.models import Identity, Person
from folkmoot.people.systems import INTERNAL, systems


def zone_choices(current: str = "") -> list[tuple[str, str]]:
    """IANA zones by name, "not known" first; the current one is always among them."""
    shown = sorted(
        zone for zone in clock.zones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    extra = [current] if current and current not in shown else []
    return [("", _("not known")), *((zone, zone.replace("_", " ")) for zone in [*extra, "UTC", *shown])]


def countries_to_choose() -> list[tuple[str, str]]:
    """Every country by its name in the reader's language, "not known" first."""
    return [("", _("not known")), *country_choices()]


class PersonForm(RegisterForm):
    """A person."""

    folded = (
        "sort_name",
        "publication_name",
        "availability",
        "availability_note",
        "available_from",
        "country",
        "website",
        "bio",
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False, choices=countries_to_choose)

    class Meta:
        model = Person
        fields = [
            "name",
            "pronouns",
            "location",
            "time_zone",
            "joined_on",
            "sort_name",
            "publication_name",
            "country",
            "availability",
            "availability_note",
            "available_from",
            "website",
            "bio",
        ]
        field_classes = {"website": WebField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices(self.instance.time_zone)  # type: ignore[attr-defined]


def systems_to_choose() -> list[tuple[str, str]]:
    """The systems on which people have handles."""
    return [(system.key, str(system.label)) for system in systems if system.key != INTERNAL]


class NewPersonForm(PersonForm):
    """A person who is not in the register yet, with the handle that tells who it is."""

    system = forms.ChoiceField(label=gettext_lazy("Known on"), choices=systems_to_choose, required=False)
    value = forms.CharField(
        label=gettext_lazy("Handle or address"),
        required=False,
        max_length=320,
        help_text=gettext_lazy("So that imports find the person again. A pasted address will do."),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    field_order = ["name", "system", "value"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["token"] = ids.token(12)


class IdentityForm(RegisterForm):
    """A handle or address. Its system is chosen once."""

    system = forms.ChoiceField(label=gettext_lazy("System"), choices=systems_to_choose)

    class Meta:
        model = Identity
        fields = ["system", "value", "is_verified", "is_bot"]
        help_texts = {
            "value": gettext_lazy("As it is shown there; a pasted address will do."),
            "is_verified": gettext_lazy("It is certain that this is the person."),
            "is_bot": gettext_lazy("A machine acts under it: reports leave it out of the people."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            del self.fields["system"]
