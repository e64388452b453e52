"""What all forms of the register share: they read what was typed; the actions decide whether it can be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from folkmoot.kernel.audit import has_history
from folkmoot.people import actions

#: Most suggestions that a text field offers.
SUGGESTIONS = 500


class WebField(forms.URLField):
    """An address on the web; what has no scheme gets ``https://``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", **kwargs})


class Suggest(forms.TextInput):
    """A text field that suggests names while one types; anything may be typed."""

    template_name = "people/widgets/suggest.html"

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


class RegisterForm(forms.ModelForm):
    """Takes its fields from the model and leaves the checking to the action."""

    #: The version of the record that was read when the form was opened.
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or not has_history(type(self.instance)):
            del self.fields["seen"]
        elif not self.is_bound:
            self.initial["seen"] = actions.current_version(self.instance)
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
        if isinstance(error, actions.ChangedMeanwhile):
            data: Any = self.data
            self.data = {**data.dict(), self.add_prefix("seen"): actions.current_version(self.instance)}
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)
