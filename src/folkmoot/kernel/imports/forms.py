"""Forms of the import pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports import columns
from folkmoot.kernel.imports.sources import SKIP, FileProblem, Source


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Every file; an empty one is refused with its name."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in given or [None]]


class UploadForm(forms.Form):
    """The files of a source, and what else can be said about it."""

    def __init__(self, source: Source, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        one = source.takes == "file"
        names = ", ".join(source.files)
        wanted = _("It reads %(files)s.") % {"files": names} if names else ""
        how = _("One file.") if one else _("Several files, or one ZIP of the folder.")
        self.fields["files"] = FilesField(
            label=_("File") if one else _("Files"),
            help_text=f"{how} {wanted}".strip(),
            widget=_Files(attrs={"multiple": not one}),
            error_messages={
                "required": _("Choose the file to import."),
                "empty": _("The file is empty: choose another."),
            },
        )
        for option in source.options:
            self.fields[f"option_{option.name}"] = forms.CharField(
                label=option.name.replace("_", " ").replace("-", " ").capitalize(),
                help_text=f"{option.help} {_('One on each line.') if option.many else ''}".strip(),
                required=option.required,
                max_length=10_000,
                widget=forms.Textarea(attrs={"rows": 3}) if option.many else forms.TextInput(),
            )

    def options(self) -> dict[str, Any]:
        """What was said, as the command line would have it."""
        said: dict[str, Any] = {}
        for option in self.source.options:
            value = self.cleaned_data[f"option_{option.name}"]
            words = [word.strip() for word in re.split(r"[\n,]+", value)]
            said[option.name] = [word for word in words if word] if option.many else value
        return said


class ColumnsForm(forms.Form):
    """Which heading means which field."""

    def __init__(
        self,
        source: Source,
        found: Sequence[str],
        proposed: Mapping[str, str],
        *args: Any,
        samples: Sequence[Mapping[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.source, self.found = source, list(found)
        offered = [("", gettext_lazy("(not in this file)")), *((heading, heading) for heading in found)]
        for column in source.columns:
            self.fields[column.name] = forms.ChoiceField(
                label=column.label,
                choices=offered,
                required=column.required,
                initial=proposed.get(column.name, ""),
                help_text=_sample(samples, proposed.get(column.name, "")),
                error_messages={"required": _("Say which column holds it: it is needed.")},
            )

        found_first = sorted(self.fields, key=lambda name: not proposed.get(name))
        self.order_fields([name for name in self.fields if self.fields[name].required] + found_first)

    def clean(self) -> dict[str, Any]:
        """A heading can mean one field only."""
        cleaned: dict[str, Any] = super().clean() or {}
        taken: dict[str, str] = {}
        for name, heading in list(cleaned.items()):
            if heading and heading in taken:
                self.add_error(
                    name, _("“%(heading)s” is chosen for two fields: choose one.") % {"heading": heading}
                )
            taken.setdefault(heading, name)
        return cleaned

    def mapping(self, file: str) -> dict[str, str]:
        """The mapping to import with.

        Raises:
            FileProblem: a required field has no heading.
        """
        return columns.settle(self.source, self.found, self.cleaned_data, file=file)


def _sample(samples: Sequence[Mapping[str, str]], heading: str) -> str:
    """What the first rows say in this column."""
    said = [row[heading][:40] for row in samples if row.get(heading)]
    return _("For example: %(values)s") % {"values": "; ".join(said)} if said else ""


class ChoiceForm(forms.Form):
    """Who a row is that looks like somebody."""

    def __init__(self, payload: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: list[tuple[str, Any]] = [("", _("Somebody new: import as new"))]
        for one in payload["candidates"]:
            label = _("The same as %(name)s (%(why)s)") % {"name": one["label"], "why": one["why"]}
            offered.append((one["choice"], label))
        offered.append((SKIP, _("Leave this row out")))
        self.fields["choice"] = forms.ChoiceField(
            label=_("Who is it?"),
            choices=offered,
            required=False,
            initial=payload.get("choice", ""),
            widget=forms.RadioSelect(),
        )


def add_problem(form: forms.Form, problem: FileProblem) -> None:
    """Show a file's problem at the form's files, in its own words."""
    where = f"{problem.file}, {_('line %(line)d') % {'line': problem.line}}" if problem.line else problem.file
    field = f" ({problem.field})" if problem.field else ""
    form.add_error("files" if "files" in form.fields else None, f"{where}{field} {problem.reason}.")
