"""Forms about who holds which role from when to when, and who belongs to which organisation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.text import clean, fold
from folkmoot.people.actions.base import line
from folkmoot.people.forms.base import DayInput, RegisterForm, Suggest, names_of
from folkmoot.people.models import Affiliation, Organization, Person, Project, RoleKind, Team, Term
from folkmoot.people.queries.pages import find_people


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


class AsksForReason(forms.Form):
    """A form that asks why somebody goes beyond a team's limit, once the action says that they do."""

    override = forms.CharField(
        label=gettext_lazy("Why beyond the limit"),
        required=False,
        max_length=150,
        widget=forms.HiddenInput,
        help_text=gettext_lazy("Kept in the history of the record."),
    )

    def add_error(self, field: Any, error: Any) -> None:
        """The field appears with what it is about."""
        super().add_error(field, error)
        if "override" in self.errors:
            self.ask()

    def ask(self) -> None:
        """Show the field."""
        self.fields["override"].widget = forms.TextInput(attrs={"maxlength": 150})


def one_person(text: str) -> Person:
    """Who is meant by a handle, an address or the whole name.

    Raises:
        ValidationError: nobody is, or several are.
    """
    found = find_people(text)
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(
            _("%(number)d people are called that. Name one by a handle or an e-mail address.")
            % {"number": len(found)}
        )
    raise ValidationError(_("Nobody in the register is “%s”.") % clean(text))


class TermForm(AsksForReason, RegisterForm):
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
        return one_person(self.cleaned_data["person"])


class RenewForm(AsksForReason):
    """Until when a term goes on."""

    until = forms.DateField(
        label=gettext_lazy("Goes on until"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("Empty: without an end."),
    )
    field_order = ["until", "override"]


class EndForm(AsksForReason):
    """Which day is the last, who follows, and what the person is afterwards."""

    on = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput)
    successor = forms.CharField(
        label=gettext_lazy("Who follows"),
        required=False,
        max_length=320,
        help_text=gettext_lazy(
            "Begins on the day after, in the same role. A handle, an e-mail address, or the whole name; "
            "empty: nobody yet."
        ),
    )
    becomes = forms.ModelChoiceField(
        label=gettext_lazy("Role afterwards"),
        queryset=RoleKind.objects.filter(is_former=True),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    field_order = ["on", "successor", "becomes", "override"]

    def clean_successor(self) -> Person | None:
        text = self.cleaned_data["successor"]
        return one_person(text) if text else None


class AffiliationForm(RegisterForm):
    """Where somebody works or studies."""

    organization = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=200,
        help_text=gettext_lazy("One that is not in the register yet is added."),
    )

    class Meta:
        model = Affiliation
        fields = ["organization", "title", "started_on", "ended_on"]
        help_texts = {
            "started_on": gettext_lazy("Empty: not known; it counts for all days before the last."),
            "ended_on": gettext_lazy("Empty: still there. The day itself still counts."),
        }

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
