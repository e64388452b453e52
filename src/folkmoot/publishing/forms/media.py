"""Forms about pictures."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.publishing.forms.fields import PeopleField
from folkmoot.publishing.models import Media


class FileInput(forms.ClearableFileInput):
    """The browser's own field for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": FileInput(attrs={"accept": "image/*"}), **kwargs})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class UploadForm(forms.Form):
    """Pictures to be kept in the library."""

    alt = forms.CharField(
        label=_("What it shows"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "In words, for those who do not see it. Of several pictures you describe each afterwards."
        ),
    )
    pictures = FilesField(
        label=_("Pictures"), help_text=_("Where and by which camera they were taken is taken out of them.")
    )
    credit = forms.CharField(label=_("Whose picture it is"), max_length=200, required=False)


def focus_fields() -> dict[str, forms.FloatField]:
    """The point of a picture that must stay visible."""
    return {
        name: forms.FloatField(
            label=label,
            min_value=-1,
            max_value=1,
            help_text=words,
            widget=forms.NumberInput(attrs={"step": "0.01", "data-focus": name[-1]}),
        )
        for name, label, words in (
            ("focus_x", _("Focus, across"), _("From -1 (left) to 1 (right).")),
            ("focus_y", _("Focus, up"), _("From -1 (bottom) to 1 (top).")),
        )
    }


class FocusForm(forms.Form):
    """Only that point."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(focus_fields())


class MediaForm(RecordForm):
    """What is said of a picture: what it shows comes first."""

    people = PeopleField(
        label=_("Who can be recognised"),
        required=False,
        help_text=_("Names from the register, separated by commas. Each must have agreed to be shown."),
    )

    class Meta:
        model = Media
        fields: ClassVar[list[str]] = [
            "alt",
            "focus_x",
            "focus_y",
            "credit",
            "shows_people",
            "people",
            "name",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["alt"].widget.attrs["rows"] = 3
        fields["alt"].help_text = _(
            "In words, for those who do not see it: what matters in it, not how it looks."
        )
        for name, field in focus_fields().items():
            fields[name] = field
            field.initial = getattr(self.instance, name)
        if self.instance.pk is not None and not self.is_bound:
            self.initial["people"] = list(self.instance.people.all())
