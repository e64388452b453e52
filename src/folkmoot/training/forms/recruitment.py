"""Forms about openings, sign-ups, and what people say of themselves for events."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.training.forms.fields import LanguagesField, PickedPersonField
from folkmoot.training.models import Opening, RecruitmentRules, SignUp, TaskKind, TeachingProfile
from folkmoot.training.queries.lists import possible_owners

_LONGEST = 5000


class OpeningForm(RecordForm):
    """Whom one seeks for an event."""

    folded: tuple[str, ...] = ("note", "owner", "priority")

    class Meta:
        model = Opening
        fields: ClassVar[list[str]] = ["text", "note", "owner", "priority"]
        widgets: ClassVar[dict[str, Any]] = {
            "text": forms.Textarea(attrs={"rows": 5}),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        row = self.instance
        fields["owner"].queryset = possible_owners(row.owner_id)
        fields["owner"].empty_label = _("nobody")
        there = dict(row.sought.values_list("kind_id", "number")) if row.pk else {}
        kinds = TaskKind.objects.exclude(does=TaskKind.Does.LEARNS)
        self.kinds = list(kinds.filter(Q(is_archived=False) | Q(pk__in=there)))
        for kind in self.kinds:
            # Instructors and helpers are what one seeks most; the other parts are folded away.
            name = f"part_{kind.pk}"
            self.fields[name] = forms.IntegerField(
                label=_("%(part)s: how many") % {"part": kind.name},
                required=False,
                min_value=0,
                max_value=100,
                initial=there.get(kind.pk, 0),
            )
        usual = {TaskKind.Does.TEACHES, TaskKind.Does.HELPS}
        first = [f"part_{kind.pk}" for kind in self.kinds if kind.does in usual or kind.pk in there]
        others = [f"part_{kind.pk}" for kind in self.kinds if f"part_{kind.pk}" not in first]
        self.folded = (*others, *type(self).folded)
        self.order_fields([*first, "text", *others, "note", "owner", "priority"])

    def values(self) -> dict[str, Any]:
        """What is said of the opening itself."""
        return {name: value for name, value in super().values().items() if not name.startswith("part_")}

    def sought(self) -> dict[TaskKind, int]:
        """How many of each part."""
        return {kind: self.cleaned_data.get(f"part_{kind.pk}") or 0 for kind in self.kinds}


class _PartField(forms.ModelChoiceField):
    """A part that an opening seeks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(TaskKind.objects.none(), empty_label=None, **kwargs)


class SignUpForm(forms.Form):
    """Somebody is put forward for a part."""

    person = PickedPersonField(
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Name, @handle on GitHub, or e-mail address of somebody in the register."),
    )
    kind = _PartField(label=gettext_lazy("Part"))
    interest = forms.CharField(
        label=gettext_lazy("What they say"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Only for those who run events."),
    )
    even_so = forms.BooleanField(
        label=gettext_lazy("Even if they take a part in another event at the same time"), required=False
    )

    def __init__(self, *args: Any, opening: Opening, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].queryset = TaskKind.objects.filter(sought__opening=opening)


class OwnSignUpForm(forms.Form):
    """A wish of one's own."""

    kind = _PartField(label=gettext_lazy("Part"))
    interest = forms.CharField(
        label=gettext_lazy("What those who run the event should know"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What you have taught, when you could come. You can leave it empty."),
    )

    def __init__(self, *args: Any, opening: Opening, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].queryset = TaskKind.objects.filter(sought__opening=opening)


class SignUpNoteForm(RecordForm):
    """What those who run events say about a sign-up."""

    class Meta:
        model = SignUp
        fields: ClassVar[list[str]] = ["note"]
        widgets: ClassVar[dict[str, Any]] = {"note": forms.Textarea(attrs={"rows": 4})}


class ProfileForm(forms.Form):
    """Where somebody sets out from, and in which languages they teach."""

    place = forms.CharField(
        label=gettext_lazy("Place"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("The code of an airport (LBA), a city (Leeds), or latitude and longitude."),
    )
    languages = LanguagesField(
        label=gettext_lazy("Languages"), required=False, help_text=gettext_lazy("As codes: en, es, pt-BR.")
    )

    def __init__(self, *args: Any, profile: TeachingProfile | None = None, **kwargs: Any) -> None:
        if profile is not None:
            kwargs["initial"] = {"place": profile.place, "languages": profile.languages}
        super().__init__(*args, **kwargs)


class RulesForm(RecordForm):
    """The limits that recruitment goes by, in days."""

    class Meta:
        model = RecruitmentRules
        fields: ClassVar[list[str]] = [
            *("online_medium", "online_high", "in_person_medium", "in_person_high"),
            *("clash_days", "near_days"),
        ]
