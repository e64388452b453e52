"""``kill -9`` while a dump of AMY is applied, the same command again: complete, and nothing twice."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.amy import dump
from tests.kernel.processes import folkmoot

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)


def test_a_dump_that_is_killed_goes_on(tmp_path: Path) -> None:
    people = [dump.person(pk) for pk in range(1, 4)]
    path = dump.write(tmp_path / "amy.json", [*dump.register()[:5], *people, *dump.register()[6:]])
    command = ["import", "amy", str(path), "--json"]
    *died, done, again = folkmoot(tmp_path, *((moment, command) for moment in ["told:1", "told:9", "", ""]))
    assert [process.code for process in died] == [-signal.SIGKILL] * 2
    assert "Going on with import 1" in done.err
    said, twice = json.loads(done.out), json.loads(again.out)
    assert (said["created"]["people"], said["created"]["consents"], said["created"]["terms"]) == (3, 1, 1)
    assert said["rejected"] == []
    assert sum(twice["created"].values()) + sum(twice["updated"].values()) == 0


def test_a_dry_run_foretells_exactly(tmp_path: Path) -> None:
    path = dump.write(tmp_path / "amy.json", [dump.person(1), dump.person(2)])
    tried, done = folkmoot(
        tmp_path,
        ("", ["import", "amy", str(path), "--dry-run", "--json"]),
        ("", ["import", "amy", str(path), "--json"]),
    )
    assert tried.code == 0
    assert json.loads(tried.out) == json.loads(done.out)
    assert json.loads(done.out)["created"]["people"] == 2
