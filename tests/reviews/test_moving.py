"""Opening, moving, holding, deciding, and taking each back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity
from folkmoot.reviews import actions
from folkmoot.reviews.models import Kind, Outcome, Sighting, StageChange, Submission
from tests.factories import PersonFactory, ProjectFactory, StageFactory, SubmissionFactory
from tests.reviews.conftest import Review


def _opened(review: Review, actor: User, **fields: object) -> Submission:
    return actions.open_submission(
        programme=review.programme,
        title="tidelog",
        actor=actor,
        opened_at=clock.now() - dt.timedelta(days=10),
        **fields,  # type: ignore[arg-type]
    )


def _stages(submission: Submission) -> list[str]:
    changes = StageChange.objects.filter(submission=submission).order_by("position")
    return [change.stage.slug for change in changes if change.stage]


def _told(submission: Submission) -> list[str]:
    return list(
        Activity.objects.filter(detail__submission=submission.pk)
        .order_by("pk")
        .values_list("kind", flat=True)
    )


def test_a_submission_begins_in_the_first_stage_of_its_kind(review: Review, chris: User) -> None:
    author = PersonFactory(name="Ana Quintanar")
    project = ProjectFactory(repository="https://github.com/harbour/tidelog")
    row = _opened(review, chris, authors=[author], repository="https://github.com/harbour/tidelog/")
    enquiry = _opened(review, chris, kind=Kind.PRESUBMISSION)
    assert (row.stage, row.stage_since, row.project) == (review.stages["checks"], row.opened_at, project)
    assert enquiry.stage == review.stages["enquiry"]
    assert [(one.person, one.role, one.state) for one in row.assignments.all()] == [
        (author, "author", "accepted")
    ]
    assert _told(row) == ["reviews.opened"]


def test_a_form_sent_twice_is_one_submission(review: Review, chris: User) -> None:
    assert _opened(review, chris) == _opened(review, chris)
    assert Submission.objects.filter(title="tidelog").count() == 1


def test_an_issue_gives_the_key_by_which_imports_find_it(review: Review, chris: User) -> None:
    row = _opened(review, chris, issue_url="https://github.com/Commons/Reviews/issues/77")
    assert (row.key, row.issue_number) == ("github.com/commons/reviews#77", 77)
    with pytest.raises(ValidationError) as refused:
        actions.open_submission(
            programme=review.programme,
            title="another",
            actor=chris,
            issue_url="https://github.com/commons/reviews/issues/77",
        )
    assert refused.value.message_dict == {"issue_url": ["There is a submission of this issue already."]}


def test_a_move_is_exact_and_moving_to_the_same_stage_is_nothing(review: Review, erin: User) -> None:
    row = _opened(review, erin)
    at = clock.now() - dt.timedelta(days=2)
    change = actions.move_to(submission=row, stage=review.stages["seeking-editor"], actor=erin, at=at)
    assert change is not None
    assert (change.at, change.not_before, change.is_exact) == (at, at, True)
    row.refresh_from_db()
    assert (row.stage, row.stage_since) == (review.stages["seeking-editor"], at)
    assert actions.move_to(submission=row, stage=review.stages["seeking-editor"], actor=erin) is None
    assert _stages(row) == ["checks", "seeking-editor"]
    assert _told(row) == ["reviews.opened", "reviews.stage"]


def test_the_undo_of_a_move_takes_its_sighting_back(review: Review, erin: User) -> None:
    row = _opened(review, erin)
    change = actions.move_to(submission=row, stage=review.stages["under-review"], actor=erin)
    assert change is not None
    actions.undo_move(change=change, actor=erin)
    row.refresh_from_db()
    assert (row.stage, _stages(row)) == (review.stages["checks"], ["checks"])
    assert Sighting.objects.filter(submission=row).count() == 1
    with pytest.raises(ValidationError):
        actions.undo_move(change=change, actor=erin)


@pytest.mark.parametrize(("at", "field"), [(dt.timedelta(days=1), "at"), (-dt.timedelta(days=4000), "at")])
def test_a_move_lies_between_the_submission_and_now(
    review: Review, erin: User, at: dt.timedelta, field: str
) -> None:
    row = _opened(review, erin)
    with pytest.raises(ValidationError) as refused:
        actions.move_to(submission=row, stage=review.stages["under-review"], actor=erin, at=clock.now() + at)
    assert list(refused.value.message_dict) == [field]


def test_stages_of_others_are_refused(review: Review, erin: User) -> None:
    row = _opened(review, erin)
    for stage in (StageFactory(), review.stages["enquiry"]):
        with pytest.raises(ValidationError):
            actions.move_to(submission=row, stage=stage, actor=erin)
    assert _stages(row) == ["checks"]


def test_an_accepted_stage_accepts_and_another_takes_that_back(review: Review, erin: User) -> None:
    row = _opened(review, erin)
    actions.move_to(submission=row, stage=review.stages["accepted"], actor=erin)
    row.refresh_from_db()
    assert (row.outcome, row.accepted_on) == (Outcome.ACCEPTED, clock.today())
    actions.move_to(submission=row, stage=review.stages["under-review"], actor=erin)
    row.refresh_from_db()
    assert (row.outcome, row.accepted_on) == (Outcome.OPEN, None)


def test_on_hold_the_stage_stays(review: Review, erin: User) -> None:
    row = _opened(review, erin)
    made = actions.hold(submission=row, reason="Away until  September", actor=erin)
    assert made is not None
    row.refresh_from_db()
    assert (row.stage, row.on_hold_since, row.hold_reason) == (
        review.stages["checks"],
        made.at,
        "Away until September",
    )
    assert actions.hold(submission=row, reason="Still away", actor=erin) is None
    actions.resume(submission=row, actor=erin)
    row.refresh_from_db()
    assert (row.on_hold_since, row.hold_reason) == (None, "")
    assert actions.resume(submission=row, actor=erin) is None


@pytest.mark.parametrize("outcome", [Outcome.OUT_OF_SCOPE, Outcome.CLOSED, Outcome.ACCEPTED])
def test_a_decision_and_its_reopening(review: Review, chris: User, outcome: Outcome) -> None:
    row = _opened(review, chris)
    actions.move_to(submission=row, stage=review.stages["under-review"], actor=chris)
    actions.close(submission=row, outcome=outcome, actor=chris, reason="decided")
    row.refresh_from_db()
    assert row.outcome == outcome
    assert (row.closed_at is None, row.accepted_on is None) == (
        outcome == Outcome.ACCEPTED,
        outcome != Outcome.ACCEPTED,
    )
    assert actions.close(submission=row, outcome=outcome, actor=chris) is None
    actions.reopen(submission=row, actor=chris)
    row.refresh_from_db()
    assert (row.is_open, row.stage, row.accepted_on) == (True, review.stages["under-review"], None)
    assert actions.reopen(submission=row, actor=chris) is None


def test_an_undo_of_a_decision_leaves_everything_as_it_was(review: Review, chris: User) -> None:
    row = _opened(review, chris)
    actions.hold(submission=row, reason="Away", actor=chris)
    row.refresh_from_db()
    before = actions.beside(row)
    made = actions.close(submission=row, outcome=Outcome.CLOSED, actor=chris)
    assert made is not None
    actions.take_back(submission=row, sightings=[made.pk], before=before, actor=chris)
    row.refresh_from_db()
    assert (row.is_open, row.hold_reason, row.on_hold_since is None) == (True, "Away", False)
    with pytest.raises(ValidationError):
        actions.take_back(submission=row, sightings=[made.pk], before=before, actor=chris)


def test_what_was_moved_since_is_not_undone(review: Review, chris: User) -> None:
    row = _opened(review, chris)
    before = actions.beside(row)
    change = actions.move_to(submission=row, stage=review.stages["seeking-editor"], actor=chris)
    assert change is not None
    sighting = actions.sighting_of(change)
    assert sighting is not None
    actions.move_to(submission=row, stage=review.stages["under-review"], actor=chris)
    with pytest.raises(ValidationError, match="changed since"):
        actions.take_back(submission=row, sightings=[sighting.pk], before=before, actor=chris)
    assert _stages(row) == ["checks", "seeking-editor", "under-review"]


def test_an_enquiry_is_answered_and_never_accepted(review: Review, chris: User) -> None:
    row = _opened(review, chris, kind=Kind.PRESUBMISSION)
    with pytest.raises(ValidationError):
        actions.close(submission=row, outcome=Outcome.ACCEPTED, actor=chris)
    actions.close(submission=row, outcome=Outcome.ANSWERED, actor=chris)
    row.refresh_from_db()
    assert row.outcome == Outcome.ANSWERED
    with pytest.raises(ValidationError):
        actions.edit_submission(submission=row, kind=Kind.FULL, actor=chris)


def test_a_submission_follows_an_enquiry_of_its_programme_only(review: Review, chris: User) -> None:
    enquiry = _opened(review, chris, kind=Kind.PRESUBMISSION)
    row = _opened(review, chris, follows=enquiry)
    assert list(enquiry.followed_by.all()) == [row]
    for wrong in (review.submission, SubmissionFactory(kind=Kind.PRESUBMISSION)):
        with pytest.raises(ValidationError):
            actions.edit_submission(submission=row, follows=wrong, actor=chris)


def test_notes_ticks_and_their_limits(review: Review, erin: User, alice: User) -> None:
    note = actions.add_note(submission=review.submission, body="Ask @alice about waves", actor=erin)
    assert actions.add_note(submission=review.submission, body="Ask @alice about waves", actor=erin) == note
    assert list(alice.notices.values_list("kind", flat=True)) == ["reviews.mention"]
    with pytest.raises(ValidationError):
        actions.add_note(submission=review.submission, body=" \n ", actor=erin)
    tick = actions.tick(submission=review.submission, item=review.item, actor=erin)
    assert actions.tick(submission=review.submission, item=review.item, actor=alice) == tick
    assert actions.untick(submission=review.submission, item=review.item, actor=alice) is True
    assert actions.untick(submission=review.submission, item=review.item, actor=alice) is False
