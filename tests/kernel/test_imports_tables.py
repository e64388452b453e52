"""Tables become cells: separators, encodings, workbooks and the traps in them."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from folkmoot.kernel.imports.sources import FileProblem
from folkmoot.kernel.imports.tables import open_table, workbook


def book(path: Path, rows: list[list[Any]], **more: Any) -> Path:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for area in more.get("merged", ()):
        sheet.merge_cells(area)
    for name, cells in more.get("sheets", {}).items():
        made.create_sheet(name).append(cells)
    made.save(path)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^", "~"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_separator_in_any_usual_encoding(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(f'name{separator}place\r\nZoë{separator}"a{separator} b"\r\n'.encode(encoding))
    table = open_table(path)
    assert list(table.rows()) == [(2, {"name": "Zoë", "place": f"a{separator} b"})]
    assert bool(table.notes) == (encoding in ("utf-16-le", "utf-16-be", "cp1252"))


def test_a_workbook_with_a_title_above_dates_formulas_and_empty_rows(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [],
        ["Members 2026"],
        ["name", "from", "number", "member"],
        ["Ana", dt.date(2026, 1, 2), 7.0, True],
        [None, None, None],
        ["Ben", dt.datetime(2026, 1, 2, 3, 4), 1.5],
    ]
    table = open_table(book(tmp_path / "t.xlsx", rows, merged=["A2:D2"]))
    assert list(table.rows()) == [
        (4, {"name": "Ana", "from": "2026-01-02", "number": "7", "member": "yes"}),
        (6, {"name": "Ben", "from": "2026-01-02 03:04:00", "number": "1.5", "member": ""}),
    ]
    assert table.notes == ("The headings stand in row 3; what is above was passed over.",)


def test_one_of_several_sheets(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["name"]], sheets={"Other": ["login", "x"]})
    assert open_table(path).headings == ("name",)
    assert open_table(path, sheet="Other").headings == ("login", "x")
    assert open_table(path).sheets == ("Sheet", "Other")
    with pytest.raises(FileProblem, match="no sheet “Third”; there are Sheet, Other"):
        open_table(path, sheet="Third")


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"0" * 3_000_000)
    return path


def entities(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>')
    return path


def nothing_in_it(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    return path


def broken(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04 and no more")
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda p: book(p, [["name", "x"], ["Ana", "y"], [None, "z"]], merged=["A2:A3"]),
            "has merged cells (A2:A3)",
        ),
        (lambda p: book(p, [["name", "x"], ["=1+1", "y"]]), "holds a formula without its value (A2)"),
        (lambda p: book(p, [["name", "name"]]), "two columns are called “name”"),
        (lambda p: book(p, []), "holds no rows"),
        (bomb, "unpacks to more than can be read"),
        (entities, "declares entities"),
        (nothing_in_it, "is an archive, not a workbook"),
        (broken, "is a broken workbook"),
    ],
    ids=["merged", "no-value", "twice", "empty", "bomb", "entities", "archive", "broken"],
)
def test_workbooks_that_cannot_be_read_are_refused_in_words(
    tmp_path: Path, make: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_TEXT_BYTES", 1_000_000)
    with pytest.raises(FileProblem) as problem:
        open_table(make(tmp_path / "t.xlsx"))
    assert reason in str(problem.value)


def test_a_cell_with_an_error_and_one_without_a_heading(tmp_path: Path) -> None:
    table = open_table(book(tmp_path / "t.xlsx", [["name", "x"], ["#REF!", "y"], ["Ana", "y", "z"]]))
    assert [(line, cells) for line, cells in table.rows() if isinstance(cells, str)] == [
        (2, "a cell holds #REF!: mend its formula"),
        (3, "has cells beyond the 2 columns that have a heading"),
    ]
