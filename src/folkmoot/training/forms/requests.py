"""Forms of those who decide about requests, and of those who make the forms."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.people.public import OrganizationField, country_name
from folkmoot.training.forms.asking import AnswerForm, shown
from folkmoot.training.forms.events import EventForm
from folkmoot.training.forms.fields import LanguagesField, MomentField, moment
from folkmoot.training.models import (
    CHOICES,
    EventKind,
    FieldKind,
    FormField,
    Programme,
    Request,
    RequestForm,
    ScoreRule,
)
from folkmoot.training.queries.requests import possible_owners


class CorrectForm(AnswerForm):
    """Answers of a request, corrected by those who decide."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    organization = OrganizationField(
        label=gettext_lazy("Organisation of the register"),
        required=False,
        help_text=gettext_lazy("Whose request it is, whatever was written below."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, request: Request, version: int, **kwargs: Any) -> None:
        asked = [
            {**one, "required": False} for one in request.version.fields if one["kind"] != FieldKind.FILE
        ]
        super().__init__(*args, asked=asked, **kwargs)
        said = {"name": request.name, "organization": request.organization_id, "seen": version}
        self.initial.update(said)
        for one in asked:
            if one["key"] in request.answers:
                self.initial[self.name_of(one["key"])] = shown(one["kind"], request.answers[one["key"]])
        self.order_fields(["name", "organization"])

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        refuse(self, error)


class AssignForm(forms.Form):
    """Whose requests are."""

    user = forms.ModelChoiceField(
        possible_owners(), label=gettext_lazy("Whose"), required=False, empty_label=gettext_lazy("nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["user"].queryset = possible_owners()


class DecideForm(forms.Form):
    """Why, in words that whoever asked reads on their own page."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Whoever asked reads it on their own page. It may stay empty."),
    )


class PlanForm(EventForm):
    """The event that is planned for a request, filled in from its answers."""

    as_host = forms.BooleanField(required=False)
    reason = forms.CharField(
        label=gettext_lazy("A word to whoever asked"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("It stands on their own page about the request."),
    )

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if request.person is None:
            del self.fields["as_host"]
        else:
            self.fields["as_host"].label = _("Enter %(name)s as the host") % {"name": request.person.name}
        self.order_fields(["title", "as_host", "reason"])

    def values(self) -> dict[str, Any]:
        values = super().values()
        self.is_host: bool = values.pop("as_host", False)
        self.word: str = values.pop("reason")
        return values


class PointsForm(RecordForm):
    """Points by hand."""

    class Meta:
        model = Request
        fields: ClassVar[list[str]] = ["score_manual", "score_notes"]
        widgets: ClassVar[dict[str, Any]] = {"score_notes": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score_manual"].help_text = _(
            "They count instead of those by the rules. Empty: the rules."
        )


class MergeForm(forms.Form):
    """Which other request is the same."""

    number = forms.IntegerField(
        label=gettext_lazy("Number of the other request"), min_value=1, max_value=2**62
    )


# ---------------------------------------------------------- forms as rows


class RequestFormForm(RecordForm):
    """What a form for requests is."""

    languages = LanguagesField(
        label=gettext_lazy("Languages"), required=False, help_text=gettext_lazy("As codes: en, es, pt-BR.")
    )
    opens_at = MomentField(label=gettext_lazy("Opens"), required=False, help_text=gettext_lazy("UTC."))
    closes_at = MomentField(label=gettext_lazy("Closes"), required=False, help_text=gettext_lazy("UTC."))
    folded = ("slug", "order", "languages", "programme", "opens_at", "closes_at", "is_listed", "is_archived")

    class Meta:
        model = RequestForm
        fields: ClassVar[list[str]] = [
            *("title", "intro", "landing", "outcome", "kind", "owner", "answer_days", "contact", "is_open"),
            *("opens_at", "closes_at", "is_listed", "programme", "languages", "slug", "order", "is_archived"),
        ]
        widgets: ClassVar[dict[str, Any]] = {
            "intro": forms.Textarea(attrs={"rows": 5}),
            "landing": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["slug"].required = False
        fields["slug"].help_text = _("In its address. Empty: made from the title.")
        fields["order"].help_text = _("Small numbers stand first.")
        for name, model in (("kind", EventKind), ("programme", Programme)):
            chosen = Q(is_archived=False) | Q(pk=getattr(self.instance, f"{name}_id"))
            fields[name].queryset = model.objects.filter(chosen)
            fields[name].empty_label = _("none")
        fields["owner"].queryset = possible_owners(self.instance.owner_id)
        fields["owner"].empty_label = _("nobody")
        if self.instance.pk is None:
            del self.fields["is_archived"]

    def values(self) -> dict[str, Any]:
        values = super().values()
        for name in ("opens_at", "closes_at"):
            values[name] = moment(values[name], "UTC")
        return values


class FieldForm(RecordForm):
    """Something that a form asks."""

    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One on each line; for “one of several” and “any of several”."),
    )
    field_order = ("label", "kind", "choices", "help", "is_required", "fills", "key")
    folded = ("key", "shown_when", "shown_value")

    class Meta:
        model = FormField
        fields: ClassVar[list[str]] = [
            *("label", "kind", "help", "is_required", "fills", "key", "shown_when", "shown_value"),
        ]

    def __init__(self, *args: Any, form: RequestForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        if self.instance.pk is not None:
            del fields["key"]  # answers are kept by it
            if not self.is_bound:
                self.initial["choices"] = "\n".join(self.instance.choices)
        else:
            fields["key"].required = False
            fields["key"].help_text = _(
                "For files and rules. Empty: made from the question. It stays as it is."
            )
        others = FormField.objects.filter(form=form, is_archived=False).exclude(pk=self.instance.pk)
        deciding = others.filter(kind__in=[*CHOICES, FieldKind.YES]).order_by("position", "pk")
        said = [("", _("always")), *deciding.values_list("key", "label")]
        fields["shown_when"] = forms.ChoiceField(
            label=_("Asked only when"),
            required=False,
            choices=said,
            help_text=_("Another field, further up, that has choices or is answered with yes or no."),
        )
        fields["shown_value"].help_text = _("One of its choices, or: yes.")

    def values(self) -> dict[str, Any]:
        said = super().values()
        return {**said, "choices": said["choices"].splitlines()}


class RuleForm(RecordForm):
    """What gives points."""

    values_text = forms.CharField(
        label=gettext_lazy("Of these"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One on each line. Countries by name or code."),
    )
    field_order = ("label", "field", "condition", "values_text", "points", "most")

    class Meta:
        model = ScoreRule
        fields: ClassVar[list[str]] = ["label", "field", "condition", "points", "most", "is_archived"]

    def __init__(self, *args: Any, form: RequestForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        rows = FormField.objects.filter(form=form).exclude(kind__in=[FieldKind.HEADING, FieldKind.FILE])
        fields["field"].queryset = rows.filter(Q(is_archived=False) | Q(pk=self.instance.field_id))
        fields["field"].empty_label = None
        if self.instance.pk is None:
            del self.fields["is_archived"]
        elif not self.is_bound:
            self.initial["values_text"] = "\n".join(_rule_words(self.instance))

    def values(self) -> dict[str, Any]:
        said = super().values()
        words = said.pop("values_text").splitlines()
        return {**said, "values": words}

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        if hasattr(error, "error_dict") and "values" in error.error_dict:
            error.error_dict["values_text"] = error.error_dict.pop("values")
        super().refuse(error)


def _rule_words(rule: ScoreRule) -> list[str]:
    if rule.field.kind == FieldKind.COUNTRY:
        return [country_name(code) or code for code in rule.values]
    return list(rule.values)
