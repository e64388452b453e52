"""Forms about how reviews work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.reviews.models import (
    ChecklistItem,
    HoldUpRule,
    Joss,
    Kind,
    LabelMeaning,
    Outcome,
    Programme,
    Stage,
    Turn,
)


class ProgrammeForm(RecordForm):
    """A programme of review."""

    class Meta:
        model = Programme
        fields = [
            "name",
            "tracker",
            "is_open",
            "guide",
            "reviewers_wanted",
            "review_days",
            "rest_months",
            "conflict_years",
            "is_archived",
        ]

    folded = ("is_archived",)


class StageForm(RecordForm):
    """A stage of a programme."""

    class Meta:
        model = Stage
        fields = [
            "name",
            "turn",
            "limit_days",
            "guide",
            "is_presubmission",
            "is_accepted",
            "joss",
            "is_archived",
        ]

    folded = ("is_presubmission", "is_accepted", "joss", "is_archived")
    joss = forms.ChoiceField(label=gettext_lazy("State at JOSS"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        joss: Any = self.fields["joss"]
        joss.choices = [("", _("says nothing")), *[pair for pair in Joss.choices if pair[0]]]
        turn: Any = self.fields["turn"]
        turn.choices = [*[pair for pair in Turn.choices if pair[0]], ("", _("nobody"))]


class LabelForm(RecordForm):
    """What a label of the tracker means."""

    meaning = forms.ChoiceField(label=gettext_lazy("Means"))
    words = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For a hold why, for a partner its name; empty: what the label says."),
    )

    class Meta:
        model = LabelMeaning
        fields = ["label"]

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        means, meaning = LabelMeaning.Means, self.fields["meaning"]
        stages = Stage.objects.filter(programme=programme).order_by("position", "pk")
        self.stages = {str(stage.pk): stage for stage in stages}
        groups: list[tuple[Any, list[tuple[str, Any]]]] = [
            (_("It stands in"), [(f"{means.STAGE}:{pk}", stage.name) for pk, stage in self.stages.items()]),
            (
                _("It has ended"),
                [(f"{means.OUTCOME}:{value}", label) for value, label in Outcome.choices if value],
            ),
            (_("It is a"), [(f"{means.KIND}:{value}", label) for value, label in Kind.choices]),
            (_("At JOSS"), [(f"{means.JOSS}:{value}", label) for value, label in Joss.choices if value]),
            (
                _("Something else"),
                [
                    (f"{means.HOLD}:", means.HOLD.label),
                    (f"{means.PARTNER}:", means.PARTNER.label),
                    (f"{means.NOTHING}:", means.NOTHING.label),
                ],
            ),
        ]
        known: Any = meaning
        known.choices = [("", _("Choose")), *groups]
        row = self.instance
        if row.pk is not None:
            is_free = row.means in (means.HOLD, means.PARTNER, means.NOTHING)
            which = "" if is_free else row.stage_id or row.value
            self.initial.update(meaning=f"{row.means}:{which}", words=row.value if is_free else "")

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        means, _colon, which = self.cleaned_data["meaning"].partition(":")
        return {
            "label": self.cleaned_data["label"],
            "means": means,
            "stage": self.stages.get(which) if means == LabelMeaning.Means.STAGE else None,
            "value": which or self.cleaned_data["words"],
        }


class RuleForm(RecordForm):
    """When a submission counts as held up."""

    class Meta:
        model = HoldUpRule
        fields = ["kind", "days", "tells", "advice", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tells: Any = self.fields["tells"]
        tells.choices = [
            ("", _("whoever's turn it is")),
            *[pair for pair in Turn.choices if pair[0] and pair[0] != Turn.OUTSIDE],
        ]
        tells.help_text = ""
        days: Any = self.fields["days"]
        days.help_text = _("Empty where the stage's own limit counts.")


class ItemForm(RecordForm):
    """An entry of a checklist."""

    class Meta:
        model = ChecklistItem
        fields = ["text", "turn", "is_archived"]

    folded = ("is_archived",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        turn: Any = self.fields["turn"]
        turn.choices = [pair for pair in Turn.choices if pair[0]]
        if self.instance.pk is None:
            del self.fields["is_archived"]
