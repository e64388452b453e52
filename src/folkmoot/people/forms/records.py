"""Forms about projects, teams, kinds of role, notes and tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.people.forms.base import SUGGESTIONS, RegisterForm, Suggest, WebField
from folkmoot.people.models import (
    Note,
    Project,
    ProjectRules,
    RoleKind,
    Tag,
    Team,
)


class ProjectForm(RegisterForm):
    """A package, repository or lesson."""

    class Meta:
        model = Project
        fields = ["name", "kind", "repository", "website", "description", "is_archived"]
        field_classes = {"repository": WebField, "website": WebField}

    folded = ("website", "is_archived")


class TeamForm(RegisterForm):
    """A council, board or group."""

    class Meta:
        model = Team
        fields = [
            "name",
            "description",
            "term_months",
            "most_terms",
            "break_months",
            "becomes",
            "seats",
            "is_archived",
        ]

    folded = ("is_archived",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        becomes: Any = self.fields["becomes"]
        becomes.queryset = RoleKind.objects.filter(is_former=True)
        becomes.empty_label = _("none")


class ProjectRulesForm(RegisterForm):
    """When Today tells of a project."""

    class Meta:
        model = ProjectRules
        fields = ["needs_maintainer", "quiet_months"]


class RoleKindForm(RegisterForm):
    """A kind of role. Its short name is made once, from its first name."""

    class Meta:
        model = RoleKind
        fields = [
            "name",
            "description",
            "is_staff",
            "is_former",
            "is_maintaining",
            "notice_days",
            "seats",
            "order",
        ]


class NoteForm(RegisterForm):
    """A note."""

    class Meta:
        model = Note
        fields = ["body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 6})}


class TagForm(RegisterForm):
    """A tag's name."""

    class Meta:
        model = Tag
        fields = ["name"]


class TagNameForm(forms.Form):
    """The name of a tag to put on a record."""

    name = forms.CharField(max_length=100)


class BulkTagForm(forms.Form):
    """A tag to put on selected people, or to take off them."""

    do = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[("on", gettext_lazy("Put it on them")), ("off", gettext_lazy("Take it off them"))],
        widget=forms.RadioSelect,
        initial="on",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("Tag"),
            max_length=100,
            widget=Suggest(tag_names),
            help_text=_("A new name makes a new tag."),
        )
        self.order_fields(["name", "do"])


def tag_names() -> Iterable[str]:
    """Names of tags, for suggestions."""
    return Tag.objects.filter(facet="tag").order_by("folded").values_list("name", flat=True)[:SUGGESTIONS]
