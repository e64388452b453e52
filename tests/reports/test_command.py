"""``folkmoot report``."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from django.utils.module_loading import autodiscover_modules
from typer.testing import CliRunner

from folkmoot.kernel.cli import Problem, cli
from folkmoot.reports import commands
from tests.factories import IdentityFactory, PersonFactory
from tests.ledger.worlds import opened

pytestmark = pytest.mark.django_db
runner = CliRunner()
autodiscover_modules("commands")  # a command line of one command has no names of commands


@pytest.fixture
def world(db: None) -> None:
    opened(IdentityFactory(person=PersonFactory(name="=Zoë")), "2026-04-02", "2026-05-03", "2026-05-04")


def run(*words: str) -> str:
    """What the command prints on standard output; a problem is raised."""
    result = runner.invoke(cli, ["report", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def problem(*words: str) -> str:
    with pytest.raises(Problem) as raised:
        runner.invoke(cli, ["report", *words], catch_exceptions=False, standalone_mode=False)
    return str(raised.value)


def test_without_a_file_it_prints_markdown(world: None) -> None:
    printed = run("community", "--period", "2026Q2")
    assert printed.startswith("# Community report: Second quarter 2026\n")
    assert "| people took part | 1 |" in printed


@pytest.mark.parametrize(
    ("suffix", "begins"), [("pdf", b"%PDF-"), ("html", b"<!doctype html>"), ("md", b"# Comm")]
)
def test_the_ending_chooses_the_format(world: None, tmp_path: Path, suffix: str, begins: bytes) -> None:
    out = tmp_path / f"Report.{suffix.upper()}"
    run("community", "--period", "2026Q2", "--out", str(out))
    assert out.read_bytes().startswith(begins)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    umask = os.umask(0)
    os.umask(umask)
    assert out.stat().st_mode & 0o777 == 0o666 & ~umask


def test_csv_has_the_figures_with_their_definitions(world: None, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    run("community", "--period", "2026Q2", "--as-of", "2026-05-03", "--out", str(out))
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    (figure,) = [row for row in rows if row["block"] == "items_volunteer"]
    assert (figure["value"], figure["previous"], figure["rows"], figure["as_of"]) == (
        "2",
        "0",
        "2",
        "2026-05-03",
    )
    assert figure["definition"].startswith("Items (issues and pull requests) opened in the period")
    assert [row["row"] for row in rows if row["block"] == "thanks"] == ["'=Zoë"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["budget"], "There is no report called budget; known: community, reviews, publishing."),
        (["--period", "2026Q9"], "2026Q9: a year has the quarters Q1 to Q4."),
        (["--period", "soon"], "soon is not a period: write a quarter (2026Q2)"),
        (["--as-of", "soon"], "soon is no day: write it as 2026-06-30."),
        (["--exclude", "cats"], "There is nothing called cats to leave out; known: staff."),
        (["--source", "x"], "There is no source x"),
        (["--project", "x"], "There is no project x"),
        (["--out", "report.docx"], "report.docx: the file must end in one of .pdf, .md, .csv, .html."),
        (["--out", "report"], "report: the file must end in one of"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(world: None, words: list[str], told: str) -> None:
    sentence = problem(*words)
    assert sentence.startswith(told)
    assert "\n" not in sentence


def test_a_folder_that_is_not_there_or_shut(world: None, tmp_path: Path) -> None:
    assert (
        problem("--out", str(tmp_path / "no" / "r.pdf"))
        == f"There is no folder {tmp_path / 'no'}: make it first."
    )
    (tmp_path / "r.pdf").mkdir()
    assert (
        problem("--out", str(tmp_path / "r.pdf")) == f"{tmp_path / 'r.pdf'} is a folder: name a file in it."
    )
    if os.geteuid() == 0:
        return  # nothing is shut for root
    tmp_path.chmod(0o500)
    assert problem("--out", str(tmp_path / "s.pdf")) == f"The folder {tmp_path} may not be written to."


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "r.md"
    out.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match=r"r\.md cannot be written: No space left on device\.$"):
        commands.write(out, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["r.md"]
    assert out.read_text() == "old"
