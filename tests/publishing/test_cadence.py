"""Goals of channels: their windows, and which of them lack a post."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.publishing.models import PostState
from folkmoot.publishing.queries.cadence import gaps, spans, windows, windows_of
from tests.publishing.planning import add_goal, make_channel, make_post

NOW = "2026-11-20T12:00:00Z"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@time_machine.travel(NOW, tick=False)
@pytest.mark.django_db
def test_every_other_week_and_later_every_week() -> None:
    channel, other = make_channel(zone="Europe/Berlin"), make_channel("Bluesky")
    add_goal(channel, "2026-11-02", 1, 14)
    add_goal(channel, "2026-12-07", 1, 7)
    make_post("Out", "2026-11-10T09:00", channel, state=PostState.PUBLISHED)
    make_post("Planned", "2026-11-29T23:30", channel, zone="UTC")  # Monday in Berlin
    make_post("Elsewhere", "2026-12-08T09:00", other)
    found = windows(channel, day("2026-11-01"), day("2026-12-20"))
    assert [(str(each.first), str(each.last), each.posts, each.missing) for each in found] == [
        ("2026-11-02", "2026-11-15", 1, 0),
        ("2026-11-16", "2026-11-29", 0, 1),
        # 30 November to 6 December is cut by the next goal: it asks for nothing.
        ("2026-12-07", "2026-12-13", 0, 1),
        ("2026-12-14", "2026-12-20", 0, 1),
    ]
    assert [str(each.first) for each in gaps(channel, day("2026-11-01"), day("2026-12-13"))] == [
        "2026-11-16",
        "2026-12-07",
    ]


@time_machine.travel(NOW, tick=False)
@pytest.mark.django_db
def test_what_never_left_does_not_count_once_its_time_is_over() -> None:
    channel = make_channel()
    add_goal(channel, "2026-11-16", 2, 7)
    make_post("Forgotten draft", "2026-11-17T09:00", channel)
    make_post("In trouble", "2026-11-18T09:00", channel, state=PostState.TROUBLE)
    make_post("Out", "2026-11-19T09:00", channel, state=PostState.PUBLISHED)
    make_post("Called off", "2026-11-21T09:00", channel, state=PostState.CANCELLED)
    make_post("Draft to come", "2026-11-22T09:00", channel)
    assert [each.posts for each in windows(channel, day("2026-11-20"), day("2026-11-20"))] == [2]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_many_channels_ask_little(number: int, django_assert_num_queries: object) -> None:
    among = [make_channel(f"Channel {n}") for n in range(number)]
    for channel in among:
        add_goal(channel, "2026-11-16", 1, 7)
        make_post("Out", "2026-11-17T09:00", channel, state=PostState.PUBLISHED)
    with django_assert_num_queries(3):  # type: ignore[operator]
        found = windows_of(among, day("2026-11-16"), day("2026-11-22"))
    assert [each.posts for windows in found.values() for each in windows] == [1] * number


GOALS = st.lists(
    st.tuples(st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)), st.integers(0, 5), st.integers(1, 60)),
    max_size=5,
    unique_by=lambda goal: goal[0],
)


@given(goals=GOALS, first=st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)), days=st.integers(0, 90))
def test_windows_do_not_overlap_and_lie_in_their_goal(
    goals: list[tuple[dt.date, int, int]], first: dt.date, days: int
) -> None:
    last = first + dt.timedelta(days=days)
    found = spans(goals, first, last)
    for before, after in itertools.pairwise(found):
        assert before.last < after.first
    for span in found:
        assert span.first <= last
        assert span.last >= first
        since, posts, width = max(goal for goal in goals if goal[0] <= span.first)
        assert (span.last - span.first).days + 1 == width
        assert (span.first - since).days % width == 0
        assert span.wanted == posts > 0
        assert not any(span.first < goal[0] <= span.last for goal in goals)
