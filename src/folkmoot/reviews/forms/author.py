"""The form by which authors submit themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.guarded import GuardedForm
from folkmoot.kernel.ui.record_forms import WebField
from folkmoot.reviews.actions.drafts import LIMITS
from folkmoot.reviews.models import Kind


class AuthorForm(GuardedForm):
    """A package to be reviewed, or a question before that."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        widget=forms.RadioSelect,
        choices=[
            (Kind.PRESUBMISSION, gettext_lazy("A question first: does my package fit?")),
            (Kind.FULL, gettext_lazy("A package, ready to be reviewed")),
        ],
        initial=Kind.FULL,
    )
    title = forms.CharField(label=gettext_lazy("Name of the package"), max_length=LIMITS["title"])
    description = forms.CharField(
        label=gettext_lazy("What it does, in one line"), max_length=LIMITS["description"]
    )
    repository = WebField(
        label=gettext_lazy("Repository"),
        max_length=LIMITS["repository"],
        required=False,
        help_text=gettext_lazy("Needed for a review; a question can be asked without."),
    )
    version_submitted = forms.CharField(
        label=gettext_lazy("Version"), max_length=LIMITS["version_submitted"], required=False
    )
    author_name = forms.CharField(label=gettext_lazy("Your name"), max_length=LIMITS["author_name"])
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=LIMITS["email"],
        help_text=gettext_lazy("Only those who run the reviews see it."),
    )
    github = forms.RegexField(
        r"^@?[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$",
        label=gettext_lazy("Your GitHub account"),
        max_length=LIMITS["github"],
        required=False,
        error_messages={"invalid": gettext_lazy("Give the name of an account, such as @octocat.")},
    )
    message = forms.CharField(
        label=gettext_lazy("What else should we know?"),
        max_length=LIMITS["message"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author_name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean()
        if (
            values.get("kind") == Kind.FULL
            and not values.get("repository")
            and "repository" not in self.errors
        ):
            self.add_error(
                "repository",
                ValidationError(_("Say where the package's code is, so that it can be reviewed.")),
            )
        return values
