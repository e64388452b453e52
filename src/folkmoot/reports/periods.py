"""The choice of periods on a report's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from folkmoot.kernel.community import Community
from folkmoot.kernel.periods import Period, PeriodProblem


@dataclass(frozen=True)
class Choice:
    """A period to choose, with its address."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Picker:
    """What the picker offers: groups of choices, and the days of the period that is shown."""

    label: str
    groups: tuple[tuple[Any, tuple[Choice, ...]], ...]
    previous: Choice
    next: Choice | None
    first: dt.date
    last: dt.date
    address: str
    rest: Mapping[str, str]


def picker(shown: Period, today: dt.date, address: str, rest: Mapping[str, str]) -> Picker:
    """Quarters, years and months up to today; and those of the fiscal year, where it is not the calendar's.

    Args:
        rest: what the address keeps beside.
    """

    def choice(period: Period) -> Choice:
        return Choice(
            period.label, f"{address}?{urlencode({'period': str(period), **rest})}", period == shown
        )

    def back(period: Period, count: int) -> tuple[Choice, ...]:
        choices = [period]
        while len(choices) < count:
            choices.append(choices[-1].previous)
        return tuple(choice(each) for each in choices)

    begins = Community.current().fiscal_year_start
    fiscal = (
        (_("Fiscal years"), back(Period.fiscal_year_of(today, begins), 4)),
        (_("Fiscal quarters"), back(Period.fiscal_quarter_of(today, begins), 8)),
    )
    after = shown.following
    return Picker(
        label=shown.label,
        groups=(
            (_("Quarters"), back(Period.quarter_of(today), 8)),
            (_("Years"), back(Period.year(today.year), 4)),
            *(fiscal if begins != 1 else ()),
            (_("Months"), back(Period.month_of(today), 12)),
        ),
        previous=choice(shown.previous),
        next=choice(after) if after.first <= today else None,
        first=shown.first,
        last=shown.last,
        address=address,
        rest=rest,
    )


def label(written: str) -> str:
    """A period's label from how it is written; what cannot be read stays as it is."""
    try:
        return Period.parse(written).label
    except PeriodProblem:
        return written
