"""Whose turn a submission is."""

from __future__ import annotations

import datetime as dt

import pytest

from folkmoot.reviews.actions import assignments
from folkmoot.reviews.models import Assignment, HoldUpRule, Turn
from folkmoot.reviews.queries.turns import turn_of, turns_of
from tests.factories import AssignmentFactory, IdentityFactory, PersonFactory, SubmissionFactory
from tests.reviews.conftest import Review

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 20, 12, tzinfo=dt.UTC)
MAY_20 = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)


def stand(review: Review, slug: str, **more: object) -> None:
    row = review.submission
    row.stage = review.stages[slug]
    row.stage_since = MAY_20
    for name, value in more.items():
        setattr(row, name, value)
    row.save()


def whose(review: Review) -> tuple[str, list[str]]:
    found = turn_of(review.submission, NOW)
    return found.turn.value, [one.name for one in found.people]


def test_the_stage_says_and_who_is_missing_is_to_be_found(review: Review) -> None:
    assert whose(review) == ("editor", ["Erin Editor"])
    stand(review, "checks")
    assert whose(review) == ("eic", ["Chris Chief"])
    stand(review, "under-review")
    assert whose(review) == ("reviewer", ["Lio Brandt"])
    assert turn_of(review.submission, NOW).is_asked
    Assignment.objects.filter(role="editor").update(state="ended")
    stand(review, "seeking-reviewers")
    assert whose(review) == ("eic", ["Chris Chief"])
    AssignmentFactory(
        submission=review.submission, person=PersonFactory(name="Mira Sol"), state="invited", invited_at=NOW
    )
    assert whose(review) == ("editor", ["Mira Sol"])


def test_reviewers_who_are_done_hand_it_back(review: Review) -> None:
    stand(review, "under-review")
    row = Assignment.objects.get(role="reviewer")
    assignments.answer(assignment=row, accepted=True)
    assert whose(review) == ("reviewer", ["Lio Brandt"])
    assignments.finish(assignment=row, actor=None, at=NOW)
    assert whose(review) == ("editor", ["Erin Editor"])
    assert turn_of(review.submission, NOW).since == NOW


def test_an_editor_waits_once_enough_are_asked(review: Review) -> None:
    assert whose(review) == ("editor", ["Erin Editor"])
    second = PersonFactory(name="Noa Ferro")
    assignments.put_down_asked(
        submission=review.submission, person=second, role="reviewer", actor=None, at=NOW
    )
    assert sorted(whose(review)[1]) == ["Lio Brandt", "Noa Ferro"]


def test_who_spoke_last(review: Review) -> None:
    review.stages["checks"].answered_by = Turn.AUTHOR
    review.stages["checks"].save()
    eic = IdentityFactory(person=Assignment.objects.get(role="eic").person)
    author, stranger = IdentityFactory(person=review.author), IdentityFactory()
    before, first, second = (MAY_20 + dt.timedelta(days=days) for days in (-1, 2, 4))
    for word, at, expected, since in (
        (eic, before, "eic", MAY_20),
        (eic, first, "author", first),
        (stranger, first, "eic", MAY_20),
        (author, second, "eic", second),
    ):
        stand(review, "checks", last_word_by=word, last_word_at=at)
        found = turn_of(review.submission, NOW)
        assert (found.turn.value, found.since) == (expected, since)
    stand(review, "seeking-editor", last_word_by=eic, last_word_at=first)
    assert whose(review)[0] == "eic"


def test_on_hold_is_nobodys_until_somebody_looks_again(review: Review) -> None:
    stand(review, "checks", on_hold_since=MAY_20)
    assert whose(review) == ("", [])
    HoldUpRule.objects.create(programme=review.programme, kind="on_hold", days=365)
    HoldUpRule.objects.create(programme=review.programme, kind="on_hold", days=30)
    assert whose(review) == ("eic", ["Chris Chief"])
    stand(review, "checks", on_hold_since=NOW - dt.timedelta(days=29))
    assert whose(review) == ("", [])
    stand(review, "checks", outcome="closed", closed_at=NOW)
    assert whose(review) == ("", [])


def test_many_take_as_many_queries_as_one(review: Review, django_assert_num_queries: object) -> None:
    rows = [review.submission]
    for number in (1, 40):
        rows += [SubmissionFactory(programme=review.programme) for _each in range(number - len(rows) + 1)]
        with django_assert_num_queries(4):  # type: ignore[operator]
            assert len(turns_of(rows, NOW)) == len(rows)
