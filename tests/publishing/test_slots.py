"""Slots: at the right wall time whatever the clocks do, free when no post stands in them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.publishing.models import ChannelPlan, PostState, Variant
from folkmoot.publishing.queries.slots import (
    NEAR,
    comes_round,
    free_slots,
    next_free_slot,
    next_free_slots,
    taken,
)
from tests.publishing.planning import add_slots, make_channel, make_post

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # its clocks were put forward at midnight
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # a day was left out
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Etc/GMT+12",
)
DAYS = st.dates(dt.date(2008, 1, 1), dt.date(2037, 1, 1))
WEEKLY = st.lists(
    st.tuples(st.integers(1, 7), st.times().map(lambda time: time.replace(second=0, microsecond=0))),
    max_size=12,
    unique=True,
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def at(*texts: str) -> list[dt.datetime]:
    return [utc(text) for text in texts]


# ------------------------------------------------------------ when they come


def test_weekly_slots_follow_the_wall_clock_over_both_changes() -> None:
    spring = comes_round(
        [(7, dt.time(9)), (7, dt.time(2, 30))], "Europe/Berlin", dt.date(2027, 3, 21), dt.date(2027, 4, 4)
    )
    assert [(slot.wall_time, slot.instant) for slot in spring] == [
        ("2027-03-21T02:30", utc("2027-03-21T01:30")),
        ("2027-03-21T09:00", utc("2027-03-21T08:00")),
        ("2027-03-28T03:30", utc("2027-03-28T01:30")),  # 02:30 is left out
        ("2027-03-28T09:00", utc("2027-03-28T07:00")),
        ("2027-04-04T02:30", utc("2027-04-04T00:30")),
        ("2027-04-04T09:00", utc("2027-04-04T07:00")),
    ]
    autumn = comes_round([(7, dt.time(2, 30))], "Europe/Berlin", dt.date(2026, 10, 25), dt.date(2026, 11, 1))
    assert [slot.instant for slot in autumn] == at("2026-10-25T00:30", "2026-11-01T01:30")  # the first of two


def test_a_leap_day_is_a_day_like_others() -> None:
    found = comes_round([(2, dt.time(9))], "America/New_York", dt.date(2028, 2, 28), dt.date(2028, 3, 7))
    assert [slot.wall_time for slot in found] == ["2028-02-29T09:00", "2028-03-07T09:00"]


def test_two_slots_that_mean_the_same_moment_are_one_place() -> None:
    found = comes_round(
        [(7, dt.time(2, 30)), (7, dt.time(3, 30))],
        "Europe/Berlin",
        dt.date(2027, 3, 28),
        dt.date(2027, 3, 28),
    )
    assert [slot.wall_time for slot in found] == ["2027-03-28T03:30"]


@settings(max_examples=300, deadline=None)
@given(weekly=WEEKLY, zone=st.sampled_from(ZONES), first=DAYS, days=st.integers(0, 40))
def test_every_slot_is_a_real_time_in_order_and_once(
    weekly: list[tuple[int, dt.time]], zone: str, first: dt.date, days: int
) -> None:
    last = first + dt.timedelta(days=days)
    found = comes_round(weekly, zone, first, last)
    place = ZoneInfo(zone)
    moments = [slot.instant for slot in found]
    assert moments == sorted(set(moments))
    for slot in found:
        local = slot.instant.astimezone(place)
        assert slot.wall_time == local.strftime("%Y-%m-%dT%H:%M")
        assert slot.zone == zone
        assert local.fold == 0
        # A slot of its day and time; or of one that the clock left out, as much later as the clock jumped.
        if (local.isoweekday(), local.time()) not in weekly:
            before = (slot.instant - dt.timedelta(days=2)).astimezone(place).utcoffset()
            jump = (local.utcoffset() or dt.timedelta()) - (before or dt.timedelta())
            meant = local.replace(tzinfo=None) - jump
            assert (meant.isoweekday(), meant.time()) in weekly
    # None is lost: each day has as many as are declared for it, but for those that fell together.
    wanted = sum(
        1
        for number in range(days + 1)
        for weekday, _time in weekly
        if (first + dt.timedelta(days=number)).isoweekday() == weekday
    )
    assert len(found) <= wanted
    shifts = {
        (dt.datetime.combine(first + dt.timedelta(days=number), dt.time(12), place)).utcoffset()
        for number in range(-1, days + 2)
    }
    if len(shifts) == 1:
        assert len(found) == wanted


# ------------------------------------------------------------------- taken


def test_a_post_takes_the_nearest_slot_only() -> None:
    moments = at("2026-11-20T09:00", "2026-11-20T09:15", "2026-11-20T12:00")
    assert taken(moments, at("2026-11-20T09:10")) == {moments[1]}
    assert taken(moments, at("2026-11-20T12:30")) == {moments[2]}
    assert taken(moments, at("2026-11-20T12:31")) == set()
    assert taken(moments, at("2026-11-20T09:05"), apart=dt.timedelta(minutes=10)) == set(moments[:1])
    assert taken(moments, at("2026-11-20T09:05"), apart=dt.timedelta(minutes=11)) == set(moments[:2])


@settings(max_examples=200, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 3000), unique=True, max_size=12),
    posts=st.lists(st.integers(0, 3000), max_size=12),
    apart=st.integers(0, 200),
)
def test_what_is_free_is_far_from_every_post(minutes: list[int], posts: list[int], apart: int) -> None:
    start = utc("2026-11-20T00:00")
    moments = [start + dt.timedelta(minutes=each) for each in sorted(minutes)]
    stand = [start + dt.timedelta(minutes=each) for each in posts]
    gone = taken(moments, stand, apart=dt.timedelta(minutes=apart))
    assert gone <= set(moments)
    for moment in set(moments) - gone:
        for post in stand:
            assert abs(moment - post) >= dt.timedelta(minutes=apart)
            nearest = min(abs(each - post) for each in moments)
            assert nearest > NEAR or abs(moment - post) >= nearest
    if not apart:
        assert len(gone) <= len(stand)


# ------------------------------------------------------------------- free


@pytest.mark.django_db
def test_the_next_free_slot_passes_over_what_is_taken() -> None:
    channel, other = make_channel(zone="Europe/Berlin"), make_channel("Bluesky")
    add_slots(channel, (1, "09:00"), (4, "15:30"))
    add_slots(other, (1, "08:00"))
    after = utc("2026-11-30T07:59")
    assert next_free_slot(channel, after) == ("2026-11-30T09:00", "Europe/Berlin", utc("2026-11-30T08:00"))
    post = make_post("One", "2026-11-30T09:00", channel, zone="Europe/Berlin")
    make_post("Gone", "2026-12-03T15:30", channel, zone="Europe/Berlin", state=PostState.CANCELLED)
    make_post("Elsewhere", "2026-12-03T15:30", other, zone="Europe/Berlin")
    assert next_free_slot(channel, after) == ("2026-12-03T15:30", "Europe/Berlin", utc("2026-12-03T14:30"))
    assert next_free_slot(channel, after, but=post) == (
        "2026-11-30T09:00",
        "Europe/Berlin",
        utc("2026-11-30T08:00"),
    )
    assert next_free_slot(channel, utc("2026-12-03T14:30")) == (
        "2026-12-07T09:00",
        "Europe/Berlin",
        utc("2026-12-07T08:00"),
    )
    assert [slot.wall_time for slot in free_slots(channel, dt.date(2026, 11, 30), dt.date(2026, 12, 7))] == [
        "2026-12-03T15:30",
        "2026-12-07T09:00",
    ]


@pytest.mark.django_db
def test_a_variant_stands_at_its_own_time() -> None:
    channel = make_channel()
    add_slots(channel, (1, "09:00"), (2, "09:00"))
    post = make_post("One", "2026-11-30T09:00", channel)
    Variant.objects.filter(post=post, channel=channel).update(
        wall_time="2026-12-01T09:00", zone="UTC", due_at=utc("2026-12-01T09:00")
    )
    assert [slot.wall_time for slot in free_slots(channel, dt.date(2026, 11, 30), dt.date(2026, 12, 1))] == [
        "2026-11-30T09:00"
    ]


@pytest.mark.django_db
def test_another_zone_moves_the_slots_and_not_the_posts() -> None:
    channel = make_channel(zone="Europe/Berlin")
    add_slots(channel, (1, "09:00"))
    make_post("One", "2026-11-30T09:00", channel, zone="Europe/Berlin")
    ChannelPlan.objects.filter(channel=channel).update(zone="America/New_York")
    assert next_free_slot(channel, utc("2026-11-29T12:00")) == (
        "2026-11-30T09:00",
        "America/New_York",
        utc("2026-11-30T14:00"),
    )


@pytest.mark.django_db
def test_without_slots_or_with_all_taken_there_is_none() -> None:
    channel, full = make_channel(), make_channel("Bluesky", apart_minutes=60 * 24 * 7)
    add_slots(full, (1, "09:00"))
    start = dt.datetime(2026, 11, 23, 12)
    for number in range(56):
        make_post(f"No {number}", (start + dt.timedelta(weeks=number)).isoformat(timespec="minutes"), full)
    assert next_free_slots([channel, full], utc("2026-11-29T12:00")) == {channel.pk: None, full.pk: None}


@pytest.mark.django_db
@pytest.mark.parametrize("channels", [1, 3])
def test_free_slots_of_many_channels_ask_little(channels: int, django_assert_num_queries: object) -> None:
    among = [make_channel(f"Channel {number}") for number in range(channels)]
    for channel in among:
        add_slots(channel, (1, "09:00"))
        make_post("One", "2026-11-30T09:00", channel)
    with django_assert_num_queries(3):  # type: ignore[operator]
        found = next_free_slots(among, utc("2026-11-29T12:00"))
    assert {slot.wall_time for slot in found.values() if slot} == {"2026-12-07T09:00"}
