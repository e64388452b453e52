"""Giving something on Today to somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.accounts.models import User

NOBODY = "0"


class AssignForm(forms.Form):
    """Who should do it; the person themself first."""

    to = forms.ChoiceField(
        label=gettext_lazy("Give it to"),
        help_text=gettext_lazy(
            "People who may see it. They are told, and it stands under “Mine” on their Today."
        ),
    )

    def __init__(self, *args: Any, people: Sequence[User], me: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        others = [(pk, str(user)) for pk, user in self.people.items() if user != me]
        own = [(str(me.pk), _("Me"))] if str(me.pk) in self.people else []
        self.fields["to"].choices = [(NOBODY, _("Nobody in particular")), *own, *others]  # type: ignore[attr-defined]

    def clean_to(self) -> User | None:
        return self.people.get(self.cleaned_data["to"])
