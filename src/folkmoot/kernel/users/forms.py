"""Forms about users, rights and lending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level


def levels() -> list[tuple[str, Any]]:
    """What a select for a level offers."""
    return [("0", _("no right")), *((str(level.value), level.label) for level in Level)]


class LevelsForm(forms.Form):
    """A level for each area."""

    def __init__(self, *args: Any, held: Mapping[str, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for area in Area:
            self.fields[area.value] = forms.ChoiceField(
                label=area.label,
                choices=levels(),
                # A field that the form does not bring changes nothing.
                required=not self.is_bound or area.value in self.data,
                initial=str((held or {}).get(area.value, 0)),
            )

    def wanted(self) -> dict[Area, Level | None]:
        """What was chosen; an area that the form did not bring is not in it."""
        return {
            area: Level(number) if (number := int(self.cleaned_data[area.value])) else None
            for area in Area
            if area.value in self.data
        }

    def area_fields(self) -> list[forms.BoundField]:
        """The selects, in the order of the areas."""
        return [self[area.value] for area in Area]


class InviteForm(LevelsForm):
    """Whom to invite, and what they may do."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    message = forms.CharField(
        label=_("A few words of yours"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They stand in the mail above the link."),
    )

    def first_fields(self) -> list[forms.BoundField]:
        """All but the selects."""
        return [self[name] for name in ("email", "name", "message")]


class AcceptForm(forms.Form):
    """Name and password of a new account."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("As others see it here."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters; not a common one, not only digits."),
    )


class ColleagueForm(forms.Form):
    """Who takes over open things."""

    colleague = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who takes them over"),
        required=False,
        empty_label=_("Choose a colleague"),
    )

    def __init__(self, *args: Any, user: User, required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].queryset = others(user)  # type: ignore[attr-defined]
        self.fields["colleague"].required = required


class LendForm(forms.Form):
    """Who holds one's rights, in which areas, from when to when."""

    to_user = forms.ModelChoiceField(
        User.objects.none(), label=_("Colleague"), empty_label=_("Choose a colleague")
    )
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    areas = forms.MultipleChoiceField(
        label=_("Areas"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "In each, the colleague may do what you may. In Settings they manage at most: giving rights cannot be lent."
        ),
    )

    def __init__(self, *args: Any, user: User, held: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_user"].queryset = others(user)  # type: ignore[attr-defined]
        self.fields["areas"].choices = [(area.value, area.label) for area in Area if area in held]  # type: ignore[attr-defined]
        self.fields["areas"].initial = list(held)


def others(user: User) -> Any:
    """Everybody else who signs in, by name."""
    return User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name", "email")
