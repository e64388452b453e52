"""A post on another day: the same time of day in its zone, whatever the clocks do."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from folkmoot.outbox.public import instant
from folkmoot.publishing.moving import by_days, on_day
from tests.publishing.test_slots import DAYS, ZONES


@pytest.mark.parametrize(
    ("wall", "zone", "reader", "to", "found"),
    [
        ("2026-11-20T09:00", "Europe/Berlin", "Europe/Berlin", "2027-03-29", "2027-03-29T09:00"),
        # Clocks were put forward in the night before: still nine in Berlin.
        ("2027-03-27T09:00", "Europe/Berlin", "UTC", "2027-03-28", "2027-03-28T09:00"),
        ("2026-10-24T09:00", "Europe/Berlin", "UTC", "2026-10-25", "2026-10-25T09:00"),
        # For a reader in Tokyo it stands on the next day in winter and on the same in summer.
        ("2026-11-20T16:30", "Europe/Berlin", "Asia/Tokyo", "2026-12-24", "2026-12-23T16:30"),
        ("2026-11-20T16:30", "Europe/Berlin", "Asia/Tokyo", "2027-06-24", "2027-06-24T16:30"),
        ("2028-02-28T09:00", "America/New_York", "America/New_York", "2028-02-29", "2028-02-29T09:00"),
    ],
)
def test_on_the_day_that_the_reader_means(wall: str, zone: str, reader: str, to: str, found: str) -> None:
    moved = on_day(wall, zone, dt.date.fromisoformat(to), ZoneInfo(reader))
    assert moved.isoformat(timespec="minutes") == found
    assert instant(moved, zone).astimezone(ZoneInfo(reader)).date() == dt.date.fromisoformat(to)


def test_by_days_over_a_leap_day_and_a_change_of_clocks() -> None:
    assert by_days("2028-02-28T09:00", 1) == dt.datetime(2028, 2, 29, 9)
    assert by_days("2028-03-01T09:00", -1) == dt.datetime(2028, 2, 29, 9)
    spring = by_days("2027-03-27T09:00", 1)
    assert instant(spring, "Europe/Berlin") == dt.datetime(2027, 3, 28, 7, tzinfo=dt.UTC)
    # A time that the clocks leave out means as much later.
    assert instant(by_days("2027-03-27T02:30", 1), "Europe/Berlin") == dt.datetime(
        2027, 3, 28, 1, 30, tzinfo=dt.UTC
    )


@settings(max_examples=200, deadline=None)
@given(day=DAYS, time=st.times(), zone=st.sampled_from(ZONES), reader=st.sampled_from(ZONES), to=DAYS)
def test_it_keeps_its_time_of_day_and_lands_on_the_day(
    day: dt.date, time: dt.time, zone: str, reader: str, to: dt.date
) -> None:
    # A day that a zone left out (Samoa, 2011) is no day of it.
    assume(to != dt.date(2011, 12, 30) and abs((to - dt.date(2011, 12, 30)).days) > 2)
    wall = dt.datetime.combine(day, time.replace(second=0, microsecond=0)).isoformat(timespec="minutes")
    moved = on_day(wall, zone, to, ZoneInfo(reader))
    assert moved.time() == dt.datetime.fromisoformat(wall).time()
    seen = instant(moved, zone).astimezone(ZoneInfo(reader)).date()
    # In the hour of a change there may be no such time on the day: then it is the next nearest.
    if seen != to:
        around = [
            instant(moved + dt.timedelta(days=n), zone).astimezone(ZoneInfo(reader)).date()
            for n in (-1, 0, 1)
        ]
        assert to not in around
