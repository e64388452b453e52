"""Forms about who takes part: asking, adding, writing, answering, conflicts of interest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.record_forms import DayInput
from folkmoot.people.public import Organization, Project
from folkmoot.reviews.actions.texts import COMMENT, MAIL
from folkmoot.reviews.forms.submissions import PersonNameField
from folkmoot.reviews.models import Assignment, Conflict

BY = {
    MAIL: gettext_lazy("by mail"),
    COMMENT: gettext_lazy("as a comment on the issue, for everybody to read"),
}
MARKDOWN = gettext_lazy("Markdown: **bold**, lists with dashes, [links](https://…).")


class _TextForm(forms.Form):
    """A subject, a text, and by which way it goes."""

    def _add_text(self, ways: Sequence[str], help_text: Any = MARKDOWN) -> None:
        if len(ways) > 1:
            self.fields["by"] = forms.ChoiceField(
                label=_("Goes"),
                choices=[(way, BY[way]) for way in ways],
                widget=forms.RadioSelect,
                initial=ways[0],
            )
        self.fields["subject"] = forms.CharField(label=_("Subject"), max_length=200)
        self.fields["body"] = forms.CharField(
            label=_("Text"),
            max_length=50_000,
            widget=forms.Textarea(attrs={"rows": 16}),
            help_text=help_text,
        )


class AskForm(_TextForm):
    """A request to somebody to edit or review."""

    def __init__(self, *args: Any, role: str, ways: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if role == Assignment.Role.REVIEWER:
            self.fields["due_on"] = forms.DateField(
                label=_("Review due"), widget=DayInput(), help_text=_("They may propose another day.")
            )
            self.fields["is_suggested"] = forms.BooleanField(
                label=_("The author suggested them"), required=False
            )
        self._add_text(
            ways, _("Leave {{ answer_url }} where it is: there they say yes or no, without an account.")
        )

    def clean_due_on(self) -> dt.date | None:
        """A day to come."""
        day: dt.date | None = self.cleaned_data["due_on"]
        if day is not None and day < clock.today():
            raise ValidationError(_("This day is over."))
        return day


class WriteAboutForm(_TextForm):
    """A text about a submission, to one of those who take part."""

    def __init__(
        self, *args: Any, people: Sequence[tuple[str, str]], ways: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.ChoiceField(
            label=_("To"),
            choices=people,
            required=False,
            help_text=_("Whom a mail goes to; a comment goes to all."),
        )
        self._add_text(ways)


class AddPersonForm(forms.Form):
    """Somebody with a part."""

    role = forms.ChoiceField(label=gettext_lazy("Part"), choices=Assignment.Role.choices)
    person = PersonNameField(label=gettext_lazy("Who"), help_text=gettext_lazy("Name or GitHub handle."))

    def __init__(self, *args: Any, roles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        field.choices = [(value, label) for value, label in Assignment.Role.choices if value in roles]


class AnswerForm(forms.Form):
    """Yes or no to an invitation, by the link; nobody is signed in."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[("yes", gettext_lazy("Yes, I will")), ("no", gettext_lazy("No, not this time"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if assignment.role == Assignment.Role.REVIEWER:
            self.fields["due_on"] = forms.DateField(
                label=_("My review will be there by"),
                widget=DayInput(),
                required=False,
                initial=assignment.due_on,
                help_text=_("Only if you say yes."),
            )
        self.fields["reason"] = forms.CharField(
            label=_("A word to us"),
            max_length=300,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("If you say no: why, if you like, or whom we could ask instead."),
        )


class NoteAnswerForm(AnswerForm):
    """An answer that came another way, noted down by an editor."""


class DueForm(forms.Form):
    """Another day for a review."""

    due_on = forms.DateField(label=gettext_lazy("Review due"), widget=DayInput())


class ConflictForm(forms.Form):
    """Who should not review or edit what."""

    person = PersonNameField(label=gettext_lazy("Who"), help_text=gettext_lazy("Name or GitHub handle."))
    kind = forms.ChoiceField(
        label=gettext_lazy("With"),
        choices=[
            ("person", gettext_lazy("a person")),
            ("organization", gettext_lazy("an organisation")),
            ("project", gettext_lazy("a project")),
        ],
    )
    other = forms.CharField(label=gettext_lazy("Name"), max_length=320)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("The last day on which it counts. Empty: for ever."),
    )

    def __init__(self, *args: Any, conflict: Conflict | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if conflict is not None:
            for name in ("person", "kind", "other"):
                del self.fields[name]
            if not self.is_bound:
                self.initial = {"reason": conflict.reason, "until": conflict.until, **self.initial}

    def clean(self) -> dict[str, Any]:
        """Finds the person, organisation or project that is named."""
        values = super().clean() or self.cleaned_data
        written = str(values.get("other", "")).strip()
        if written:
            kind = values.get("kind")
            if kind == "person":
                try:
                    values["other"] = PersonNameField(label="").clean(written)
                except ValidationError as error:
                    self.add_error("other", error)
            elif kind in ("organization", "project"):
                model: Any = Organization if kind == "organization" else Project
                found = model.objects.filter(folded=fold(written)).first()
                if found is None:
                    self.add_error(
                        "other", _("Nothing in the register is called “%(name)s”.") % {"name": written}
                    )
                values["other"] = found
        return values
