"""The programme to begin with: made once, and never made again over what a person did."""

from __future__ import annotations

import pytest

from folkmoot.reviews import labels, seeds
from folkmoot.reviews.models import ChecklistItem, HoldUpRule, LabelMeaning, Programme, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme() -> Programme:
    seeds.load()
    return Programme.objects.get(slug="software-peer-review")


def test_everything_is_made_once(programme: Programme) -> None:
    assert seeds.load() == 0
    assert [stage.slug for stage in programme.stages.all()] == [
        "presubmission", "pre-review-checks", "seeking-editor", "editor-assigned", "seeking-reviewers",
        "reviewers-assigned", "awaiting-changes", "awaiting-reviewers", "accepted", "journal-review",
        "journal-review-complete", "journal-approved",
    ]  # fmt: skip
    assert {rule.kind for rule in programme.rules.all()} == set(HoldUpRule.Kind.values)


def test_what_was_edited_or_removed_stays_so(programme: Programme) -> None:
    stage = programme.stages.get(slug="seeking-editor")
    stage.limit_days, stage.slug = 40, "finding-an-editor"
    stage.save()
    programme.stages.get(slug="journal-approved").delete()
    programme.rules.get(kind="quiet").delete()
    rule = programme.rules.get(kind="on_hold")
    rule.days = 100
    rule.save()
    programme.labels.get(folded="holding").delete()
    item = ChecklistItem.objects.filter(stage=stage).first()
    assert item is not None
    item.text = "Somebody was asked"
    item.save()
    before = [model.objects.count() for model in (Stage, LabelMeaning, HoldUpRule, ChecklistItem)]
    assert seeds.load() == 0
    assert [model.objects.count() for model in (Stage, LabelMeaning, HoldUpRule, ChecklistItem)] == before
    assert programme.stages.get(slug="finding-an-editor").limit_days == 40


def test_a_programme_that_was_removed_stays_removed(programme: Programme) -> None:
    programme.delete()
    assert seeds.load() == 0
    assert not Programme.objects.exists()


@pytest.mark.parametrize(
    ("given", "stage", "outcome", "hold"),
    [
        (["0/pre-review-checks", "New Submission!"], "pre-review-checks", "", None),
        (["1/editor-assigned", "3/reviewer(s)-assigned"], "reviewers-assigned", "", None),
        (["6/pyOS-approved 🚀🚀🚀", "1/editor-checks"], "accepted", "accepted", None),
        (["6/pyOS-approved6 🚀🚀🚀"], "accepted", "accepted", None),
        (["7/JOSS-approved"], "journal-approved", "accepted", None),
        (["⌛ pending-maintainer-response", "4/review-in-awaiting-changes"], "awaiting-changes", "",
         "Waiting for the maintainer"),
        (["HOLDING", "0/Seeking-Editor"], "seeking-editor", "", "On hold"),
        (["currently-out-of-scope"], None, "out_of_scope", None),
        (["presubmission", "Submission Requested"], "presubmission", "answered", None),
        ([], None, "", None),
    ],
)  # fmt: skip
def test_labels_together(
    programme: Programme, given: list[str], stage: str | None, outcome: str, hold: str | None
) -> None:
    found = labels.read(programme, given)
    assert (found.stage and found.stage.slug, found.outcome, found.hold_reason) == (stage, outcome, hold)
    assert found.unknown == []


def test_a_label_without_a_meaning_is_told(programme: Programme) -> None:
    found = labels.read(programme, ["astropy", "something-else", "joss-submission-pending", "Pangeo"])
    assert (found.unknown, found.partners, found.joss) == (
        ["something-else"],
        ("astropy", "pangeo"),
        "pending",
    )
