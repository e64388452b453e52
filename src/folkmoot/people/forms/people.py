"""Forms about a person: who it is, handles, roles, organisations."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, ids
from folkmoot.kernel.text import clean, fold
from folkmoot.people.actions.base import line
from folkmoot.people.forms.base import DayInput, RegisterForm, Suggest, WebField, names_of
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Organization,
    Person,
    Project,
    Team,
    Term,
)
from folkmoot.people.queries.pages import find_people
from folkmoot.people.systems import INTERNAL, systems


def _zones(current: str = "") -> list[tuple[str, str]]:
    shown = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    extra = [current] if current and current not in shown else []
    return [("", _("not known")), *((zone, zone.replace("_", " ")) for zone in [*extra, "UTC", *shown])]


class PersonForm(RegisterForm):
    """A person."""

    folded = ("sort_name", "website", "bio")
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)

    class Meta:
        model = Person
        fields = ["name", "pronouns", "location", "time_zone", "joined_on", "sort_name", "website", "bio"]
        field_classes = {"website": WebField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = _zones(self.instance.time_zone)  # type: ignore[attr-defined]


def _systems() -> list[tuple[str, str]]:
    return [(system.key, str(system.label)) for system in systems if system.key != INTERNAL]


class NewPersonForm(PersonForm):
    """A person who is not in the register yet, with the handle that tells who it is."""

    system = forms.ChoiceField(label=gettext_lazy("Known on"), choices=_systems, required=False)
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

    system = forms.ChoiceField(label=gettext_lazy("System"), choices=_systems)

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


def _named(model: Any, text: str, none: str) -> Any:
    """The row of this name; ``None`` for no text.

    Raises:
        ValidationError: there is none, or several.
    """
    text = line(text)
    if not text:
        return None
    found = list(model._default_manager.filter(folded=fold(text))[:2])
    if len(found) == 1:
        return found[0]
    if not found and text.endswith(")") and " (" in text:
        name, _sep, kind = text[:-1].rpartition(" (")
        labels = {fold(str(label)): value for value, label in Project.Kind.choices}
        found = list(model._default_manager.filter(folded=fold(name), kind=labels.get(fold(kind), "")))
        if found:
            return found[0]
    if len(found) > 1:
        raise ValidationError(
            _("Several have this name: write the kind behind it, for example “%s (lesson)”.") % text
        )
    raise ValidationError(none % {"name": text})


class TermForm(RegisterForm):
    """A person holding a role."""

    project = forms.CharField(label=gettext_lazy("In the project"), required=False, max_length=230)
    team = forms.ModelChoiceField(
        label=gettext_lazy("Or in the team"),
        queryset=Team.objects.order_by("folded"),
        required=False,
        empty_label=gettext_lazy("no team"),
    )

    class Meta:
        model = Term
        fields = ["role_kind", "project", "team", "started_on", "ended_on"]
        help_texts = {
            "started_on": gettext_lazy("Empty: not known."),
            "ended_on": gettext_lazy("Empty: open. The day itself still counts."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role_kind"]
        role.empty_label = _("Choose a role")
        self.fields["project"].widget = Suggest(names_of(Project), {"maxlength": 230})
        if self.instance.project_id and not self.is_bound:
            self.initial["project"] = str(self.instance.project)

    def clean_project(self) -> Project | None:
        return _named(
            Project,
            self.cleaned_data["project"],
            _("No project is called “%(name)s”. Add it under Projects first."),
        )


class MemberForm(TermForm):
    """Somebody who gets a role in a project or team: the place is known, the person is named."""

    person = forms.CharField(
        label=gettext_lazy("Who"),
        max_length=320,
        help_text=gettext_lazy("A handle, an e-mail address, or the whole name as the register has it."),
    )
    field_order = ["person", "role_kind"]

    class Meta(TermForm.Meta):
        fields = ["role_kind", "started_on", "ended_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["project"], self.fields["team"]

    def clean_person(self) -> Person:
        text = self.cleaned_data["person"]
        found = find_people(text)
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(
                _("%(number)d people are called that. Name one by a handle or an e-mail address.")
                % {"number": len(found)}
            )
        raise ValidationError(_("Nobody in the register is “%s”.") % clean(text))


class RenewForm(forms.Form):
    """Until when a term goes on."""

    until = forms.DateField(
        label=gettext_lazy("Goes on until"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("Empty: without an end."),
    )


class EndForm(forms.Form):
    """Which day is the last."""

    on = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput)


class AffiliationForm(RegisterForm):
    """Where somebody works or studies."""

    organization = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=200,
        help_text=gettext_lazy("One that is not in the register yet is added."),
    )

    class Meta:
        model = Affiliation
        fields = ["organization", "started_on", "ended_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].widget = Suggest(names_of(Organization), {"maxlength": 200})
        if self.instance.pk is not None:
            del self.fields["organization"]


def a_year_after(day: Any) -> Any:
    """The same day a year later, or the day before where there is none (29 February)."""
    day = day or clock.today()
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
