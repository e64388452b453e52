"""pyOpenSci's files of reviews, made up: any of them, in any order, as often as one likes."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel import clock
from folkmoot.ledger.models import Activity
from folkmoot.people.models import Person
from folkmoot.reviews import seeds
from folkmoot.reviews.actions import flags, stages
from folkmoot.reviews.models import Assignment, Flag, Programme, Sighting, Stage, StageChange, Submission
from tests.people.importing import applied, created, everything, rejections, undone, updated

pytestmark = pytest.mark.django_db

OLD = ("", "package_name", "date_opened", "date_closed", "labels", "status")
FULL = (
    "", "package_name", "submitting_author", "editor", "eic", "date_opened", "date_closed", "date_accepted", "labels",
    "issue_num", "description", "categories", "status", "last_comment_date", "last_comment_user",
)  # fmt: skip


def row(number: int, *labels: str, **more: str) -> dict[str, str]:
    return {
        "package_name": f"pack{number}",
        "submitting_author": f"author{number}",
        "editor": "TBD",
        "eic": "chief",
        "date_opened": f"2024-0{number}-01 10:00:00+00:00",
        "date_closed": "",
        "date_accepted": "missing",
        "labels": repr(list(labels)),
        "issue_num": str(number),
        "description": "Folds waves",
        "categories": "['education']",
        "status": "under-review",
        "last_comment_date": "2024-09-01T10:00:00Z",
        "last_comment_user": f"author{number}",
    } | more


def write(path: Path, rows: list[dict[str, str]], columns: tuple[str, ...] = FULL) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


#: name, columns, rows
SNAPSHOTS: tuple[tuple[str, tuple[str, ...], list[dict[str, str]]], ...] = (
    ("2024-10-01T100000Z.csv", OLD, [row(1, "0/pre-review-checks"), row(2, "0/seeking-editor")]),
    ("2024-11-01T100000Z.csv", FULL, [row(1, "1/editor-checks", "0/pre-review-checks", editor="erin"),
                                      row(2, "0/seeking-editor"), row(3, "0/pre-review-checks")]),
    ("2024-12-01T100000Z.csv", FULL, [row(1, "3/reviewers-assigned", "on-hold", editor="erin & bo"),
                                      row(3, "0/pre-review-checks")]),
    ("2025-01-01T100000Z.csv", FULL, [row(1, "6/pyOS-approved 🚀🚀🚀", "1/editor-assigned", editor="bo",
                                          date_accepted="2024-12-20"), row(2, "2/seeking-reviewers", editor="Erin")]),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _seeds(db: None) -> None:
    seeds.load()


def facts() -> Any:
    """What the history says, without numbers of rows."""
    return (
        sorted(StageChange.objects.values_list(
            "submission__key", "position", "stage__slug", "not_before", "at", "source"
        ), key=str),
        sorted(Submission.objects.values_list(
            "key", "title", "stage__slug", "stage_since", "on_hold_since", "hold_reason", "outcome", "accepted_on",
            "closed_at", "seen_at", "kind", "issue_number",
        ), key=str),
        sorted(Assignment.objects.values_list("submission__key", "person__name", "role", "state"), key=str),
    )  # fmt: skip


def folder(tmp_path: Path, *places: int) -> Path:
    root = tmp_path / "-".join(map(str, places))
    for place in places:
        name, columns, rows = SNAPSHOTS[place]
        write(root / "review_snapshots" / name, rows, columns)
    return root


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
def test_any_order_one_by_one_and_twice_gives_the_same(tmp_path: Path, order: tuple[int, ...]) -> None:
    for place in (*order, order[0], order[2]):
        applied("pyopensci", folder(tmp_path / str(place), place))
    one_by_one = facts()
    Submission.objects.update(follows=None)
    for model in (Activity, Sighting, StageChange, Assignment, Flag, Submission):
        model.objects.all().delete()
    Programme.objects.update(tracker="")
    applied("pyopensci", folder(tmp_path, 0, 1, 2, 3))
    assert facts() == one_by_one


def test_what_they_say(tmp_path: Path) -> None:
    run = applied("pyopensci", folder(tmp_path, 0, 1, 2, 3))
    assert rejections(run) == []
    assert created(run) == {
        "activities": 4, "assignments": 9, "identities": 6, "people": 6, "sightings": 9, "stage_changes": 7,
        "submissions": 3, "tags": 3, "flags": 1,
    }  # fmt: skip
    first = Submission.objects.get(issue_number=1)
    assert first.key == "github.com/pyopensci/software-submission#1"
    assert (first.outcome, first.accepted_on, first.on_hold_since) == (
        "accepted",
        dt.date(2024, 12, 20),
        None,
    )
    assert list(first.stage_changes.values_list("stage__slug", flat=True)) == [
        "pre-review-checks", "editor-assigned", "reviewers-assigned", "accepted",
    ]  # fmt: skip
    parts = first.assignments.values_list("person__name", "role", "state")
    assert set(parts) == {
        ("author1", "author", "accepted"), ("bo", "editor", "accepted"), ("erin", "editor", "ended"),
        ("chief", "eic", "accepted"),
    }  # fmt: skip
    assert Person.objects.filter(name__iexact="erin").count() == 1


def test_a_row_that_vanishes_stays(tmp_path: Path) -> None:
    applied("pyopensci", folder(tmp_path, 0, 1, 2, 3))
    gone = Submission.objects.get(issue_number=3)
    assert (gone.is_open, gone.stage and gone.stage.slug) == (False, "pre-review-checks")
    assert Flag.objects.get(submission=gone).field == "vanished"
    back = tmp_path / "back"
    write(back / "review_snapshots" / "2025-01-02T100000Z.csv", [row(3, "0/seeking-editor")])
    applied("pyopensci", back)
    gone.refresh_from_db()
    assert (gone.is_open, Flag.objects.filter(submission=gone, settled_at=None).exists()) == (True, False)


def test_undone_as_if_it_had_never_been(tmp_path: Path) -> None:
    before = everything()
    first = applied("pyopensci", folder(tmp_path, 0, 1))
    between, told = everything(), facts()
    second = applied("pyopensci", folder(tmp_path, 2, 3))
    undone(second)
    assert facts() == told
    assert everything() == between
    undone(first)
    assert everything() == before


def test_undoing_the_first_of_two_reckons_what_is_left(tmp_path: Path) -> None:
    first = applied("pyopensci", folder(tmp_path, 1, 2))
    applied("pyopensci", folder(tmp_path, 3))
    undone(first)
    changes = StageChange.objects.filter(submission__issue_number=1).values_list("stage__slug", "not_before")
    assert list(changes) == [("accepted", None)]


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    root = folder(tmp_path, 0, 1, 2, 3)
    write(root / "review_submissions.csv", SNAPSHOTS[3][2])
    write(
        root / "review_presubmissions.csv",
        [row(5, "presubmission", "Submission Requested"), row(1, "presubmission")],
    )
    applied("pyopensci", root)
    before = everything()
    again = applied("pyopensci", root)
    assert (created(again), updated(again)) == ({}, {})
    assert everything() == before
    second = Submission.objects.get(key__endswith="#1")
    assert second.follows == Submission.objects.get(key__endswith="#1?")


def test_what_a_person_did_stays(tmp_path: Path, alice: Any) -> None:
    root = folder(tmp_path, 0, 1)
    applied("pyopensci", root)
    one = Submission.objects.get(issue_number=2)
    one.title = "Better name"
    one.save()
    stages.move_to(
        submission=one, stage=Stage.objects.get(slug="seeking-reviewers"), actor=alice,
        at=dt.datetime(2024, 11, 15, tzinfo=dt.UTC),
    )  # fmt: skip
    later = tmp_path / "later"
    write(later / "review_snapshots" / "2024-11-20T100000Z.csv", [row(2, "0/seeking-editor")])
    applied("pyopensci", later)
    one.refresh_from_db()
    assert (one.title, one.stage and one.stage.slug) == ("Better name", "seeking-reviewers")
    write(later / "review_snapshots" / "2024-11-21T100000Z.csv", [row(2, "3/reviewers-assigned")])
    applied("pyopensci", later)
    one.refresh_from_db()
    assert one.stage is not None
    assert one.stage.slug == "reviewers-assigned"


@pytest.mark.parametrize(
    ("column", "value", "line", "read"),
    [
        ("date_accepted", "2025-05- 10", 2, dt.date(2025, 5, 10)),
        ("date_accepted", "2026-7-3", 2, dt.date(2026, 7, 3)),
        ("date_accepted", "2021-19-08", 2, None),
        ("date_accepted", "yesterday", 2, None),
        ("editor", "N/A", 2, None),
        ("editor", "Somebody Without", 2, None),
        ("submitting_author", "github_handle", 2, None),
        ("labels", "['a', 3]", 2, None),
        ("last_comment_date", "never", 2, None),
    ],
)
def test_bad_values_are_kept_and_flagged(
    tmp_path: Path, column: str, value: str, line: int, read: dt.date | None
) -> None:
    write(tmp_path / "review_submissions.csv", [row(1, "0/seeking-editor", **{column: value})])
    run = applied("pyopensci", tmp_path)
    flag = Flag.objects.get(kind=Flag.Kind.VALUE)
    assert (flag.field, flag.value, flag.place, flag.line) == (column, value, "review_submissions.csv", line)
    one = Submission.objects.get(kind="full")
    assert one.said["table"]["raw"][column] == value
    assert one.accepted_on == read
    listed = [(file, at, field) for file, at, field, _why in rejections(run)]
    assert listed == ([] if read else [("review_submissions.csv", line, column)])
    write(
        tmp_path / "review_submissions.csv",
        [row(1, "0/seeking-editor", last_comment_date="2024-10-01T10:00:00Z")],
    )
    applied("pyopensci", tmp_path)
    flag.refresh_from_db()
    assert (flag.settled_at is not None, flag.settled_by) == (True, None)


def test_a_row_without_an_issue_and_a_file_without_a_moment(tmp_path: Path) -> None:
    write(
        tmp_path / "review_snapshots" / "2024-10-01T100000Z.csv",
        [row(1, "odd"), row(2, issue_num="two"), row(3, date_opened="soon"), row(1)],
    )
    write(tmp_path / "review_snapshots" / "newest.csv", [row(4)])
    run = applied("pyopensci", tmp_path)
    name = "review_snapshots/2024-10-01T100000Z.csv"
    assert [(file, at, field) for file, at, field, _why in rejections(run)] == [
        (name, 3, "issue_num"), (name, 4, "date_opened"), (name, 5, "issue_num"),
        ("review_snapshots/newest.csv", None, ""),
    ]  # fmt: skip
    assert list(Submission.objects.values_list("issue_number", flat=True)) == [1]
    flag = Flag.objects.get(kind=Flag.Kind.LABEL)
    assert (flag.value, flag.submission, flag.line) == ("odd", None, 2)


def test_packages_alone(tmp_path: Path) -> None:
    (tmp_path / "packages.yml").write_text(
        """
- package_name: wavefold
  submitting_author: {name: Ana Quintanar, github_username: ana-q}
  all_current_maintainers: [{name: Ana Quintanar, github_username: ana-q}]
  repository_link: https://codeberg.org/harbour/wavefold
  version_submitted: v0.1
  version_accepted: "v [0.2](https://x.example)"
  categories: [education]
  editor: [{name: Erin, github_username: erin}, {name: Bo, github_username: bo}]
  eic: {name: Chris, github_username: chris}
  reviewers: [{name: null, github_username: N/A}, {name: Lio, github_username: lio}]
  archive: https://zenodo.org/badge/latestdoi/1
  date_accepted: 2025-9-1
  created_at: 2025-01-01 10:00:00+00:00
  updated_at: 2025-09-01 10:00:00+00:00
  issue_link: https://github.com/pyOpenSci/software-submission/issues/12
  joss: https://joss.theoj.org/papers/10.21105/joss.01886
  partners: [astropy]
  labels: [6/pyOS-approved]
""",
        encoding="utf-8",
    )
    applied("pyopensci", tmp_path)
    one = Submission.objects.get()
    assert (one.title, one.outcome, one.accepted_on) == ("wavefold", "accepted", dt.date(2025, 9, 1))
    assert (one.version_accepted, one.joss, one.joss_doi) == ("v0.2", "approved", "10.21105/joss.01886")
    assert one.project is not None
    assert one.project.name == "wavefold"
    assert one.archive == "https://zenodo.org/badge/latestdoi/1"
    assert list(one.assignments.values_list("role", "state").order_by("role", "position")) == [
        ("author", "accepted"), ("editor", "accepted"), ("editor", "accepted"), ("eic", "accepted"),
        ("maintainer", "accepted"), ("reviewer", "done"),
    ]  # fmt: skip
    done = one.assignments.get(role="reviewer").done_at
    assert done == dt.datetime(2025, 9, 1, tzinfo=dt.UTC)
    assert {flag.field for flag in Flag.objects.all()} == {"reviewers", "date_accepted"}


def test_a_tracker_that_is_not_the_programmes(tmp_path: Path) -> None:
    Programme.objects.update(tracker="git.example/harbour/reviews")
    write(tmp_path / "review_submissions.csv", [row(1, "0/seeking-editor")])
    applied("pyopensci", tmp_path)  # its people chose another tracker: that one is meant
    assert Submission.objects.get().key == "git.example/harbour/reviews#1"
    other = tmp_path / "other"
    write(other / "review_submissions.csv", [row(2, "0/seeking-editor")])
    run = applied("pyopensci", other, tracker="git.example/elsewhere")
    assert [why for *_where, why in rejections(run)] == [
        "no programme of review has the tracker git.example/elsewhere"
    ]


def test_as_many_queries_for_many_rows(tmp_path: Path) -> None:
    asked = []
    for number in (2, 8):
        root = tmp_path / str(number)
        month = "2025-03" if number == 2 else "2025-04"
        rows = [row(place, "0/seeking-editor", editor=f"e{number}{place}") for place in range(1, number + 1)]
        rows = [{**one, "issue_num": f"{number}{one['issue_num']}"} for one in rows]
        write(root / "review_snapshots" / f"{month}-01T100000Z.csv", rows)
        with CaptureQueriesContext(connection) as queries:
            applied("pyopensci", root)
        asked.append(len(queries))
    assert asked[1] - asked[0] <= 2


def test_a_flag_settled_by_a_person_is_not_raised_again(tmp_path: Path, alice: Any) -> None:
    write(tmp_path / "review_submissions.csv", [row(1, "odd")])
    applied("pyopensci", tmp_path)
    flags.settle_flags(flags=list(Flag.objects.all()), actor=alice)
    write(tmp_path / "review_submissions.csv", [row(1, "odd", last_comment_date=clock.now().isoformat())])
    applied("pyopensci", tmp_path)
    assert not Flag.objects.filter(settled_at=None).exists()
