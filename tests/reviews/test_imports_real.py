"""The real reviews' known answers. No name of a person stands here: numbers and days do."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from folkmoot.ledger.models import Activity
from folkmoot.reviews import history, seeds
from folkmoot.reviews.models import Assignment, Flag, Programme, Sighting, Stage, StageChange, Submission
from tests.people.importing import applied, created, everything, undone, updated

pytestmark = pytest.mark.django_db

FILES = ("review_submissions.csv", "review_presubmissions.csv", "packages.yml", "package_data.csv")


@pytest.fixture
def folder(real_data: Path, tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(real_data / "pyopensci" / name, tmp_path / name)
    shutil.copytree(real_data / "pyopensci" / "review_snapshots", tmp_path / "review_snapshots")
    seeds.load()
    return tmp_path


def changes() -> list[Any]:
    rows = StageChange.objects.values_list(
        "submission__key", "position", "stage__slug", "not_before", "at", "source"
    )
    return sorted(rows, key=str)


def mirrors() -> list[Any]:
    rows = Submission.objects.values_list(
        "key",
        "stage__slug",
        "stage_since",
        "on_hold_since",
        "hold_reason",
        "outcome",
        "accepted_on",
        "vanished_at",
    )
    return sorted(rows, key=str)


@pytest.mark.slow
def test_the_known_answers(folder: Path) -> None:
    before = everything()
    run = applied("pyopensci", folder)
    full = Submission.objects.exclude(kind="presubmission")
    shown = full.filter(vanished_at=None)
    accepted = full.filter(outcome="accepted")
    assert (full.count(), shown.count()) == (118, 111)  # seven issues are gone from the tracker
    assert Submission.objects.filter(kind="presubmission").count() == 92
    assert (accepted.count(), accepted.filter(accepted_on__year=2025).count()) == (70, 22)
    assert accepted.filter(joss="approved").count() == 32
    assert sum(one.is_open for one in full) == 24
    assert [one.follows and one.follows.key for one in full.filter(issue_number=324)] == [
        "github.com/pyopensci/software-submission#324?"
    ]

    moved = StageChange.objects.filter(position__gt=0)
    assert (moved.count(), moved.filter(stage=None).count()) == (170, 1)
    days: dict[str, list[float]] = defaultdict(list)
    slugs = dict(Stage.objects.values_list("pk", "slug"))
    for stay in history.stays(full.values_list("pk", flat=True)):
        if stay.days is not None and not stay.on_hold:
            days[slugs[stay.stage_id]].append(stay.days)
    assert round(median(days["seeking-editor"]), 1) == 69.8
    assert round(median(days["reviewers-assigned"]), 1) == 64.7
    took = [
        (dt.datetime.combine(one.accepted_on, dt.time(), dt.UTC) - one.opened_at) / dt.timedelta(days=1)
        for one in accepted
        if one.accepted_on is not None
    ]
    assert (len(took), round(median(took), 3)) == (70, 181.137)

    assert Counter(flag.field for flag in Flag.objects.filter(kind="value")) == {
        "date_accepted": 7, "submitting_author": 6, "package_name": 2, "reviewers": 1, "joss": 1,
    }  # fmt: skip
    assert Flag.objects.filter(kind="check", field="vanished").count() == 7
    assert not Flag.objects.filter(kind="label").exists()
    two = Assignment.objects.filter(role="editor", state="accepted").values_list("submission", flat=True)
    assert sum(number > 1 for number in Counter(two).values()) >= 4

    told = changes(), mirrors()
    again = applied("pyopensci", folder)
    assert (created(again), updated(again)) == ({}, {})
    assert (changes(), mirrors()) == told

    undone(run)
    for model in (Submission, Sighting, StageChange, Assignment, Flag, Activity):
        assert not model.objects.exists()
    assert everything() == before
    assert Programme.objects.get().tracker == ""


@pytest.mark.slow
def test_snapshots_in_any_order_one_by_one_and_twice(folder: Path, tmp_path_factory: Any) -> None:
    for name in FILES:
        (folder / name).unlink()
    run = applied("pyopensci", folder)
    told = changes(), mirrors()
    assert Submission.objects.count() == 118
    undone(run)
    paths = sorted((folder / "review_snapshots").iterdir())
    random.Random(7).shuffle(paths)
    places = [tmp_path_factory.mktemp("some") for _each in range(7)]
    for number, path in enumerate(paths):
        shutil.copy(path, places[number % 7] / path.name)  # without the folder around them
    for place in (*places, places[3]):
        applied("pyopensci", place)
    assert (changes(), mirrors()) == told
