"""Periods: a quarter, a year, a month, the community's fiscal year and its quarters, or any run of days.

Bounds are in UTC, both days included. A fiscal year bears the number of the calendar year in which it ends.
"""

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
from folkmoot.kernel.community import Community

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
    FISCAL_YEAR = "fiscal-year"
    FISCAL_QUARTER = "fiscal-quarter"
    DAYS = "days"


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``first`` to ``last``, both included, in UTC.

    ``begins`` is the month in which fiscal years begin, where it is one or a quarter of one.
    """

    first: dt.date
    last: dt.date
    kind: PeriodKind = PeriodKind.DAYS
    begins: int = 1

    # How one is made

    @classmethod
    def parse(cls, text: str) -> Period:
        """``2026Q2``, ``2026``, ``2026-04``, ``FY2026``, ``FY2026Q1`` or ``2026-04-01..2026-06-30``.

        When a fiscal year begins is the community's setting.

        Raises:
            PeriodProblem: it is none of them.
        """
        written = text.strip()
        if found := re.fullmatch(r"([Ff][Yy])?(\d{4})-?[Qq](\d)", written):
            if not 1 <= int(found[3]) <= 4:
                raise PeriodProblem(_("%(text)s: a year has the quarters Q1 to Q4.") % {"text": written})
            year, number = _year(found[2], written), int(found[3])
            return cls.fiscal_quarter(year, number, _begins()) if found[1] else cls.quarter(year, number)
        if found := re.fullmatch(r"[Ff][Yy](\d{4})", written):
            return cls.fiscal_year(_year(found[1], written), _begins())
        if found := re.fullmatch(r"(\d{4})", written):
            return cls.year(_year(found[1], written))
        if found := re.fullmatch(r"(\d{4})-(\d{2})", written):
            if not 1 <= int(found[2]) <= 12:
                raise PeriodProblem(_("%(text)s: a year has the months 01 to 12.") % {"text": written})
            return cls.month(_year(found[1], written), int(found[2]))
        if found := re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", written):
            return cls.days(_day(found[1], written), _day(found[2], written))
        raise PeriodProblem(
            _("%(text)s is not a period: write a quarter (2026Q2), a year (2026), a month (2026-04), a fiscal year "
              "(FY2026), a quarter of one (FY2026Q1), or days (2026-04-01..2026-06-30).") % {"text": written or "''"}
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
    def fiscal_year(cls, year: int, begins: int) -> Period:
        """The fiscal year that ends in the calendar year ``year`` and begins in the month ``begins``."""
        first, last = _months_of_fiscal_year(year, begins)
        return cls(_first_of(first), _last_of(last), PeriodKind.FISCAL_YEAR, begins)

    @classmethod
    def fiscal_quarter(cls, year: int, number: int, begins: int) -> Period:
        """The quarter 1 to 4 of a fiscal year."""
        first = _months_of_fiscal_year(year, begins)[0] + 3 * (number - 1)
        return cls(_first_of(first), _last_of(first + 2), PeriodKind.FISCAL_QUARTER, begins)

    @classmethod
    def fiscal_year_of(cls, day: dt.date, begins: int) -> Period:
        """The fiscal year that a day lies in."""
        return cls.fiscal_year(_fiscal_year(day, begins), begins)

    @classmethod
    def fiscal_quarter_of(cls, day: dt.date, begins: int) -> Period:
        """The quarter of a fiscal year that a day lies in."""
        return cls.fiscal_quarter(_fiscal_year(day, begins), (day.month - begins) % 12 // 3 + 1, begins)

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
        return [
            Period.month(index // 12, index % 12 + 1)
            for index in range(_index(self.first), _index(self.last) + 1)
        ]

    @property
    def number(self) -> int:
        """The number of its year: of the fiscal year, where it is one or a part of one."""
        is_fiscal = self.kind in (PeriodKind.FISCAL_YEAR, PeriodKind.FISCAL_QUARTER)
        return _fiscal_year(self.first, self.begins) if is_fiscal else self.first.year

    @property
    def quarter_number(self) -> int:
        """Which quarter of its year it begins in, 1 to 4."""
        return (self.first.month - self.begins) % 12 // 3 + 1

    # Its neighbours

    @property
    def previous(self) -> Period:
        """The quarter, year or month before; for a run of days the equal number of days before it."""
        before = self.first - DAY
        return self._like(before) or Period(before - (self.last - self.first), before, PeriodKind.DAYS)

    @property
    def following(self) -> Period:
        """The one of the same kind that comes next; for a run of days the equal number of days after it."""
        after = self.last + DAY
        return self._like(after) or Period(after, after + (self.last - self.first), PeriodKind.DAYS)

    def _like(self, day: dt.date) -> Period | None:
        """The one of this kind that a day lies in; ``None`` for a run of days."""
        if self.kind is PeriodKind.QUARTER:
            return Period.quarter_of(day)
        if self.kind is PeriodKind.YEAR:
            return Period.year(day.year)
        if self.kind is PeriodKind.MONTH:
            return Period.month_of(day)
        if self.kind is PeriodKind.FISCAL_YEAR:
            return Period.fiscal_year_of(day, self.begins)
        if self.kind is PeriodKind.FISCAL_QUARTER:
            return Period.fiscal_quarter_of(day, self.begins)
        return None

    @property
    def year_before(self) -> Period:
        """The same period a year earlier; a 29 February becomes the 28th."""
        earlier = _year_earlier(self.first)
        return self._like(earlier) or Period(earlier, _year_earlier(self.last), PeriodKind.DAYS)

    # How it is told

    def __str__(self) -> str:
        """As it is written: what :meth:`parse` reads."""
        if self.kind is PeriodKind.QUARTER:
            return f"{self.number}Q{self.quarter_number}"
        if self.kind is PeriodKind.YEAR:
            return f"{self.number}"
        if self.kind is PeriodKind.FISCAL_YEAR:
            return f"FY{self.number}"
        if self.kind is PeriodKind.FISCAL_QUARTER:
            return f"FY{self.number}Q{self.quarter_number}"
        if self.kind is PeriodKind.MONTH:
            return f"{self.first:%Y-%m}"
        return f"{self.first}..{self.last}"

    @property
    def label(self) -> str:
        """In words: "Second quarter 2026", "April 2026", "Fiscal year 2026", "1 Apr 2026 to 30 Jun 2026"."""
        year = self.number
        if self.kind is PeriodKind.QUARTER:
            return (
                _("First quarter %(year)d"),
                _("Second quarter %(year)d"),
                _("Third quarter %(year)d"),
                _("Fourth quarter %(year)d"),
            )[self.quarter_number - 1] % {"year": year}
        if self.kind is PeriodKind.FISCAL_QUARTER:
            return (
                _("First quarter of fiscal year %(year)d"),
                _("Second quarter of fiscal year %(year)d"),
                _("Third quarter of fiscal year %(year)d"),
                _("Fourth quarter of fiscal year %(year)d"),
            )[self.quarter_number - 1] % {"year": year}
        if self.kind is PeriodKind.FISCAL_YEAR:
            return _("Fiscal year %(year)d") % {"year": year}
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
            PeriodKind.FISCAL_YEAR: _("the fiscal year before"),
            PeriodKind.FISCAL_QUARTER: _("the quarter before"),
            PeriodKind.DAYS: _("the days before"),
        }[self.kind]


def _told(day: dt.date) -> str:
    return date_format(day, "j M Y")


def _last_of_month(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _begins() -> int:
    return Community.current().fiscal_year_start


def _index(day: dt.date) -> int:
    """A month as one number, so that months can be counted across years."""
    return day.year * 12 + day.month - 1


def _first_of(index: int) -> dt.date:
    return dt.date(index // 12, index % 12 + 1, 1)


def _last_of(index: int) -> dt.date:
    return _last_of_month(index // 12, index % 12 + 1)


def _months_of_fiscal_year(year: int, begins: int) -> tuple[int, int]:
    """The first and the last month (see :func:`_index`) of the fiscal year that ends in a calendar year."""
    first = (year if begins == 1 else year - 1) * 12 + begins - 1
    return first, first + 11


def _fiscal_year(day: dt.date, begins: int) -> int:
    return day.year + (begins > 1 and day.month >= begins)


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
