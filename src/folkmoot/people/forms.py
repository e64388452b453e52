"""Forms of the register: they read what was typed; the actions decide whether it can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, ids
from folkmoot.kernel.audit import has_history
from folkmoot.kernel.text import clean, fold
from folkmoot.people import actions
from folkmoot.people.actions.base import line
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Note,
    Organization,
    Person,
    Project,
    RoleKind,
    Tag,
    Team,
    Term,
)
from folkmoot.people.queries.pages import find_people
from folkmoot.people.systems import INTERNAL, systems

#: Most suggestions that a text field offers.
SUGGESTIONS = 500


class WebField(forms.URLField):
    """An address on the web; what has no scheme gets ``https://``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", **kwargs})


class Suggest(forms.TextInput):
    """A text field that suggests names while one types; anything may be typed."""

    template_name = "people/widgets/suggest.html"

    def __init__(self, names: Any, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.names = names

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"names-{name}"
        context["widget"]["attrs"]["autocomplete"] = "off"
        context["names"] = list(self.names())
        return context


def names_of(model: type[models.Model]) -> Any:
    """The names of a model's rows, for suggestions; one query."""
    return lambda: model._default_manager.order_by("folded").values_list("name", flat=True)[:SUGGESTIONS]


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class RegisterForm(forms.ModelForm):
    """Takes its fields from the model and leaves the checking to the action."""

    #: The version of the record that was read when the form was opened.
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or not has_history(type(self.instance)):
            del self.fields["seen"]
        elif not self.is_bound:
            self.initial["seen"] = actions.current_version(self.instance)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget = DayInput(field.widget.attrs)

    def _post_clean(self) -> None:
        """The action checks; the form's row stays as it was read."""

    def values(self) -> dict[str, Any]:
        """What was typed, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    @property
    def version(self) -> int | None:
        """The version the form was opened on."""
        return self.cleaned_data.get("seen")

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        if isinstance(error, actions.ChangedMeanwhile):
            data: Any = self.data
            self.data = {**data.dict(), self.add_prefix("seen"): actions.current_version(self.instance)}
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


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


class OrganizationForm(RegisterForm):
    """An organisation."""

    class Meta:
        model = Organization
        fields = ["name", "website", "location"]
        field_classes = {"website": WebField}


class ProjectForm(RegisterForm):
    """A package, repository or lesson."""

    class Meta:
        model = Project
        fields = ["name", "kind", "repository", "website", "description", "is_archived"]
        field_classes = {"repository": WebField, "website": WebField}

    folded = ("website", "is_archived")


class TeamForm(RegisterForm):
    """A council, board or group."""

    class Meta:
        model = Team
        fields = ["name", "description", "is_archived"]


class RoleKindForm(RegisterForm):
    """A kind of role. Its short name is made once, from its first name."""

    class Meta:
        model = RoleKind
        fields = ["name", "description", "is_staff", "is_former", "notice_days", "order"]


class NoteForm(RegisterForm):
    """A note."""

    class Meta:
        model = Note
        fields = ["body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 6})}


class TagForm(RegisterForm):
    """A tag's name."""

    class Meta:
        model = Tag
        fields = ["name"]


class TagNameForm(forms.Form):
    """The name of a tag to put on a record."""

    name = forms.CharField(max_length=100)


class BulkTagForm(forms.Form):
    """A tag to put on selected people, or to take off them."""

    do = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[("on", gettext_lazy("Put it on them")), ("off", gettext_lazy("Take it off them"))],
        widget=forms.RadioSelect,
        initial="on",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("Tag"),
            max_length=100,
            widget=Suggest(tag_names),
            help_text=_("A new name makes a new tag."),
        )
        self.order_fields(["name", "do"])


def tag_names() -> Iterable[str]:
    """Names of tags, for suggestions."""
    return Tag.objects.filter(facet="tag").order_by("folded").values_list("name", flat=True)[:SUGGESTIONS]


def a_year_after(day: Any) -> Any:
    """The same day a year later, or the day before where there is none (29 February)."""
    day = day or clock.today()
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
