"""How often, as people say it: the usual rules to choose from, and any other as it is written (RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

#: What is written by hand.
OWN = "own"
RHYTHMS: tuple[tuple[str, Any], ...] = (
    ("weekly", _("Every week")),
    ("fortnightly", _("Every other week, counted from the first time")),
    ("first", _("Once a month, the first of these days")),
    ("last", _("Once a month, the last of these days")),
    (OWN, _("Another rule")),
)
DAYS: tuple[tuple[str, Any], ...] = (
    ("MO", _("Monday")),
    ("TU", _("Tuesday")),
    ("WE", _("Wednesday")),
    ("TH", _("Thursday")),
    ("FR", _("Friday")),
    ("SA", _("Saturday")),
    ("SU", _("Sunday")),
)
#: How each begins, and what stands before each of its days.
_WRITTEN = {
    "weekly": ("FREQ=WEEKLY", ""),
    "fortnightly": ("FREQ=WEEKLY;INTERVAL=2", ""),
    "first": ("FREQ=MONTHLY", "1"),
    "last": ("FREQ=MONTHLY", "-1"),
}


def rule(rhythm: str, days: Sequence[str]) -> str:
    """A usual rhythm on these weekdays (``MO`` …) as a rule."""
    begins, number = _WRITTEN[rhythm]
    return f"{begins};BYDAY={','.join(f'{number}{day}' for day in days)}"


def read(text: str) -> tuple[str, list[str]]:
    """The rhythm and weekdays of a rule; ``own`` and none where it is not among the usual ones."""
    known = [day for day, _label in DAYS]
    for rhythm, (begins, number) in _WRITTEN.items():
        head, mark, tail = text.partition(";BYDAY=")
        days = [each.removeprefix(number) for each in tail.split(",")] if mark else []
        if head == begins and days and set(days) <= set(known) and rule(rhythm, days) == text:
            return rhythm, days
    return OWN, []
