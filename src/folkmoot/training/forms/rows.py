"""Forms about how events work."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.record_forms import RecordForm, WebField
from folkmoot.training.forms.fields import ProjectsField
from folkmoot.training.models import (
    BenefitKind,
    CertificatePattern,
    ContactRole,
    Curriculum,
    EventKind,
    Programme,
    Survey,
    TaskKind,
    Tier,
)


class RowForm(RecordForm):
    """What all of them have: a name, a short name that may be left out, a place, being archived."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["slug"].required = False
        fields["slug"].help_text = _("Empty: made from the name.")
        if "order" in fields:
            fields["order"].help_text = _("Small numbers stand first.")
        if self.instance.pk is None:
            del self.fields["is_archived"]


class ProgrammeForm(RowForm):
    """A programme."""

    website = WebField(label=gettext_lazy("Website"), max_length=500, required=False)
    folded = ("slug", "order")

    class Meta:
        model = Programme
        fields: ClassVar[list[str]] = [
            *("name", "description", "website", "contact", "slug", "order", "is_archived"),
        ]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}


class EventKindForm(RowForm):
    """A kind of event."""

    folded = ("seat_price", "event_price", "slug", "order", "site_word", "schema_type")

    class Meta:
        model = EventKind
        fields: ClassVar[list[str]] = [
            *("name", "description", "needs_teaching", "matches_contributions", "takes_seats", "certificate"),
            *("seat_price", "event_price"),
            *("slug", "order", "site_word", "schema_type", "is_archived"),
        ]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        chosen = Q(is_archived=False) | Q(pk=self.instance.certificate_id)
        fields["certificate"].queryset = CertificatePattern.objects.filter(chosen)
        fields["certificate"].empty_label = _("none")


class TaskKindForm(RowForm):
    """A kind of part."""

    folded = ("slug", "order")

    class Meta:
        model = TaskKind
        fields: ClassVar[list[str]] = ["name", "does", "is_public", "slug", "order", "is_archived"]


class CurriculumForm(RowForm):
    """A curriculum with its lessons."""

    lessons = ProjectsField(
        label=gettext_lazy("Lessons"),
        required=False,
        help_text=gettext_lazy("Names of lessons of the register, separated by commas."),
    )
    website = WebField(label=gettext_lazy("Website"), max_length=500, required=False)
    folded = ("slug", "order")

    class Meta:
        model = Curriculum
        fields: ClassVar[list[str]] = [
            *("name", "programme", "lessons", "description", "website", "slug", "order", "is_archived"),
        ]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        chosen = Q(is_archived=False) | Q(pk=self.instance.programme_id)
        fields["programme"].queryset = Programme.objects.filter(chosen)
        fields["programme"].empty_label = _("none")
        self.initial["lessons"] = list(self.instance.lessons.all()) if self.instance.pk else []


class PatternForm(RowForm):
    """What certificates look like."""

    folded = ("slug",)

    class Meta:
        model = CertificatePattern
        fields: ClassVar[list[str]] = ["name", "svg", "slug", "is_archived"]
        widgets: ClassVar[dict[str, Any]] = {"svg": forms.Textarea(attrs={"rows": 16, "spellcheck": "false"})}


class BenefitKindForm(RowForm):
    """Something that agreements give."""

    folded = ("slug", "order")

    class Meta:
        model = BenefitKind
        fields: ClassVar[list[str]] = [
            *("name", "description", "counts", "place", "event_kind", "slug", "order", "is_archived"),
        ]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        chosen = Q(is_archived=False) | Q(pk=self.instance.event_kind_id)
        fields["event_kind"].queryset = EventKind.objects.filter(chosen)
        fields["event_kind"].empty_label = _("any")


class TierForm(RowForm):
    """A tier, with how much of each benefit a new agreement gives."""

    folded = ("slug", "order")

    class Meta:
        model = Tier
        fields: ClassVar[list[str]] = ["name", "kind", "description", "slug", "order", "is_archived"]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = (
            {one.benefit_id: one.amount for one in self.instance.benefits.all()} if self.instance.pk else {}
        )
        self.benefits = list(BenefitKind.objects.filter(Q(is_archived=False) | Q(pk__in=there)))
        for one in self.benefits:
            self.fields[f"benefit-{one.pk}"] = forms.IntegerField(
                label=one.name,
                min_value=0,
                max_value=100_000,
                required=False,
                help_text=_("So many a new agreement of this tier gives."),
            )
            self.initial[f"benefit-{one.pk}"] = there.get(one.pk)
        plain = ["name", "kind", "description"]
        self.order_fields([*plain, *(f"benefit-{one.pk}" for one in self.benefits)])

    def values(self) -> dict[str, Any]:
        """What the action takes: the amounts by benefit apart."""
        values = super().values()
        amounts = {one: values.pop(f"benefit-{one.pk}") for one in self.benefits}
        return values | {"amounts": amounts}


class SurveyForm(RowForm):
    """A survey that events get by themselves."""

    folded = ("slug", "order")

    class Meta:
        model = Survey
        fields: ClassVar[list[str]] = [
            *(
                "name",
                "when",
                "audience",
                "address",
                "programme",
                "event_kind",
                "slug",
                "order",
                "is_archived",
            ),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for name, model in (("programme", Programme), ("event_kind", EventKind)):
            chosen = Q(is_archived=False) | Q(pk=getattr(self.instance, f"{name}_id"))
            fields[name].queryset = model._default_manager.filter(chosen)
            fields[name].empty_label = _("any")


class ContactRoleForm(RowForm):
    """A role of contacts."""

    folded = ("slug", "order")

    class Meta:
        model = ContactRole
        fields: ClassVar[list[str]] = ["name", "sees_people", "slug", "order", "is_archived"]
