"""``kill -9`` at any moment, the same command again: complete, and nothing twice."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.kernel import made_up_source
from tests.kernel.processes import folkmoot

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

FRIENDS = "name,tag\n" + "".join(f"Friend {n},tag {n % 3}\n" for n in range(10)) + ",orphan\n"
PROJECTS = "name,description\n" + "".join(f"project-{n},about {n}\n" for n in range(5))
CREATED = {"people": 10, "tags": 3, "projects": 5}
NOTHING = {"people": 0, "tags": 0, "projects": 0}
REJECTED = [{"file": "friends.csv", "line": 12, "field": "name", "reason": "is empty"}]


def test_an_import_that_is_killed_again_and_again_ends_complete(tmp_path: Path) -> None:
    folder = made_up_source.write(tmp_path / "in", FRIENDS, PROJECTS)
    command = ["import", "made-up", str(folder), "--json"]
    # While it reads, in the first chunk, after a chunk was told, in the last part: a chunk's work is done, not kept.
    moments = ["read:4", "apply:1", "told:5", "apply:4"]

    *died, done, again = folkmoot(tmp_path, *((moment, command) for moment in [*moments, "", ""]))

    assert [process.code for process in died] == [-signal.SIGKILL] * 4
    assert json.loads(done.out) == {
        "created": CREATED,
        "updated": NOTHING,
        "unchanged": NOTHING,
        "rejected": REJECTED,
    }
    assert "Going on with import 1" in done.err
    assert json.loads(again.out) == {
        "created": NOTHING,
        "updated": NOTHING,
        "unchanged": {"people": 10, "tags": 0, "projects": 5},
        "rejected": REJECTED,
    }


def test_an_undo_that_is_killed_goes_on(tmp_path: Path) -> None:
    folder = made_up_source.write(tmp_path / "in", FRIENDS, PROJECTS)
    imported, died, undone, listed = folkmoot(
        tmp_path,
        ("", ["import", "made-up", str(folder)]),
        ("told:1", ["import-undo", "1", "--yes"]),
        ("", ["import-undo", "1", "--yes", "--json"]),
        ("", ["imports", "--json"]),
    )

    assert imported.code == 0
    assert died.code == -signal.SIGKILL
    assert json.loads(undone.out) == {
        "removed": {"projects": 5, "person-tag relationships": 10, "people": 10, "tags": 3},
        "restored": 0,
        "kept": [],
    }
    assert [(run["run"], run["state"]) for run in json.loads(listed.out)] == [(1, "undone")]
