"""What is held up, and who is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from folkmoot.reviews.models import Assignment, HoldUpRule
from folkmoot.reviews.queries.held_up import held_up, held_up_numbers
from tests.factories import SubmissionFactory
from tests.reviews.conftest import Review

pytestmark = pytest.mark.django_db

MAY_20 = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)


def days(number: float) -> dt.datetime:
    return MAY_20 + dt.timedelta(days=number)


def rule(review: Review, kind: str, number: int | None = None, **more: Any) -> HoldUpRule:
    return HoldUpRule.objects.create(programme=review.programme, kind=kind, days=number, **more)


def told(now: dt.datetime) -> list[tuple[str, list[str], int]]:
    return [(one.words, [who.name for who in one.told], one.over_by) for one in held_up(now)]


def test_a_stage_over_its_limit(review: Review) -> None:
    assert told(days(90)) == []
    rule(review, "stage")
    assert told(days(21)) == []
    assert told(days(92)) == [("“Seeking reviewers” for 92 days, limit 21", ["Erin Editor"], 71)]
    Assignment.objects.filter(role="editor").update(state="declined")
    assert told(days(92)) == [("“Seeking reviewers” for 92 days, limit 21", ["Chris Chief"], 71)]
    Assignment.objects.filter(role="eic").delete()
    assert told(days(92)) == [("“Seeking reviewers” for 92 days, limit 21", [], 71)]


def test_quiet_no_editor_and_the_author(review: Review) -> None:
    rule(review, "quiet", 30)
    rule(review, "no_editor", 14)
    rule(review, "author_silent", 60, tells="editor")
    row = review.submission
    row.last_word_at = days(10)
    row.save()
    assert told(days(40)) == []
    assert told(days(41)) == [("nobody has said anything for 31 days, told after 30", ["Erin Editor"], 1)]
    Assignment.objects.filter(role="editor").delete()
    opened = (days(41) - row.opened_at).days
    assert told(days(41))[0] == (
        f"no editor for {opened} days, told after 14; nobody has said anything for 31 days, told after 30",
        ["Chris Chief"],
        opened - 14,
    )
    stage = review.stages["seeking-reviewers"]
    stage.turn = "author"
    stage.save()
    assert "waiting for the author for 61 days, told after 60" in told(days(61))[0][0]


def test_reviewers_who_are_silent_or_late(review: Review) -> None:
    rule(review, "reviewer_silent", 7, tells="editor")
    rule(review, "review_due", 7)
    Assignment.objects.filter(role="reviewer").update(invited_at=MAY_20)
    assert told(days(7)) == []
    assert told(days(8)) == [("Lio Brandt has not answered for 8 days, told after 7", ["Erin Editor"], 1)]
    Assignment.objects.filter(role="reviewer").update(state="accepted", due_on=days(21).date())
    assert told(days(13)) == []
    assert told(days(14)) == [("Lio Brandt's review is due in 7 days", ["Erin Editor"], -7)]
    assert told(days(21)) == [("Lio Brandt's review is due today", ["Erin Editor"], 0)]
    assert told(days(24)) == [("Lio Brandt's review is 3 days late", ["Erin Editor"], 3)]
    Assignment.objects.filter(role="reviewer").update(state="done")
    assert told(days(24)) == []


def test_on_hold_counts_for_itself_only(review: Review) -> None:
    for kind, number in (("stage", None), ("quiet", 5), ("on_hold", 90), ("on_hold", 365)):
        rule(review, kind, number)
    row = review.submission
    row.on_hold_since = MAY_20
    row.save()
    assert told(days(80)) == []
    assert told(days(100)) == [("on hold for 100 days, told after 90", ["Chris Chief"], 10)]
    assert told(days(366)) == [("on hold for 366 days, told after 365", ["Chris Chief"], 1)]
    row.outcome, row.closed_at = "closed", days(100)
    row.save()
    assert told(days(366)) == []


def test_thousands_take_a_fixed_number_of_queries(review: Review, django_assert_num_queries: Any) -> None:
    rule(review, "stage")
    with django_assert_num_queries(5):
        assert held_up_numbers(days(30)) == [review.submission.pk]
    for _each in range(3):
        SubmissionFactory(programme=review.programme, stage=review.stages["checks"], stage_since=days(1))
    with django_assert_num_queries(5):
        assert len(held_up(days(30))) == 4
