"""``folkmoot import``, ``imports`` and ``import-undo``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import folkmoot.kernel.commands  # noqa: F401 - registers itself
from folkmoot.kernel.cli import Problem, cli, console
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.kernel.imports.sources import source_parts, sources
from folkmoot.kernel.jobs.models import Job
from folkmoot.people.models import Note, Person
from tests.kernel import made_up_source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def made_up() -> Iterator[None]:
    made_up_source.register()
    yield
    del sources._items["made-up"]
    for key in ("made-up.people.friends", "made-up.people.projects"):
        del source_parts._items[key]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_up_source.write(tmp_path / "in", "name,tag\nAda,\nBo,\n,x\n", "name,description\none,first\n")


def run(*arguments: str) -> Result:
    with console.capture() as said:
        result = CliRunner().invoke(cli, [*arguments], catch_exceptions=True)
    result.said = said.get()  # type: ignore[attr-defined]
    return result


def said(result: Result) -> str:
    return str(result.said)  # type: ignore[attr-defined]


def test_an_import_says_in_one_line_what_it_did(folder: Path) -> None:
    result = run("import", "made-up", str(folder))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"Import {ImportRun.objects.get().pk} of made-up done. created: 2 people, 1 projects; updated: nothing; "
        "unchanged: nothing",
        "rejected: 1",
        "  friends.csv, line 4, field name: is empty",
    ]


def test_json_has_exactly_these_keys_and_every_counter(folder: Path) -> None:
    run("import", "made-up", str(folder))
    answer = json.loads(run("import", "made-up", str(folder), "--json").stdout)
    nothing = {"people": 0, "tags": 0, "projects": 0}
    assert answer == {
        "created": nothing,
        "updated": nothing,
        "unchanged": {"people": 2, "tags": 0, "projects": 1},
        "rejected": [{"file": "friends.csv", "line": 4, "field": "name", "reason": "is empty"}],
    }


def test_a_dry_run_changes_nothing_and_leaves_no_import(folder: Path) -> None:
    foretold = json.loads(run("import", "made-up", str(folder), "--dry-run", "--json").stdout)
    assert (Person.objects.count(), ImportRun.objects.count()) == (0, 0)
    assert json.loads(run("import", "made-up", str(folder), "--json").stdout) == foretold


def test_a_refused_file_ends_with_code_2_and_says_where(folder: Path) -> None:
    (folder / "projects.csv").write_text("title\nx\n")
    result = run("import", "made-up", str(folder), "--json")
    assert isinstance(result.exception, Problem)
    assert str(result.exception) == (
        "projects.csv, line 1, field name: has no column name. Nothing was imported."
    )
    assert json.loads(result.stdout)["rejected"] == [
        {"file": "projects.csv", "line": 1, "field": "name", "reason": "has no column name"}
    ]
    assert Person.objects.count() == 0


def test_the_sources_own_options_are_options_of_the_command(folder: Path) -> None:
    result = run("import", "made-up", str(folder), "--shout", "yes", "--thank", "Ada", "--thank", "Bo")
    assert result.exit_code == 0
    assert ImportRun.objects.get().options == {"shout": "yes", "thank": ["Ada", "Bo"]}
    help_text = run("import", "made-up", "--help").stdout
    assert "--shout" in help_text
    assert "--thank" in help_text
    assert "--map" not in help_text, "it has no columns"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import", "made-up", "/nowhere"], "/nowhere is not there: give the folder to read."),
        (["import-undo", "999999"], "there is no import 999999: `folkmoot imports` lists them."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments: list[str], sentence: str) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, Problem)
    assert str(result.exception) == sentence


def test_a_file_in_place_of_a_folder_is_told(folder: Path) -> None:
    result = run("import", "made-up", str(folder / "friends.csv"))
    assert str(result.exception) == f"made-up reads a folder; {folder / 'friends.csv'} is a file."


def test_what_can_be_imported_is_listed() -> None:
    assert "made-up" in said(run("import", "--list"))
    result = run("import", "nonsense", "x")
    assert result.exit_code == 2


def test_an_import_is_taken_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", "made-up", str(folder))
    number = str(ImportRun.objects.get().pk)
    Note.objects.create(person=Person.objects.get(name="Bo"), body="Met in Bergen.")
    expected = {
        "removed": {"projects": 1, "people": 1},
        "restored": 0,
        "kept": [{"kind": "person", "name": "Bo", "reason": "note points at it"}],
    }
    assert json.loads(run("import-undo", number, "--dry-run", "--json").stdout) == expected
    assert Person.objects.count() == 2
    assert json.loads(run("import-undo", number, "--json").stdout) == expected
    assert list(Person.objects.values_list("name", flat=True)) == ["Bo"]
    (listed,) = json.loads(run("imports", "--json").stdout)
    assert (listed["run"], listed["state"], listed["origin"]) == (int(number), "undone", str(folder))


def test_jobs_of_the_command_line_are_kept_with_the_others(folder: Path) -> None:
    run("import", "made-up", str(folder))
    assert list(Job.objects.values_list("kind", "state")) == [("imports.run", "succeeded")]
