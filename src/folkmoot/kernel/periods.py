"""Periods of the calendar: a quarter, a year, a month, or any run of days. Bounds are in UTC, both days included."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import clock

#: The years in which a period may lie: each needs a neighbour on both sides.
FIRST_YEAR, LAST_YEAR = 1900, 2999
DAY = dt.timedelta(days=1)


class PeriodProblem(ValueError):
    """A period that cannot be read; the message says how one is written."""


class PeriodKind(StrEnum):
    """What a period is; it decides what its neighbours are."""

    QUARTER = "quarter"
    YEAR = "year"
    MONTH = "month"
    DAYS = "days"


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``first`` to ``last``, both included, in UTC."""

    first: dt.date
    last: dt.date
    kind: PeriodKind = PeriodKind.DAYS

    # How one is made

    @classmethod
    def parse(cls, text: str) -> Period:
        """``2026Q2``, ``2026``, ``2026-04`` or ``2026-04-01..2026-06-30``.

        Raises:
            PeriodProblem: it is none of them.
        """
        written = text.strip()
        if found := re.fullmatch(r"(\d{4})-?[Qq](\d)", written):
            if not 1 <= int(found[2]) <= 4:
                raise PeriodProblem(_("%(text)s: a year has the quarters Q1 to Q4.") % {"text": written})
            return cls.quarter(_year(found[1], written), int(found[2]))
        if found := re.fullmatch(r"(\d{4})", written):
            return cls.year(_year(found[1], written))
        if found := re.fullmatch(r"(\d{4})-(\d{2})", written):
            if not 1 <= int(found[2]) <= 12:
                raise PeriodProblem(_("%(text)s: a year has the months 01 to 12.") % {"text": written})
            return cls.month(_year(found[1], written), int(found[2]))
        if found := re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", written):
            return cls.days(_day(found[1], written), _day(found[2], written))
        raise PeriodProblem(
            _("%(text)s is no period: write a quarter (2026Q2), a year (2026), a month (2026-04) "
              "or days (2026-04-01..2026-06-30).") % {"text": written or "''"}
        )  # fmt: skip

    @classmethod
    def quarter(cls, year: int, number: int) -> Period:
        """The quarter 1 to 4 of a year."""
        return cls(dt.date(year, 3 * number - 2, 1), _last_of_month(year, 3 * number), PeriodKind.QUARTER)

    @classmethod
    def year(cls, year: int) -> Period:
        """A calendar year."""
        return cls(dt.date(year, 1, 1), dt.date(year, 12, 31), PeriodKind.YEAR)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """A calendar month."""
        return cls(dt.date(year, month, 1), _last_of_month(year, month), PeriodKind.MONTH)

    @classmethod
    def days(cls, first: dt.date, last: dt.date) -> Period:
        """Any run of days, both included.

        Raises:
            PeriodProblem: it ends before it begins, or lies outside the years that are taken.
        """
        if last < first:
            raise PeriodProblem(
                _("%(first)s..%(last)s ends before it begins: write the earlier day first.")
                % {"first": first, "last": last}
            )
        for day in (first, last):
            _year(f"{day.year:04d}", f"{first}..{last}")
        return cls(first, last, PeriodKind.DAYS)

    @classmethod
    def quarter_of(cls, day: dt.date) -> Period:
        """The quarter that a day lies in."""
        return cls.quarter(day.year, (day.month + 2) // 3)

    @classmethod
    def month_of(cls, day: dt.date) -> Period:
        """The month that a day lies in."""
        return cls.month(day.year, day.month)

    @classmethod
    def last_quarter(cls, today: dt.date | None = None) -> Period:
        """The last quarter that is over: what a council's report tells of, and the period when none is named."""
        return cls.quarter_of(today or clock.today()).previous

    @classmethod
    def months_until(cls, last: dt.date, count: int) -> Period:
        """The ``count`` calendar months of which the last holds the day ``last``, as one run of days."""
        end = cls.month_of(last)
        index = end.first.year * 12 + end.first.month - count
        return cls.days(dt.date(index // 12, index % 12 + 1, 1), end.last)

    # Its bounds

    @property
    def start(self) -> dt.datetime:
        """The first moment in it (UTC)."""
        return clock.start_of_day(self.first)

    @property
    def end(self) -> dt.datetime:
        """The first moment after it (UTC)."""
        return clock.start_of_day(self.last + DAY)

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def months(self) -> list[Period]:
        """The calendar months it touches, in order; the outer ones are whole even where the period is not."""
        first = self.first.year * 12 + self.first.month - 1
        last = self.last.year * 12 + self.last.month - 1
        return [Period.month(index // 12, index % 12 + 1) for index in range(first, last + 1)]

    # Its neighbours

    @property
    def previous(self) -> Period:
        """The quarter, year or month before; for a run of days the equal number of days before it."""
        before = self.first - DAY
        if self.kind is PeriodKind.QUARTER:
            return Period.quarter_of(before)
        if self.kind is PeriodKind.YEAR:
            return Period.year(before.year)
        if self.kind is PeriodKind.MONTH:
            return Period.month_of(before)
        return Period(before - (self.last - self.first), before, PeriodKind.DAYS)

    @property
    def year_before(self) -> Period:
        """The same period a year earlier; a 29 February becomes the 28th."""
        if self.kind is PeriodKind.QUARTER:
            return Period.quarter(self.first.year - 1, (self.first.month + 2) // 3)
        if self.kind is PeriodKind.YEAR:
            return Period.year(self.first.year - 1)
        if self.kind is PeriodKind.MONTH:
            return Period.month(self.first.year - 1, self.first.month)
        return Period(_year_earlier(self.first), _year_earlier(self.last), PeriodKind.DAYS)

    # How it is told

    def __str__(self) -> str:
        """As it is written: what :meth:`parse` reads."""
        if self.kind is PeriodKind.QUARTER:
            return f"{self.first.year}Q{(self.first.month + 2) // 3}"
        if self.kind is PeriodKind.YEAR:
            return f"{self.first.year}"
        if self.kind is PeriodKind.MONTH:
            return f"{self.first:%Y-%m}"
        return f"{self.first}..{self.last}"

    @property
    def label(self) -> str:
        """In words: "Second quarter 2026", "April 2026", "1 Apr 2026 to 30 Jun 2026"."""
        year = self.first.year
        if self.kind is PeriodKind.QUARTER:
            return (
                _("First quarter %(year)d"),
                _("Second quarter %(year)d"),
                _("Third quarter %(year)d"),
                _("Fourth quarter %(year)d"),
            )[(self.first.month - 1) // 3] % {"year": year}
        if self.kind is PeriodKind.YEAR:
            return _("The year %(year)d") % {"year": year}
        if self.kind is PeriodKind.MONTH:
            return _("%(month)s %(year)d") % {"month": MONTHS[self.first.month], "year": year}
        return _("%(first)s to %(last)s") % {"first": _told(self.first), "last": _told(self.last)}

    @property
    def previous_label(self) -> str:
        """What :attr:`previous` is called beside this one: "the quarter before"."""
        return {
            PeriodKind.QUARTER: _("the quarter before"),
            PeriodKind.YEAR: _("the year before"),
            PeriodKind.MONTH: _("the month before"),
            PeriodKind.DAYS: _("the days before"),
        }[self.kind]


def _told(day: dt.date) -> str:
    return date_format(day, "j M Y")


def _last_of_month(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _year_earlier(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _year(text: str, written: str) -> int:
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise PeriodProblem(
            _("%(text)s: the year must lie between %(first)d and %(last)d.")
            % {"text": written, "first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return int(text)


def _day(text: str, written: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PeriodProblem(
            _("%(text)s: there is no day %(day)s in the calendar.") % {"text": written, "day": text}
        ) from None
