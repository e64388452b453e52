"""The form by which people ask for something, made of rows: each kind of field, what is asked only when, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.ui.guarded import GuardedForm
from folkmoot.kernel.ui.record_forms import DayInput, WebField
from folkmoot.people.public import country_choices
from folkmoot.training import attachments
from folkmoot.training.actions import base
from folkmoot.training.forms.fields import LanguagesField
from folkmoot.training.models import FieldKind
from folkmoot.training.queries.asking import Asked, is_shown

LONGEST_LINE, LONGEST_TEXT, LONGEST_CODE = 300, 10_000, 100
#: Numbers that people type are between these.
SMALLEST, GREATEST = -1_000_000_000, 1_000_000_000


class HeadingField(forms.Field):
    """Asks nothing: a heading between other fields."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "required": False, "template_name": "training/requests/heading.html"})

    def clean(self, value: Any) -> None:
        return None


class DaysInput(forms.MultiWidget):
    """Two fields for days: from, to."""

    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            [DayInput({"aria-label": _("First day")}), DayInput({"aria-label": _("Last day")})], attrs
        )

    def decompress(self, value: Any) -> list[Any]:
        return list(value) if value else [None, None]


class DaysField(forms.MultiValueField):
    """From a day to a day, both included; the first alone is one day."""

    widget = DaysInput

    def __init__(self, **kwargs: Any) -> None:
        days = (forms.DateField(required=False), forms.DateField(required=False))
        super().__init__(days, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> list[dt.date]:
        first, last = [*data_list, None, None][:2]
        if first is None and last is None:
            return []
        if first is None:
            raise ValidationError(_("Say the first day too."), code="first")
        if last is not None and last < first:
            raise ValidationError(_("The last day is before the first."), code="order")
        return [first, last or first]


class AttachmentField(forms.FileField):
    """A file of a type that is taken; one that was sent before stays."""

    def clean(self, data: Any, initial: Any = None) -> attachments.Taken | None:
        upload = super().clean(data, initial)
        return attachments.taken(upload) if upload and upload is not initial else None


def field_of(asked: Asked) -> forms.Field:
    """The form's field for something that is asked; what must be answered is seen to by the form."""
    kind = asked["kind"]
    help_text: Any = escape(asked["help"])
    if kind in (FieldKind.AGREE, FieldKind.HEADING):
        help_text = as_html(asked["help"])
    said: dict[str, Any] = {"label": asked["label"], "help_text": help_text, "required": asked["required"]}
    choices = [(str(value), str(label)) for value, label in asked["choices"] or ()]
    made: forms.Field
    match kind:
        case FieldKind.TEXT:
            made = forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **said)
        case FieldKind.EMAIL:
            made = forms.EmailField(max_length=320, **said)
        case FieldKind.ONE if len(choices) > 12:
            made = forms.ChoiceField(choices=[("", "–"), *choices], **said)
        case FieldKind.ONE:
            made = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **said)
        case FieldKind.SOME | FieldKind.CURRICULA:
            made = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **said)
        case FieldKind.YES:
            yes_no = [("yes", _("yes")), ("no", _("no"))]
            made = forms.ChoiceField(choices=yes_no, widget=forms.RadioSelect, **said)
        case FieldKind.AGREE:
            made = forms.BooleanField(**said)
        case FieldKind.NUMBER:
            made = forms.DecimalField(min_value=SMALLEST, max_value=GREATEST, decimal_places=4, **said)
        case FieldKind.DAY:
            made = forms.DateField(widget=DayInput(), **said)
        case FieldKind.DAYS:
            made = DaysField(**said)
        case FieldKind.COUNTRY:
            made = forms.ChoiceField(choices=[("", "–"), *country_choices()], **said)
        case FieldKind.LANGUAGES:
            made = LanguagesField(
                **{**said, "help_text": help_text or _("As codes, separated by commas: en, es, pt-BR.")}
            )
        case FieldKind.URL:
            made = WebField(max_length=500, **said)
        case FieldKind.CODE:
            made = forms.CharField(max_length=LONGEST_CODE, **said)
        case FieldKind.FILE:
            types = _("%(types)s; at most %(n)d MB.") % {
                "types": attachments.TAKEN,
                "n": attachments.LARGEST // 1024 // 1024,
            }
            made = AttachmentField(**{**said, "help_text": f"{help_text} {types}".strip()})
        case FieldKind.HEADING:
            made = HeadingField(**said)
        case _:
            made = forms.CharField(max_length=LONGEST_LINE, **said)
    return made


def stored(kind: str, said: Any) -> Any:
    """An answer as JSON keeps it; ``None`` for none."""
    if said is None or said == "" or said == []:
        return None
    if kind == FieldKind.YES:
        return said == "yes"
    if kind == FieldKind.AGREE:
        return True if said else None
    if kind == FieldKind.NUMBER:
        return int(said) if said == said.to_integral_value() else float(said)
    if isinstance(said, list):
        return [one.isoformat() if isinstance(one, dt.date) else base.line(one) for one in said]
    if isinstance(said, dt.date):
        return said.isoformat()
    return base.block(said) if kind == FieldKind.TEXT else base.line(said)


def shown(kind: str, said: Any) -> Any:
    """A kept answer as the form's field takes it."""
    if kind == FieldKind.YES and isinstance(said, bool):
        return "yes" if said else "no"
    return said


class AnswerForm(forms.Form):
    """The fields of a form for requests.

    Args:
        asked: what is asked.
        kept: names of files that were sent before, by key of their field.
    """

    def __init__(
        self, *args: Any, asked: Sequence[Asked], kept: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(asked)
        self.kept = dict(kept or {})
        labels = {one["key"]: one["label"] for one in self.asked}
        for one in self.asked:
            field = field_of(one)
            name = self.name_of(one["key"])
            if one["when"]:
                words = _("Only if “%(question)s” is answered with “%(value)s”.") % {
                    "question": labels.get(one["when"], one["when"]),
                    "value": _value_words(one["value"]),
                }
                field.help_text = f"{field.help_text} {escape(words)}".strip()
                field.widget.attrs |= {"data-when": self.name_of(one["when"]), "data-value": one["value"]}
                field.required = False
            if one["kind"] == FieldKind.FILE and one["key"] in self.kept:
                there = _("“%s” is kept; choose another only to replace it.") % self.kept[one["key"]]
                field.help_text = f"{field.help_text} {escape(there)}".strip()
                field.required = False
            self.fields[name] = field

    @staticmethod
    def name_of(key: str) -> str:
        """The name of a field in the page."""
        return f"f-{key}"

    def clean(self) -> dict[str, Any]:
        """What is not asked, given the other answers, counts as not answered, whatever was typed there."""
        values: dict[str, Any] = super().clean() or {}
        self.found: dict[str, Any] = {}
        self.files_found: dict[str, attachments.Taken] = {}
        for one in self.asked:
            name, said = self.name_of(one["key"]), values.get(self.name_of(one["key"]))
            if not is_shown(one, self.found):
                self.errors.pop(name, None)
                continue
            if isinstance(said, attachments.Taken):
                self.files_found[one["key"]] = said
                self.found[one["key"]] = said.name
                continue
            if one["kind"] == FieldKind.FILE and one["key"] in self.kept:
                self.found[one["key"]] = self.kept[one["key"]]
                continue
            kept = stored(one["kind"], said)
            if kept is not None:
                self.found[one["key"]] = kept
            elif one["when"] and one["required"] and name not in self.errors:
                self.add_error(name, ValidationError(_("This is needed too."), code="required"))
        return values

    def answers(self) -> dict[str, Any]:
        """What was answered, by key; what was left empty is left out."""
        return self.found

    def typed(self) -> dict[str, list[str]]:
        """What was typed, as it was typed: a draft."""
        names = [*self.fields.keys(), *(f"{name}_{n}" for name in self.fields for n in (0, 1))]
        data: Any = self.data
        return {
            name: [base.block(one)[:LONGEST_TEXT] for one in data.getlist(name)][:60]
            for name in names
            if name in data and name not in ("began", "homepage", "draft")
        }

    def initial_of(self, typed: Mapping[str, list[str]]) -> dict[str, Any]:
        """What :meth:`typed` kept, as the form shows it."""
        data: MultiValueDict[str, str] = MultiValueDict(dict(typed))
        return {
            name: field.widget.value_from_datadict(data, MultiValueDict(), name)
            for name, field in self.fields.items()
            if not isinstance(field, forms.FileField)
        }


def _value_words(value: str) -> str:
    return _("yes") if value == "yes" else value


class AskForm(GuardedForm, AnswerForm):
    """A form for requests as everybody sees it: who asks, what is asked, and what keeps machines out."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=320,
        help_text=gettext_lazy("You get a mail with a link by which you confirm it. It is not published."),
    )
    #: The draft that this goes on with.
    draft = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        asked = [self.name_of(one["key"]) for one in self.asked]
        self.order_fields(["name", "email", *asked, "homepage", "began", "draft"])
