"""What forms about records share: they read what was typed; the actions decide whether it can be."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import saving
from folkmoot.kernel.audit import has_history

#: Most suggestions that a text field offers.
SUGGESTIONS = 500


class WebField(forms.URLField):
    """An address on the web; what has no scheme gets ``https://``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", **kwargs})


class Suggest(forms.TextInput):
    """A text field that suggests names while one types; anything may be typed."""

    template_name = "ui/forms/suggest.html"

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


class TimeInput(forms.TimeInput):
    """The browser's own field for a time of day."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class MomentInput(forms.DateTimeInput):
    """The browser's own field for a day and a time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """Takes its fields from the model and leaves the checking to the action."""

    #: The version of the record that was read when the form was opened.
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or not has_history(type(self.instance)):
            del self.fields["seen"]
        elif not self.is_bound:
            self.initial["seen"] = saving.current_version(self.instance)
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
        if isinstance(error, saving.ChangedMeanwhile):
            self._show_what_was_saved()
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)

    def _show_what_was_saved(self) -> None:
        """Beside each field that somebody else changed to something else than was typed here: what it says now.

        The next time this form is sent, whoever sends it has seen that.
        """
        model: Any = type(self.instance)
        now = model._default_manager.get(pk=self.instance.pk)
        entry = model.history.filter(id=now.pk, history_id=self.version).first()
        saved = type(self)(instance=now)
        opened = type(self)(instance=entry.instance) if entry is not None else None
        kept = {field.name for field in model.history.model.tracked_fields}
        for name, field in self.fields.items():
            if field.widget.is_hidden or name not in saved.fields:
                continue
            value = saved.get_initial_for_field(field, name)
            by_other = opened is None or name not in kept
            by_other = by_other or opened.get_initial_for_field(field, name) != value  # type: ignore[union-attr]
            if by_other and field.has_changed(value, self[name].data):
                self.add_error(
                    name,
                    ValidationError(
                        _("Saved meanwhile: %(value)s") % {"value": in_words(saved.fields[name], value)},
                        code="changed",
                    ),
                )
        typed: Any = self.data
        data = typed.copy()
        data[self.add_prefix("seen")] = saving.current_version(now)
        self.data = data


def in_words(field: Any, value: Any) -> str:
    """A field's value as a person reads it."""
    known: Any = field
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value == "" or value == []:
        return _("nothing")
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(str(row) for row in value)
    if isinstance(field, forms.ModelChoiceField):
        return str(known.queryset.filter(pk=getattr(value, "pk", value)).first() or value)
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): label for key, label in known.choices if not isinstance(label, list | tuple)}
        return str(labels.get(str(value), value))
    if isinstance(value, dt.date):
        return date_format(value, "DATE_FORMAT")
    return str(value)
