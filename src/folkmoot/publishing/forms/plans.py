"""Forms about how posts are planned on channels."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.publishing.forms.fields import LanguageField, zone_choices
from folkmoot.publishing.models import CadenceGoal, ChannelPlan
from folkmoot.publishing.queries.plans import community_zone
from folkmoot.publishing.queries.post_lists import possible_owners

_MONDAY = dt.date(2026, 11, 2)


class PlanForm(RecordForm):
    """Zone, language, distance, words in links, who looks after it."""

    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Its slots and the days of its goals are in it."),
    )
    language = LanguageField(label=gettext_lazy("Language"), required=False)
    folded = ("utm_source", "utm_medium")

    class Meta:
        model = ChannelPlan
        fields: ClassVar[list[str]] = [
            "zone",
            "language",
            "apart_minutes",
            "owner",
            "utm_source",
            "utm_medium",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["zone"].choices = zone_choices(self.instance.zone, community_zone())
        fields["owner"].queryset = possible_owners(self.instance.owner_id)


class TimesField(forms.CharField):
    """Wall times on one weekday: ``09:00, 15:30``."""

    def clean(self, value: Any) -> list[dt.time]:
        found = []
        for word in re.split(r"[\s,;]+", str(super().clean(value) or "").strip()):
            match = re.fullmatch(r"([01]?\d|2[0-3])[:.]([0-5]\d)", word, re.ASCII)
            if match:
                found.append(dt.time(int(match[1]), int(match[2])))
            elif word:
                raise ValidationError(
                    _("“%(word)s” is no time of day: write 09:00, 15:30.") % {"word": word[:20]}
                )
        return sorted(set(found))


class SlotsForm(forms.Form):
    """The week: what stands on each weekday."""

    def __init__(self, *args: Any, slots: Iterable[tuple[int, dt.time]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        times: dict[int, list[str]] = {}
        for weekday, time in sorted(slots):
            times.setdefault(weekday, []).append(f"{time:%H:%M}")
        for weekday in range(1, 8):
            label = formats.date_format(_MONDAY + dt.timedelta(days=weekday - 1), "l")
            self.fields[f"day{weekday}"] = TimesField(
                label=label,
                required=False,
                max_length=300,
                initial=", ".join(times.get(weekday, ())),
                widget=forms.TextInput(attrs={"placeholder": "09:00, 15:30", "autocomplete": "off"}),
            )

    @property
    def slots(self) -> list[tuple[int, dt.time]]:
        """What was typed: ISO weekdays with wall times."""
        return [(day, time) for day in range(1, 8) for time in self.cleaned_data[f"day{day}"]]


class GoalForm(RecordForm):
    """So many posts in so many days, from a day on."""

    class Meta:
        model = CadenceGoal
        fields: ClassVar[list[str]] = ["since", "posts", "days"]
