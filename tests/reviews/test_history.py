"""Histories reckoned from what was seen: the same whatever came first, however often."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.reviews.history import BY_HAND, UNDATED, Seen, Standing, reckon_from

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def day(number: float) -> dt.datetime:
    return START + dt.timedelta(days=number)


def seen(number: float, stage: int | None, **more: Any) -> Seen:
    said = {"source": "files", "external_id": f"{number}", "position": stage or 0} | more
    return Seen(day(number), stage, **said)


def steps(standing: Standing) -> list[tuple[int | None, dt.datetime | None, dt.datetime]]:
    return [(step.stage_id, step.not_before, step.at) for step in standing.steps]


def test_a_change_is_an_interval_between_two_files() -> None:
    found = reckon_from([seen(0, 1), seen(10, 1), seen(30, 2), seen(40, 2)])
    assert steps(found) == [(1, None, day(0)), (2, day(10), day(30))]
    assert (found.stage_id, found.stage_since, found.on_hold_since) == (2, day(30), None)


def test_a_file_between_narrows_the_interval() -> None:
    found = reckon_from([seen(0, 1), seen(30, 2), seen(20, 2), seen(12, 1)])
    assert steps(found) == [(1, None, day(0)), (2, day(12), day(20))]


def test_the_trackers_events_are_exact_and_rule_for_their_time() -> None:
    events = [seen(n, stage, is_exact=True, source="github") for n, stage in ((1, 1), (8, 2), (20, 3))]
    late = seen(9, 1)  # a copy that was made before it was written down
    assert steps(reckon_from([*events, late])) == [
        (1, day(1), day(1)), (2, day(8), day(8)), (3, day(20), day(20)),
    ]  # fmt: skip


def test_a_move_by_hand_stands_while_files_repeat_what_they_said() -> None:
    moved = seen(5, 3, is_exact=True, source=BY_HAND)
    found = reckon_from([seen(0, 1), moved, seen(10, 1), seen(20, 1)])
    assert steps(found) == [(1, None, day(0)), (3, day(5), day(5))]
    found = reckon_from([seen(0, 1), moved, seen(10, 1), seen(20, 2)])
    assert steps(found)[-1] == (2, day(10), day(20))


def test_moving_back_by_hand_to_where_it_was_moved_once() -> None:
    hand = [seen(n, stage, is_exact=True, source=BY_HAND) for n, stage in ((1, 1), (5, 1))]
    assert [stage for stage, _lower, _at in steps(reckon_from([*hand, seen(3, 2)]))] == [1, 2, 1]


def test_a_label_off_before_the_next_is_on_is_no_step() -> None:
    minute = 1 / 24 / 60
    events = [
        seen(n, stage, is_exact=True, source="github")
        for n, stage in ((1, 1), (8, None), (8 + minute, 2), (9, 3), (9 + minute, 2), (9 + 2 * minute, 4))
    ]
    assert [stage for stage, _lower, _at in steps(reckon_from(events))] == [1, 2, 3, 4]


def test_holds_are_apart_from_stages() -> None:
    found = reckon_from([seen(0, 1), seen(5, 1, is_on_hold=True), seen(9, 2, is_on_hold=True), seen(12, 2)])
    assert found.holds == ((day(5), day(12)),)
    assert [stage for stage, _lower, _at in steps(found)] == [1, 2]


def test_a_dated_file_takes_the_place_of_one_without_a_date() -> None:
    undated = seen(4, 2, external_id=f"{UNDATED}x")
    assert steps(reckon_from([undated])) == [(2, None, day(4))]
    assert steps(reckon_from([undated, seen(1, 1)])) == [(1, None, day(1))]


SIGHTINGS = st.lists(
    st.builds(
        lambda n, stage, exact, hold, outcome, source, name: Seen(
            day(n), stage, exact or source == BY_HAND, hold, outcome, stage or 0, None, source, name
        ),
        st.integers(0, 20),
        st.sampled_from([None, 1, 2, 3]),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["", "accepted", "closed"]),
        st.sampled_from(["files", "github", BY_HAND]),
        st.sampled_from(["a", "b", "c", f"{UNDATED}d"]),
    ),
    max_size=14,
    unique_by=lambda one: (one.source, one.external_id, one.at),
)


@settings(max_examples=300, deadline=None)
@given(SIGHTINGS, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(sightings: list[Seen], chance: Any) -> None:
    expected = reckon_from(sightings)
    shuffled = sightings + sightings[: len(sightings) // 2]
    chance.shuffle(shuffled)
    assert reckon_from(shuffled) == expected
    before = None
    for step in expected.steps:
        assert step.not_before is None or step.not_before <= step.at
        assert before is None or before.at <= step.at
        assert before is None or before.stage_id != step.stage_id
        before = step
