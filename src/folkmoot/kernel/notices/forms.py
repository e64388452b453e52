"""How a person wants to be told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices import actions, queries
from folkmoot.kernel.notices.models import Frequency
from folkmoot.kernel.permissions.areas import Area


class WishesForm(forms.Form):
    """Mail for each area that the person may see, quiet hours, and the digests' time."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_(
            "In your time zone. What would be mailed at once waits for the end; past midnight is fine."
        ),
    )
    quiet_to = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    digest_hour = forms.TypedChoiceField(
        label=_("Digests come at"),
        coerce=int,
        choices=[(hour, f"{dt.time(hour):%H:%M}") for hour in range(24)],
        help_text=_("In your time zone."),
    )
    digest_weekday = forms.TypedChoiceField(
        label=_("The weekly digest comes on"), coerce=int, choices=sorted(WEEKDAYS.items())
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        wished, chosen = queries.wishes(user), queries.settings_of(user)
        self.areas = [area for area in Area if user.level_in(area)]
        initial = {f"mail_{area.value}": wished[area.value].mail for area in self.areas}
        for name in ("quiet_from", "quiet_to", "digest_hour", "digest_weekday"):
            initial[name] = getattr(chosen, name)
        super().__init__(*args, **{"initial": initial, **kwargs})
        own = dict(self.fields)
        self.fields.clear()
        for area in self.areas:
            self.fields[f"mail_{area.value}"] = forms.ChoiceField(
                label=_("Mail about %(area)s") % {"area": area.label}, choices=Frequency.choices
            )
        self.fields.update(own)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors:
            try:
                actions.check_hours(found["quiet_from"], found["quiet_to"], found["digest_hour"])
            except ValidationError as problem:
                self.add_error(None, problem)
        return found

    def wished(self) -> dict[str, Any]:
        """The arguments of ``actions.change_wishes``."""
        found = dict(self.cleaned_data)
        mail = {area.value: found.pop(f"mail_{area.value}") for area in self.areas}
        return {"mail": mail, **found}
