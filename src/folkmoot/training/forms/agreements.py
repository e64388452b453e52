"""Forms about agreements: what was agreed, how much it gives, who speaks for it, what takes from it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.text import clean, fold
from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.record_forms import DayInput, RecordForm, WebField
from folkmoot.people.public import Organization, OrganizationField, organizations_by_name
from folkmoot.training.actions.agreements import LONGEST
from folkmoot.training.forms.fields import PickedPersonField
from folkmoot.training.models import (
    Agreement,
    Allowance,
    BenefitKind,
    ContactRole,
    Curriculum,
    Tier,
)
from folkmoot.training.queries import allowances
from folkmoot.training.queries.lists import possible_owners

#: Most of one benefit that an allowance may give, as agreed or added.
MOST_OF_A_BENEFIT = 100_000


class OrganizationsField(forms.CharField):
    """Organisations of the register by name, one on each line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20_000, **{"widget": forms.Textarea(attrs={"rows": 3}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Organisations as their names."""
        if isinstance(value, list | tuple):
            return "\n".join(str(one) for one in value)
        return value

    def clean(self, value: Any) -> list[Organization]:
        words = str(super().clean(value) or "")
        names = list(dict.fromkeys(name for each in re.split(r"[;\n]", words) if (name := clean(each))))
        found = organizations_by_name(names)
        for name in names:
            if fold(name) not in found:
                raise ValidationError(
                    _("No organisation is called “%(name)s”. Add it under People first.")
                    % {"name": name[:100]}
                )
        return list(dict.fromkeys(found[fold(name)] for name in names))


class AgreementForm(RecordForm):
    """What was agreed."""

    organization = OrganizationField(
        label=gettext_lazy("Organisation"),
        help_text=gettext_lazy("An organisation of the register; in a consortium the main one."),
    )
    parties = OrganizationsField(
        label=gettext_lazy("Other members of the consortium"),
        required=False,
        help_text=gettext_lazy("Organisations of the register, one on each line."),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("By which people apply for its seats. Empty: one is made."),
    )
    document_url = WebField(label=gettext_lazy("Address of the document"), max_length=1000, required=False)
    folded = ("consortium", "parties", "grace_days", "contribution", "document_url", "note", "owner")

    class Meta:
        model = Agreement
        fields: ClassVar[list[str]] = [
            *("organization", "kind", "tier", "starts_on", "ends_on", "code", "is_public"),
            *("consortium", "parties", "grace_days", "contribution", "document_url", "note", "owner"),
        ]
        widgets: ClassVar[dict[str, Any]] = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        row = self.instance
        fields["tier"].queryset = Tier.objects.filter(Q(is_archived=False) | Q(pk=row.tier_id))
        fields["tier"].empty_label = None
        fields["owner"].queryset = possible_owners(row.owner_id)
        fields["owner"].empty_label = _("nobody")
        if row.pk is not None and not self.is_bound:
            self.initial["parties"] = [one.organization for one in row.parties.select_related("organization")]
            self.initial["code"] = next(
                iter(row.codes.filter(allowance=None).values_list("text", flat=True)), ""
            )

    def values(self) -> dict[str, Any]:
        values = super().values()
        if self.instance.pk is None and values["owner"] is None:
            del values["owner"]
        return values


class ExtendForm(forms.Form):
    """By how many days an agreement is made longer, and why."""

    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=LONGEST)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


class RenewForm(forms.Form):
    """The agreement that follows one: its days, its tier, what it takes over."""

    starts_on = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    ends_on = forms.DateField(label=gettext_lazy("To"), widget=DayInput())
    tier = forms.ModelChoiceField(
        Tier.objects.none(),
        label=gettext_lazy("Tier"),
        empty_label=None,
        help_text=gettext_lazy("It gets the benefits of this tier, beside what it takes over."),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty: a new one is made. The old one keeps opening the old agreement."),
    )
    with_contacts = forms.BooleanField(
        label=gettext_lazy("With the same contacts"), required=False, initial=True
    )

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["tier"].queryset = Tier.objects.filter(Q(is_archived=False) | Q(pk=agreement.tier_id))
        first = agreement.last_day + dt.timedelta(days=1)
        length = agreement.ends_on - agreement.starts_on
        self.initial = {
            "starts_on": first,
            "ends_on": _same_day_next_year(agreement, first, length),
            "tier": agreement.tier_id,
            "with_contacts": True,
            **self.initial,
        }
        self.held = [one for one in allowances.of_agreement(agreement) if one.left > 0]
        for one in self.held:
            fields[f"rolled-{one.pk}"] = forms.IntegerField(
                label=_("Take over: %(benefit)s") % {"benefit": one.benefit.name},
                min_value=0,
                max_value=one.left,
                required=False,
                help_text=_("%(left)d left.") % {"left": one.left},
            )

    def rolled(self) -> dict[int, int]:
        """How much of which allowance is taken over."""
        return {one.pk: self.cleaned_data.get(f"rolled-{one.pk}") or 0 for one in self.held}

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        refuse(self, error)


def _same_day_next_year(agreement: Agreement, first: dt.date, length: dt.timedelta) -> dt.date:
    """As long as the one before; a year stays a year whatever February does."""
    was = agreement.starts_on
    years = round(length.days / 365.25)
    if years and abs(length.days + 1 - 365.25 * years) < 2:
        last = dt.date(min(first.year + years, 9999), first.month, min(first.day, 28))
        return last + dt.timedelta(days=first.day - min(first.day, 28) - 1)
    return first + (agreement.ends_on - was)


class ContactForm(forms.Form):
    """Who speaks for the other side."""

    person = PickedPersonField(
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Name, @handle on GitHub, or e-mail address of somebody in the register."),
    )
    role = forms.ModelChoiceField(ContactRole.objects.none(), label=gettext_lazy("Role"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["role"].queryset = ContactRole.objects.filter(is_archived=False)


class AllowanceForm(RecordForm):
    """How much of a benefit."""

    code = forms.CharField(
        label=gettext_lazy("Code of its own"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Opens this allowance only. Empty: the agreement’s code serves."),
    )
    folded = ("starts_on", "ends_on", "curriculum", "code", "is_frozen", "note")

    class Meta:
        model = Allowance
        fields: ClassVar[list[str]] = [
            *(
                "benefit",
                "granted",
                "added",
                "starts_on",
                "ends_on",
                "curriculum",
                "code",
                "is_frozen",
                "note",
            ),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        row = self.instance
        fields["benefit"].queryset = BenefitKind.objects.filter(Q(is_archived=False) | Q(pk=row.benefit_id))
        fields["benefit"].empty_label = None
        fields["curriculum"].queryset = Curriculum.objects.filter(
            Q(is_archived=False) | Q(pk=row.curriculum_id)
        )
        fields["curriculum"].empty_label = _("any")
        for name in ("granted", "added"):
            fields[name].validators.append(MaxValueValidator(MOST_OF_A_BENEFIT))
            fields[name].required = False
        if row.pk is not None and not self.is_bound:
            self.initial["code"] = next(
                iter(row.agreement.codes.filter(allowance=row).values_list("text", flat=True)), ""
            )

    def values(self) -> dict[str, Any]:
        values = super().values()
        for name in ("granted", "added"):
            values[name] = values[name] or 0
        return values


class AllowanceChoice(forms.ModelChoiceField):
    """An allowance, with whose it is and what is left of it."""

    def label_from_instance(self, row: Any) -> str:
        """ "University of Leeds (Silver): Workshops, 1 of 2 left"."""
        return _("%(holder)s (%(tier)s): %(benefit)s, %(left)d of %(given)d left") % {
            "holder": row.agreement.holder,
            "tier": row.agreement.tier.name,
            "benefit": row.benefit.name,
            "left": row.left,
            "given": row.given,
        }


class ChargeForm(forms.Form):
    """Which allowance an event is taken from."""

    allowance = AllowanceChoice(
        Allowance.objects.none(),
        label=gettext_lazy("Allowance"),
        empty_label=None,
        help_text=gettext_lazy(
            "Those for such an event, whose days are not over. Where none is offered, add one to an agreement first."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why beyond"),
        max_length=300,
        required=False,
        help_text=gettext_lazy(
            "Only where nothing is left or its days are over: it stands on the agreement’s page."
        ),
    )

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["allowance"].queryset = choices

    def refuse(self, error: ValidationError) -> None:
        """A warning that a reason lifts stands at the reason."""
        codes = {one.code for one in error.error_list} if hasattr(error, "error_list") else set()
        if "beyond" in codes:
            self.add_error("reason", error)
        else:
            refuse(self, error)


class SeatForm(ChargeForm):
    """By what learners sit: a code, an allowance, or an open seat."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=60, required=False)
    is_open = forms.BooleanField(
        label=gettext_lazy("An open seat"),
        required=False,
        help_text=gettext_lazy("Without an agreement; only where the event offers them."),
    )
    in_house = forms.ChoiceField(
        label=gettext_lazy("The seat is"),
        choices=[
            ("", gettext_lazy("as the benefit says")),
            ("no", gettext_lazy("public")),
            ("yes", gettext_lazy("in-house")),
        ],
        required=False,
    )
    field_order = ("allowance", "code", "is_open", "in_house", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["allowance"].required = False
        fields["allowance"].empty_label = "–"

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        said = self.cleaned_data
        return {
            "allowance": said["allowance"],
            "by_code": said["code"],
            "open": said["is_open"],
            "in_house": {"yes": True, "no": False}.get(said["in_house"]),
            "reason": said["reason"],
        }
