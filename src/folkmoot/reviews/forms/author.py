"""The form by which authors submit themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.ui.record_forms import WebField
from folkmoot.reviews.actions.drafts import LIMITS
from folkmoot.reviews.models import Kind

SALT = "reviews.author"
#: Whoever is faster than this is no person.
FASTEST = dt.timedelta(seconds=3)


def stamp() -> str:
    """When the form was opened, signed."""
    return signing.dumps(clock.now().timestamp(), salt=SALT)


class AuthorForm(forms.Form):
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
    #: Hidden from people; what fills it in is a machine.
    homepage = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    began = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author_name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if (
            values.get("kind") == Kind.FULL
            and not values.get("repository")
            and "repository" not in self.errors
        ):
            self.add_error(
                "repository",
                ValidationError(_("Say where the package's code is, so that it can be reviewed.")),
            )
        if values.get("homepage"):
            raise ValidationError(_("The field that says “Leave this empty” was filled in: empty it."))
        try:
            began = float(signing.loads(values.get("began", ""), salt=SALT, max_age=7 * 24 * 60 * 60))
        except (signing.BadSignature, TypeError, ValueError):
            raise ValidationError(
                _("This page was open for very long. What you typed is still here: send it again.")
            ) from None
        if clock.now().timestamp() - began < FASTEST.total_seconds():
            raise ValidationError(_("That was very quick. Look it over once more, then send it."))
        return values
