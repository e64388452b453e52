"""Submissions in the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from folkmoot.kernel.accounts.models import User
from tests.api.conftest import Program, program
from tests.factories import SubmissionFactory
from tests.reviews.conftest import Review

pytestmark = pytest.mark.django_db
ProgramOf = Callable[..., Program]
__all__ = ["program"]


def test_a_submission_is_told_with_its_people(alice: User, program: ProgramOf, review: Review) -> None:
    told = program(alice, "reviews:read").get(f"submissions/{review.submission.pk}").json()
    assert {key: told[key] for key in ("title", "stage", "outcome", "programme", "issue_number")} == {
        "title": "wavefold",
        "stage": "seeking-reviewers",
        "outcome": "",
        "programme": "software",
        "issue_number": 12,
    }
    assert [(one["name"], one["role"], one["state"]) for one in told["people"]] == [
        ("Ana Quintanar", "author", "accepted"),
        ("Erin Editor", "editor", "accepted"),
        ("Chris Chief", "eic", "accepted"),
        ("Lio Brandt", "reviewer", "invited"),
    ]


def test_the_list_is_narrowed(alice: User, program: ProgramOf, review: Review) -> None:
    reads = program(alice, "reviews:read")
    SubmissionFactory(
        programme=review.programme, title="Sandbar", outcome="accepted", stage=review.stages["accepted"]
    )
    SubmissionFactory(programme=review.programme, title="Shoal", kind="presubmission")

    def titles(query: str) -> list[str]:
        return sorted(one["title"] for one in reads.get(f"submissions?{query}").json()["results"])

    assert titles("") == ["Sandbar", "Shoal", "wavefold"]
    assert titles("q=WAVE") == ["wavefold"]
    assert titles("kind=presubmission") == ["Shoal"]
    assert titles("outcome=accepted") == ["Sandbar"]
    assert titles("stage=seeking-reviewers") == ["wavefold"]
    assert titles("open=true") == ["Shoal", "wavefold"]
    assert titles("open=false") == ["Sandbar"]
    assert titles("programme=none") == []


def test_reviews_need_their_own_scope_and_right(
    alice: User, bob: User, program: ProgramOf, review: Review
) -> None:
    assert program(alice, "people:read").get("submissions").status_code == 403
    bobs = program(bob, "reviews:read")
    assert bobs.get("submissions").status_code == 200
    bob.grants.all().delete()
    assert bobs.get("submissions").status_code == 403


def test_figures_of_reviews_need_the_right_to_see_reviews(
    alice: User, bob: User, program: ProgramOf, review: Review
) -> None:
    keys = {one["key"] for one in program(alice, "metrics:read").get("metrics").json()["results"]}
    assert {"active_people", "held_up"} <= keys
    told = program(alice, "metrics:read").get("metrics/held_up?period=2026Q2").json()
    assert (told["area"], told["value"]) == ("reviews", 0)
