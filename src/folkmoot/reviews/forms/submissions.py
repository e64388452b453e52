"""Forms about one submission."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.record_forms import DayInput, RecordForm, Suggest, WebField, names_of
from folkmoot.people.public import Identity, Person, Project, Tag
from folkmoot.reviews.models import Kind, Programme, Submission, SubmissionNote

#: Most suggestions that a field for a person offers.
SUGGESTIONS = 500


def people_names() -> Any:
    """Names of people, for suggestions; one query."""
    return (
        Person.objects.filter(archived_at=None, erased_at=None)
        .order_by("sort_key")
        .values_list("name", flat=True)[:SUGGESTIONS]
    )


def person_named(written: str) -> Person | None:
    """The person of this name or GitHub handle (with or without ``@``).

    Raises:
        ValidationError: nobody is known so, or several are.
    """
    words = written.strip()
    if not words:
        return None
    handle = Identity.objects.filter(system="github", folded=fold(words.lstrip("@"))).select_related("person")
    by_handle = {one.person_id: one.person for one in handle}
    named = (
        {}
        if words.startswith("@")
        else {one.pk: one for one in Person.objects.filter(name__iexact=words, erased_at=None)[:2]}
    )
    found = {**by_handle, **named}
    if len(found) > 1:
        raise ValidationError(
            _("Several people are called “%(name)s”: give the GitHub handle.") % {"name": words}
        )
    if not found:
        raise ValidationError(
            _("Nobody in the register is called “%(name)s”. Add them there first.") % {"name": words}
        )
    return next(iter(found.values()))


class PersonNameField(forms.CharField):
    """A person of the register, by name or GitHub handle."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=320, **{"widget": Suggest(people_names), **kwargs})

    def clean(self, value: Any) -> Person | None:
        return person_named(super().clean(value) or "")


class ProjectNameField(forms.CharField):
    """A project of the register, by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, **{"widget": Suggest(names_of(Project)), **kwargs})

    def clean(self, value: Any) -> Project | None:
        words = super().clean(value) or ""
        if not words:
            return None
        found = Project.objects.filter(folded=fold(words)).order_by("kind", "pk").first()
        if found is None:
            raise ValidationError(
                _("No project is called “%(name)s”. Add it under People first, or leave this empty.")
                % {"name": words}
            )
        return found


def at_noon(day: dt.date | None) -> dt.datetime | None:
    """A day that somebody names as a moment: noon of it; for today now."""
    if day is None:
        return None
    if day == timezone.localdate():
        return clock.now()
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


class NewSubmissionForm(RecordForm):
    """A submission that came by another way than the tracker."""

    author = PersonNameField(
        label=gettext_lazy("Author"),
        required=False,
        help_text=gettext_lazy("Name or GitHub handle of somebody in the register."),
    )
    opened_on = forms.DateField(label=gettext_lazy("Submitted on"), required=False, widget=DayInput())

    class Meta:
        model = Submission
        fields = [
            "title",
            "programme",
            "kind",
            "description",
            "repository",
            "issue_url",
            "version_submitted",
            "follows",
        ]
        field_classes = {"repository": WebField, "issue_url": WebField}

    folded = ("issue_url", "version_submitted", "follows")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        any_fields: Any = self.fields
        used = Programme.objects.filter(is_archived=False)
        any_fields["programme"].queryset = used
        any_fields["programme"].empty_label = None
        any_fields["description"].widget = forms.TextInput()
        any_fields["follows"].queryset = (
            Submission.objects.filter(kind=Kind.PRESUBMISSION, followed_by=None).order_by("-opened_at")[:200]
            if not self.is_bound
            else Submission.objects.filter(kind=Kind.PRESUBMISSION)
        )
        any_fields["follows"].empty_label = _("none")
        self.initial.setdefault("opened_on", timezone.localdate())
        self.order_fields(["title", "programme", "kind", "author", "description", "repository", "opened_on"])

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        values = super().values()
        author = values.pop("author")
        opened = at_noon(values.pop("opened_on"))
        return values | {"authors": [author] if author else [], "opened_at": opened}


class SubmissionForm(RecordForm):
    """What is known of a submission."""

    project_name = ProjectNameField(label=gettext_lazy("Project"), required=False)
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.none(),
        label=gettext_lazy("Categories and partners"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Submission
        fields = [
            "title",
            "kind",
            "description",
            "repository",
            "issue_url",
            "version_submitted",
            "version_accepted",
            "accepted_on",
            "archive",
            "joss",
            "joss_doi",
            "publication_title",
            "publication_doi",
            "publication_venue",
            "follows",
        ]
        field_classes = {"repository": WebField, "issue_url": WebField}

    folded = (
        "joss",
        "joss_doi",
        "publication_title",
        "publication_doi",
        "publication_venue",
        "follows",
        "tags",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row, any_fields = self.instance, self.fields
        fields: Any = any_fields
        fields["description"].widget = forms.TextInput()
        enquiry = row.kind == Kind.PRESUBMISSION
        fields["kind"].choices = [
            (value, label) for value, label in Kind.choices if (value == Kind.PRESUBMISSION) == enquiry
        ]
        if enquiry:
            for name in ("follows", "accepted_on", "version_accepted", "archive", "joss", "joss_doi"):
                del self.fields[name]
        else:
            enquiries = Submission.objects.filter(kind=Kind.PRESUBMISSION, programme=row.programme_id)
            fields["follows"].queryset = enquiries.order_by("-opened_at")
            fields["follows"].empty_label = _("none")
        if row.outcome != "accepted" and "accepted_on" in self.fields:
            del self.fields["accepted_on"]
        offered = Tag.objects.filter(
            Q(facet__in=["category", "partner"]) | Q(submissions__isnull=False)
        ).distinct()
        if offered.exists():
            fields["tags"].queryset = offered.order_by("facet", "folded")
            self.initial["tags"] = list(row.tags.values_list("pk", flat=True))
        else:
            del self.fields["tags"]
        self.initial["project_name"] = row.project.name if row.project else ""
        self.order_fields(["title", "kind", "description", "project_name"])

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        values = super().values()
        return values | {"project": values.pop("project_name")}


class SubmissionNoteForm(RecordForm):
    """A note about a submission."""

    class Meta:
        model = SubmissionNote
        fields = ["body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 6})}
