"""Periods: how they are written, what their neighbours are, what is told when one cannot be read."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.kernel.community import Community
from folkmoot.kernel.periods import Period, PeriodProblem


@pytest.mark.parametrize(
    ("text", "first", "last", "previous", "year_before"),
    [
        ("2026Q2", "2026-04-01", "2026-06-30", "2026Q1", "2025Q2"),
        ("2026Q1", "2026-01-01", "2026-03-31", "2025Q4", "2025Q1"),
        ("2026Q4", "2026-10-01", "2026-12-31", "2026Q3", "2025Q4"),
        ("2026", "2026-01-01", "2026-12-31", "2025", "2025"),
        ("2026-04", "2026-04-01", "2026-04-30", "2026-03", "2025-04"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12", "2025-01"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01", "2023-02"),
        ("2025-02", "2025-02-01", "2025-02-28", "2025-01", "2024-02"),
        (
            "2026-04-01..2026-06-30",
            "2026-04-01",
            "2026-06-30",
            "2025-12-31..2026-03-31",
            "2025-04-01..2025-06-30",
        ),
        (
            "2024-02-29..2024-02-29",
            "2024-02-29",
            "2024-02-29",
            "2024-02-28..2024-02-28",
            "2023-02-28..2023-02-28",
        ),
        (
            "2024-03-01..2024-03-01",
            "2024-03-01",
            "2024-03-01",
            "2024-02-29..2024-02-29",
            "2023-03-01..2023-03-01",
        ),
        (
            "2024-01-15..2024-02-29",
            "2024-01-15",
            "2024-02-29",
            "2023-11-30..2024-01-14",
            "2023-01-15..2023-02-28",
        ),
    ],
)
def test_a_period_has_two_days_and_two_neighbours(
    text: str, first: str, last: str, previous: str, year_before: str
) -> None:
    period = Period.parse(text)
    assert (str(period.first), str(period.last)) == (first, last)
    assert (str(period), str(period.previous), str(period.year_before)) == (text, previous, year_before)


def test_bounds_are_utc_and_hold_both_days() -> None:
    period = Period.parse("2026Q2")
    assert period.start == dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    assert period.end == dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    assert period.length == 91


@pytest.mark.parametrize("text", [" 2026q2 ", "2026-Q2", "2026Q2"])
def test_small_letters_and_a_hyphen_do_no_harm(text: str) -> None:
    assert Period.parse(text) == Period.quarter(2026, 2)


HOW = (
    "write a quarter (2026Q2), a year (2026), a month (2026-04), a fiscal year (FY2026), a quarter of one (FY2026Q1), "
    "or days (2026-04-01..2026-06-30)."
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", f"'' is not a period: {HOW}"),
        ("spring", f"spring is not a period: {HOW}"),
        ("2026Q5", "2026Q5: a year has the quarters Q1 to Q4."),
        ("2026Q0", "2026Q0: a year has the quarters Q1 to Q4."),
        ("FY2026Q5", "FY2026Q5: a year has the quarters Q1 to Q4."),
        ("FY1026", "FY1026: the year must lie between 1900 and 2999."),
        ("FY26", f"FY26 is not a period: {HOW}"),
        ("2026-13", "2026-13: a year has the months 01 to 12."),
        ("2025-02-29..2025-03-01", "2025-02-29..2025-03-01: there is no day 2025-02-29 in the calendar."),
        ("2026-06-30..2026-04-01", "2026-06-30..2026-04-01 ends before it begins: write the earlier day first."),
        ("0001", "0001: the year must lie between 1900 and 2999."),
        ("3000Q1", "3000Q1: the year must lie between 1900 and 2999."),
        ("2026-04-01..9999-12-31", "2026-04-01..9999-12-31: the year must lie between 1900 and 2999."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_plain_words(text: str, told: str) -> None:
    with pytest.raises(PeriodProblem) as problem:
        Period.parse(text)
    assert str(problem.value) == told


def test_the_label_is_in_words_and_in_the_reader_s_language() -> None:
    labels = [Period.parse(text).label for text in ("2026Q2", "2026", "2026-04", "2026-04-01..2026-06-30")]
    assert labels == ["Second quarter 2026", "The year 2026", "April 2026", "1 Apr 2026 to 30 Jun 2026"]
    with translation.override("es"):
        assert Period.parse("2026-04").label.lower() == "abril de 2026"


def test_months_are_those_it_touches() -> None:
    assert [str(m) for m in Period.parse("2026Q2").months] == ["2026-04", "2026-05", "2026-06"]
    assert [str(m) for m in Period.parse("2025-11-30..2026-01-01").months] == [
        "2025-11",
        "2025-12",
        "2026-01",
    ]
    assert len(Period.parse("2026").months) == 12
    assert str(Period.months_until(dt.date(2026, 6, 30), 12)) == "2025-07-01..2026-06-30"
    assert str(Period.months_until(dt.date(2026, 12, 3), 12)) == "2026-01-01..2026-12-31"


def test_the_period_when_none_is_named_is_the_last_quarter_that_is_over() -> None:
    with time_machine.travel(dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.UTC), tick=False):
        assert Period.last_quarter() == Period.quarter(2025, 4)
    assert Period.last_quarter(dt.date(2026, 6, 30)) == Period.quarter(2026, 1)


@given(first=st.dates(dt.date(1950, 1, 1), dt.date(2900, 1, 1)), length=st.integers(1, 800))
def test_neighbours_lie_next_to_each_other(first: dt.date, length: int) -> None:
    period = Period.days(first, first + dt.timedelta(days=length - 1))
    assert period.previous.length == period.length == length
    assert period.previous.end == period.start
    assert Period.parse(str(period)) == period
    for other in (Period.quarter_of(first), Period.month_of(first), Period.year(first.year)):
        assert other.previous.end == other.start
        assert other.first <= first <= other.last
        assert Period.parse(str(other)) == other
        assert other.year_before.first == other.first.replace(year=other.first.year - 1)
        assert other.months[0].first == other.first
        assert other.months[-1].last == other.last


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("begins", "text", "first", "last", "previous", "year_before", "following"),
    [
        (1, "FY2026", "2026-01-01", "2026-12-31", "FY2025", "FY2025", "FY2027"),
        (7, "FY2026", "2025-07-01", "2026-06-30", "FY2025", "FY2025", "FY2027"),
        (7, "FY2026Q1", "2025-07-01", "2025-09-30", "FY2025Q4", "FY2025Q1", "FY2026Q2"),
        (7, "FY2026Q3", "2026-01-01", "2026-03-31", "FY2026Q2", "FY2025Q3", "FY2026Q4"),
        (10, "FY2026Q4", "2026-07-01", "2026-09-30", "FY2026Q3", "FY2025Q4", "FY2027Q1"),
        (2, "FY2024Q1", "2023-02-01", "2023-04-30", "FY2023Q4", "FY2023Q1", "FY2024Q2"),
        (3, "FY2024", "2023-03-01", "2024-02-29", "FY2023", "FY2023", "FY2025"),
        (12, "FY2026Q2", "2026-03-01", "2026-05-31", "FY2026Q1", "FY2025Q2", "FY2026Q3"),
    ],
)
def test_a_fiscal_year_begins_where_the_community_says(
    begins: int, text: str, first: str, last: str, previous: str, year_before: str, following: str
) -> None:
    Community.objects.create(pk=1, fiscal_year_start=begins)
    period = Period.parse(text.lower())
    assert (str(period.first), str(period.last)) == (first, last)
    neighbours = (period, period.previous, period.year_before, period.following)
    assert tuple(map(str, neighbours)) == (text, previous, year_before, following)


@pytest.mark.django_db
def test_fiscal_periods_in_words() -> None:
    Community.objects.create(pk=1, fiscal_year_start=4)
    labels = [
        (Period.parse(text).label, Period.parse(text).previous_label) for text in ("FY2026", "FY2026Q4")
    ]
    assert labels == [
        ("Fiscal year 2026", "the fiscal year before"),
        ("Fourth quarter of fiscal year 2026", "the quarter before"),
    ]


@given(day=st.dates(dt.date(1950, 1, 1), dt.date(2900, 1, 1)), begins=st.integers(1, 12))
def test_every_day_lies_in_one_fiscal_year_and_one_of_its_quarters(day: dt.date, begins: int) -> None:
    year, quarter = Period.fiscal_year_of(day, begins), Period.fiscal_quarter_of(day, begins)
    assert year.first <= quarter.first <= day <= quarter.last <= year.last
    assert (year.number, quarter.number, year.first.month, year.last.year) == (
        year.last.year, year.last.year, begins, year.number
    )  # fmt: skip
    assert [len(each.months) for each in (year, quarter)] == [12, 3]
    for period in (year, quarter):
        assert (period.previous.end, period.following.start) == (period.start, period.end)
        assert period.previous.following == period
