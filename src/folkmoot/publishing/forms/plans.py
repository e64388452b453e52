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

from folkmoot.connectors.base import Setting
from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.publishing import options
from folkmoot.publishing.content import connector_of
from folkmoot.publishing.forms.fields import LanguageField, zone_choices
from folkmoot.publishing.models import CadenceGoal, ChannelPlan
from folkmoot.publishing.queries.plans import community_zone
from folkmoot.publishing.queries.post_lists import possible_owners

_MONDAY = dt.date(2026, 11, 2)


class PlanForm(RecordForm):
    """Zone, language, distance, what only its platform knows, words in links, who looks after it."""

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
        connector = connector_of(self.instance.channel)
        self.options = list(connector.options) if connector is not None else []
        for setting in self.options:
            name = options.field_name(setting)
            fields[name] = _option_field(setting)
            self.initial[name] = options.as_typed(self.instance.options.get(setting.name))

    def values(self) -> dict[str, Any]:
        """What was typed, by field; what only the platform knows under ``options``, where it knows anything."""
        names = {options.field_name(setting): setting.name for setting in self.options}
        typed = super().values()
        found = {name: value for name, value in typed.items() if name not in names}
        if names:
            found["options"] = {names[name]: typed[name] for name in names}
        return found


def _option_field(setting: Setting) -> forms.Field:
    """A field for something that only the platform knows, as its connector declares it."""
    usually = _("Unless a post says otherwise.")
    words: dict[str, Any] = {
        "label": setting.label,
        "help_text": f"{setting.help} {usually}" if setting.help else usually,
        "required": False,
    }
    choices = options.choices_of(setting, _("as the platform has it"))
    if choices:
        return forms.ChoiceField(choices=choices, **words)
    if setting.kind == "number":
        return forms.IntegerField(min_value=0, max_value=options.MOST, **words)
    return forms.CharField(max_length=options.LONGEST, **words)


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
