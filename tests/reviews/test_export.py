"""A website's packages: what reviews know now stands where it is newer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from folkmoot.kernel.exports import sites
from folkmoot.reviews import seeds
from folkmoot.reviews.models import Assignment, Submission
from tests.factories import IdentityFactory, PersonFactory
from tests.people.importing import applied
from tests.reviews.test_imports import row, write

pytestmark = pytest.mark.django_db

PACKAGE = """\
- package_name: wavefold
  submitting_author: {name: Ana Quintanar, github_username: ana-q}
  repository_link: https://codeberg.org/harbour/wavefold
  version_accepted: "v [0.2](https://x.example)"
  editor: {name: Erin, github_username: Erin}
  reviewers:
    - {name: null, github_username: N/A}
    - {name: Lio, github_username: lio}
  archive: https://zenodo.org/badge/latestdoi/1
  date_accepted: 2025-9-1
  created_at: 2025-01-01 10:00:00+00:00
  updated_at: 2025-09-01 10:00:00+00:00
  issue_link: https://github.com/pyOpenSci/software-submission/issues/12
  joss:
  labels: [6/pyOS-approved]
  active: true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    seeds.load()
    (tmp_path / "packages.yml").write_text(PACKAGE, encoding="utf-8")
    return tmp_path


def packages() -> list[dict[str, Any]]:
    file = next(one for one in sites.get("pyopensci").files() if one.name == "packages.yml")
    found: list[dict[str, Any]] = yaml.safe_load(file.content)
    return found


def test_what_was_read_comes_out_again(folder: Path) -> None:
    applied("pyopensci", folder)
    assert packages() == yaml.safe_load(PACKAGE)


def test_what_is_known_since_is_in_it(folder: Path) -> None:
    applied("pyopensci", folder)
    one = Submission.objects.get()
    one.archive, one.joss_doi, one.accepted_on = (
        "https://doi.org/10.5281/zenodo.7",
        "10.21105/joss.1",
        dt.date(2025, 9, 2),
    )
    one.labels, one.seen_at = ["9/joss-approved"], dt.datetime(2025, 12, 1, tzinfo=dt.UTC)
    one.save()
    mare = PersonFactory(name="Mare Brink")
    IdentityFactory(person=mare, system="github", value="mare")
    Assignment.objects.create(submission=one, person=mare, role="reviewer", state="done", position=3)
    Assignment.objects.filter(role="editor").update(state="ended")
    Assignment.objects.create(submission=one, person=mare, role="editor")
    written = packages()[0]
    assert written == yaml.safe_load(PACKAGE)[0] | {
        "archive": "https://doi.org/10.5281/zenodo.7",
        "joss": "https://joss.theoj.org/papers/10.21105/joss.1",
        "date_accepted": "2025-09-02",
        "labels": ["9/joss-approved"],
        "editor": {"name": "Mare Brink", "github_username": "mare"},
        "reviewers": [
            {"name": "Lio", "github_username": "lio"},
            {"name": "Mare Brink", "github_username": "mare"},
        ],
    }


def test_an_accepted_package_that_the_file_does_not_name_is_added(folder: Path) -> None:
    write(
        folder / "review_submissions.csv",
        [
            row(3, "6/pyOS-approved", date_accepted="2025-10-01", editor="erin"),
            row(4, "3/reviewers-assigned", editor="erin"),
        ],
    )
    applied("pyopensci", folder)
    found = packages()
    assert [one["package_name"] for one in found] == ["wavefold", "pack3"]
    assert found[1]["editor"]["github_username"].casefold() == "erin"
    assert found[1]["issue_link"] == "https://github.com/pyopensci/software-submission/issues/3"
    assert found[1]["date_accepted"] == "2025-10-01"
