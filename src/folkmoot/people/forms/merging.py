"""What the pages of merging ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from folkmoot.people.forms.base import DayInput


class LaterForm(forms.Form):
    """Until when a decision waits."""

    until = forms.DateField(
        label=gettext_lazy("Ask again on"),
        widget=DayInput,
        help_text=gettext_lazy("Until then the two are out of the queue."),
    )


def choices_in(posted: Any) -> dict[str, str]:
    """Field -> side, as the page of a merge posts it; the action refuses what is none of the two."""
    return {
        name.removeprefix("take-"): value
        for name, value in posted.items()
        if name.startswith("take-") and len(name) < 60
    }


def seen_in(posted: Any) -> dict[int, int]:
    """The versions of the two records that the person looked at."""
    found = {}
    for name, value in posted.items():
        number = name.removeprefix("seen-")
        if name.startswith("seen-") and _is_number(number) and _is_number(value):
            found[int(number)] = int(value)
    return found


def numbers_in(values: list[str]) -> list[int]:
    """Those of the posted texts that can be a record's number."""
    return [int(value) for value in values if _is_number(value)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
