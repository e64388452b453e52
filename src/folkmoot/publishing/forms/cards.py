"""Forms of cards: their patterns, and the facts of one picture."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.publishing.cards.drawing import fields_of
from folkmoot.publishing.models import CardTemplate


class CardForm(RecordForm):
    """A card's pattern."""

    fields_text = forms.CharField(
        label=_("Fields"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "source-text"}),
        help_text=_(
            "One on a line: name | label | example | characters on a line | lines. The pattern names them {{ name }}, "
            "of several lines {{ name.1 }}, {{ name.2 }}; and {{ community }}, {{ accent }}, {{ accent_ink }}."
        ),
    )

    class Meta:
        model = CardTemplate
        fields = ["name", "alt", "svg", "width", "height"]
        widgets = {
            "svg": forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "source-text"}),
            "alt": forms.Textarea(attrs={"rows": 3}),
        }
        labels = {"width": _("Width in pixels"), "height": _("Height in pixels")}

    folded = ("width", "height")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None and not self.is_bound:
            self.initial["fields_text"] = "\n".join(_as_line(row) for row in self.instance.fields)

    def clean_fields_text(self) -> list[dict[str, Any]]:
        """The fields.

        Raises:
            ValidationError: a line that cannot be read; which.
        """
        found = []
        for number, line in enumerate(self.cleaned_data["fields_text"].splitlines(), start=1):
            if not line.strip():
                continue
            name, label, example, width, lines, *more = [
                *(each.strip() for each in line.split("|")),
                *[""] * 5,
            ][:6]
            if (
                not name.isidentifier()
                or any(more)
                or (width and not width.isdecimal())
                or (lines and not lines.isdecimal())
            ):
                raise ValidationError(
                    _now("Line %(line)s: write name | label | example | characters | lines.")
                    % {"line": number}
                )
            found.append(
                {
                    "name": name,
                    "label": label or name,
                    "example": example,
                    "width": int(width or 40),
                    "lines": int(lines or 1),
                }
            )
        return found

    def parts(self) -> dict[str, Any]:
        """What the action takes."""
        values = {name: self.cleaned_data[name] for name in ("name", "alt", "svg", "width", "height")}
        return {**values, "fields": self.cleaned_data["fields_text"]}

    def refuse(self, error: ValidationError) -> None:
        """An error of the fields stands at the text that names them."""
        if hasattr(error, "error_dict") and "fields" in error.error_dict:
            error.error_dict["fields_text"] = error.error_dict.pop("fields")
        super().refuse(error)


def _as_line(row: dict[str, Any]) -> str:
    usual = {"name": "", "label": "", "example": "", "width": 40, "lines": 1}
    return " | ".join(str(row.get(name, value)) for name, value in usual.items())


class DrawForm(forms.Form):
    """The facts of one picture."""

    def __init__(self, *args: Any, card: CardTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in fields_of(card):
            self.fields[field.name] = forms.CharField(
                label=field.label,
                max_length=field.width * field.lines * 2,
                required=False,
                help_text=_now("For example: %(example)s") % {"example": field.example}
                if field.example
                else "",
                widget=forms.Textarea(attrs={"rows": 2}) if field.lines > 1 else forms.TextInput(),
            )

    def clean(self) -> dict[str, Any]:
        """An empty picture says nothing."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and self.fields and not any(values.values()):
            self.add_error(next(iter(self.fields)), _now("Fill in at least one of these."))
        return values
