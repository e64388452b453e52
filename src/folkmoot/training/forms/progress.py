"""Forms about progress, awards, and what leads to them."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.record_forms import DayInput, RecordForm, WebField
from folkmoot.people.public import RoleKind
from folkmoot.training.badge_pictures import drawn
from folkmoot.training.forms.fields import PickedPersonField, ProjectsField
from folkmoot.training.forms.rows import RowForm
from folkmoot.training.models import (
    UNDECIDED,
    Badge,
    CertificatePattern,
    Event,
    EventKind,
    Involvement,
    Programme,
    Progress,
    ProgressState,
    Requirement,
)
from folkmoot.training.queries.pasted import Pasted, people_meant, words_of
from folkmoot.training.queries.trainees import trainings

_READ_BY_THEM = gettext_lazy("The trainee reads it on their page.")
#: Most words that are pasted at once; what comes of them is at most as many people.
MOST_PASTED = 500


def what_choices(also: Progress | None = None) -> list[tuple[str, Any]]:
    """What can be noted: each requirement, or each of its ways, as ``3`` or ``3:7``; two queries.

    Args:
        also: its requirement and way stand there even where they are archived.
    """
    kept = also.requirement_id if also else None
    ways = Involvement.objects.filter(Q(is_archived=False) | Q(pk=also.involvement_id if also else None))
    by_requirement: dict[int, list[Involvement]] = {}
    for way in ways:
        by_requirement.setdefault(way.requirement_id, []).append(way)
    choices: list[tuple[str, Any]] = []
    for row in Requirement.objects.filter(Q(is_archived=False) | Q(pk=kept)):
        mine = by_requirement.get(row.pk)
        if mine:
            choices += [(f"{row.pk}:{way.pk}", f"{row.name}: {way.name}") for way in mine]
        else:
            choices.append((str(row.pk), row.name))
    return choices


class WhatField(forms.ChoiceField):
    """A requirement, and how, in one choice."""

    def clean(self, value: Any) -> tuple[Requirement, Involvement | None] | None:
        word = super().clean(value)
        if not word:
            return None
        number, _colon, way = word.partition(":")
        how = Involvement.objects.select_related("requirement").get(pk=int(way)) if way else None
        return (how.requirement if how else Requirement.objects.get(pk=int(number))), how


def _trainings() -> Any:
    return trainings(list(Requirement.objects.filter(needs_event=True)))


class NoteForm(forms.Form):
    """What is noted, for one person or many."""

    what = WhatField(label=gettext_lazy("What"))
    state = forms.ChoiceField(
        label=gettext_lazy("How it stands"),
        choices=[(one.value, one.label) for one in ProgressState if one != ProgressState.SUBMITTED],
        initial=ProgressState.PASSED,
    )
    happened_on = forms.DateField(label=gettext_lazy("Day"), required=False, widget=DayInput())
    event = forms.ModelChoiceField(
        Event.objects.none(),
        label=gettext_lazy("Training"),
        required=False,
        empty_label=gettext_lazy("each one’s own"),
        help_text=gettext_lazy("Only for a training. Each one’s own: the newest that they took part in."),
    )
    due_on = forms.DateField(
        label=gettext_lazy("Due"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy(
            "Where it is to do or to be repeated. Empty: reckoned from the end of the training."
        ),
    )
    url = WebField(label=gettext_lazy("Address"), max_length=1000, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        help_text=_READ_BY_THEM,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=5000,
    )
    folded = ("due_on", "url", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["what"].choices = what_choices()
        fields["event"].queryset = _trainings()

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        said = dict(self.cleaned_data)
        said.pop("people", None)
        said["requirement"], said["involvement"] = said.pop("what")
        return said


class NoteManyForm(NoteForm):
    """The same for people whose addresses, handles or names are pasted."""

    people = forms.CharField(
        label=gettext_lazy("For whom"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        max_length=60_000,
        help_text=gettext_lazy(
            "E-mail addresses, @handles on GitHub, or names: one a line, or between commas. At most 500."
        ),
    )
    #: Whom the words mean, once the form is valid.
    pasted: Pasted

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["people"])

    def clean_people(self) -> str:
        """The words, and whom they mean."""
        text: str = self.cleaned_data["people"]
        words = words_of(text)
        if len(words) > MOST_PASTED:
            raise ValidationError(
                _("At most %(n)d at a time; these are %(many)d.") % {"n": MOST_PASTED, "many": len(words)}
            )
        self.pasted = people_meant(words)
        return text


class ProgressForm(RecordForm):
    """One try of one person."""

    what = WhatField(label=gettext_lazy("What"))
    url = WebField(label=gettext_lazy("Address"), max_length=1000, required=False)

    class Meta:
        model = Progress
        fields: ClassVar[list[str]] = ["state", "happened_on", "event", "due_on", "url", "own_note", "note"]
        widgets: ClassVar[dict[str, Any]] = {
            "own_note": forms.Textarea(attrs={"rows": 2}),
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        row = self.instance
        fields["what"].choices = what_choices(row if row.pk else None)
        fields["event"].queryset = (_trainings() | Event.objects.filter(pk=row.event_id)).distinct()
        fields["event"].empty_label = _("none")
        fields["event"].help_text = _("Only for a training.")
        fields["note"].help_text = _READ_BY_THEM
        if row.pk:
            way = f":{row.involvement_id}" if row.involvement_id else ""
            self.initial["what"] = f"{row.requirement_id}{way}"
        else:
            del fields["own_note"]
            fields["state"].initial = ProgressState.PASSED
        self.order_fields(["what", *fields])

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        said = super().values()
        said["requirement"], said["involvement"] = said.pop("what")
        return said


class SubmitForm(forms.Form):
    """What trainees say of what they did."""

    involvement = forms.ModelChoiceField(
        Involvement.objects.none(), label=gettext_lazy("How"), empty_label=gettext_lazy("choose")
    )
    happened_on = forms.DateField(label=gettext_lazy("When"), required=False, widget=DayInput())
    url = WebField(label=gettext_lazy("Address where it can be seen"), max_length=1000, required=False)
    note = forms.CharField(
        label=gettext_lazy("A few words about it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, requirement: Requirement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        ways = requirement.involvements.filter(is_archived=False)
        fields["involvement"].queryset = ways
        if not ways.exists():
            del fields["involvement"]
            for name, needed in (
                ("happened_on", requirement.needs_date),
                ("url", requirement.needs_url),
                ("note", requirement.needs_note),
            ):
                fields[name].required = needed
        if "seen" not in self.initial:
            del fields["seen"]

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said at its field; their own note is the note of this form."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            shown = {"own_note": "note"}.get(name, name)
            self.add_error(shown if shown in self.fields else None, errors)


class EvaluateForm(forms.Form):
    """What the staff decides about something that was submitted."""

    state = forms.ChoiceField(
        label=gettext_lazy("How it stands"),
        choices=[(one.value, one.label) for one in ProgressState if one not in UNDECIDED],
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        help_text=_READ_BY_THEM,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=5000,
    )


class LessonsForm(forms.Form):
    """Which lessons somebody can teach."""

    lessons = ProjectsField(
        label=gettext_lazy("Lessons"),
        required=False,
        help_text=gettext_lazy("Names of lessons of the register, separated by commas."),
    )


class AwardForm(forms.Form):
    """A badge for somebody."""

    person = PickedPersonField(
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Name, @handle on GitHub, or e-mail address of somebody in the register."),
    )
    awarded_on = forms.DateField(
        label=gettext_lazy("Awarded on"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("Empty: today."),
    )


class PersonAwardForm(forms.Form):
    """A badge for a person that is known."""

    badge = forms.ModelChoiceField(Badge.objects.none(), label=gettext_lazy("Badge"), empty_label=None)
    awarded_on = forms.DateField(
        label=gettext_lazy("Awarded on"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("Empty: today."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["badge"].queryset = Badge.objects.filter(is_archived=False)

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        day: dt.date | None = self.cleaned_data["awarded_on"]
        return {"badge": self.cleaned_data["badge"], "awarded_on": day}


# ---------------------------------------------------------------------- rows


def _used(model: Any, chosen: int | None) -> Any:
    return model._default_manager.filter(Q(is_archived=False) | Q(pk=chosen))


class RequirementForm(RowForm):
    """A requirement."""

    folded = ("slug", "order", "programme")

    class Meta:
        model = Requirement
        fields: ClassVar[list[str]] = [
            *("name", "description", "needs_event", "event_kind", "due_days", "is_own"),
            *("needs_url", "needs_date", "needs_note", "programme", "slug", "order", "is_archived"),
        ]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["programme"].queryset = _used(Programme, self.instance.programme_id)
        fields["event_kind"].queryset = _used(EventKind, self.instance.event_kind_id)
        fields["programme"].empty_label = fields["event_kind"].empty_label = _("none")


class InvolvementForm(RowForm):
    """A way to get involved."""

    folded = ("slug", "order")

    class Meta:
        model = Involvement
        fields: ClassVar[list[str]] = [
            *("name", "requirement", "needs_url", "needs_date", "needs_note", "slug", "order", "is_archived"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["requirement"].queryset = _used(
            Requirement, self.instance.requirement_id if self.instance.pk else None
        )


class BadgeForm(RowForm):
    """A badge."""

    upload = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("PNG, JPEG, WebP or GIF; it is kept small. Empty: as it is."),
    )
    no_picture = forms.BooleanField(label=gettext_lazy("Take the picture away"), required=False)
    folded = ("slug", "order")

    class Meta:
        model = Badge
        fields: ClassVar[list[str]] = [
            *("name", "description", "requirements", "is_automatic", "role_kind", "certificate"),
            *("slug", "order", "is_archived"),
        ]
        widgets: ClassVar[dict[str, Any]] = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "requirements": forms.CheckboxSelectMultiple(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        mine = Q(badges=self.instance) if self.instance.pk else Q(pk=None)
        fields["requirements"].queryset = Requirement.objects.filter(Q(is_archived=False) | mine).distinct()
        fields["role_kind"].queryset = RoleKind.objects.all()
        fields["certificate"].queryset = _used(CertificatePattern, self.instance.certificate_id)
        fields["role_kind"].empty_label = fields["certificate"].empty_label = _("none")
        if not self.instance.picture:
            del self.fields["no_picture"]
        self.order_fields(["name", "description", "upload", "no_picture"])

    def clean_upload(self) -> Any:
        """The picture drawn anew."""
        chosen = self.cleaned_data["upload"]
        return drawn(chosen) if chosen else None
