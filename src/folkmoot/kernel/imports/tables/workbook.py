"""Workbooks (XLSX): one sheet, streamed; dates as ISO text, formulas by the value that was saved with them."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple

from folkmoot.kernel.imports.sources import FileProblem
from folkmoot.kernel.imports.tables.text import Cells, check_headings

#: What a workbook may unpack to. A hundred thousand people are some 100 MB; an archive made to do harm is thousands.
MOST_BYTES = 1024**3
#: Texts are held in memory while a sheet is read, so less of them.
MOST_TEXT_BYTES = 256 * 1024**2
#: So many rows are looked through for the headings.
LOOKED_AT = 30
_BLOCK = 1024 * 1024
_OVERLAP = 4096
_MERGED = re.compile(rb'<mergeCell [^>]*ref="([A-Z]+[0-9]+)(?::([A-Z]+[0-9]+))?"')
#: A formula without the value that it had when the file was saved.
_NO_VALUE = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f(?:\s[^>]*)?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")


@dataclass(frozen=True)
class Look:
    """How a workbook is to be read; ``first`` is the row of the headings."""

    headings: tuple[str, ...]
    sheets: tuple[str, ...]
    sheet: str
    first: int
    notes: tuple[str, ...] = ()


def look(path: Path, name: str, wanted: str = "") -> Look:
    """Check that the workbook can be trusted, choose the sheet, find the headings.

    Raises:
        FileProblem: it is none, is too large, has a password, has no such sheet, has merged cells among its rows or
            formulas that were never reckoned.
    """
    _check(path, name)
    with _opened(path, name) as book:
        sheets = tuple(sheet.title for sheet in book.worksheets)
        if wanted and wanted not in sheets:
            raise FileProblem(
                name,
                _("has no sheet “%(sheet)s”; there are %(sheets)s")
                % {"sheet": wanted, "sheets": ", ".join(sheets)},
            )
        for sheet in book.worksheets:
            if (wanted and sheet.title != wanted) or (not wanted and sheet.sheet_state != "visible"):
                continue
            first, cells = _find_headings(sheet)
            if not cells and not wanted:
                continue
            if not cells:
                raise FileProblem(name, _("has nothing on the sheet “%(sheet)s”") % {"sheet": wanted})
            found = check_headings(cells, name, (), line=first)
            _refuse_traps(path, name, sheet, first)
            return Look(tuple(found), sheets, sheet.title, first, _notes(sheets, sheet.title, first, wanted))
    raise FileProblem(name, _("holds no rows: the first row must name the columns"))


def rows(path: Path, *, name: str, sheet: str, first: int) -> Iterator[tuple[int, Cells | str]]:
    """The rows below the headings; empty ones are passed over.

    Yields:
        the row's number and its cells by heading, or in words why it is no row.

    Raises:
        FileProblem: the workbook is broken.
    """
    with _opened(path, name) as book:
        named: list[str] = []
        for number, values in enumerate(book[sheet].iter_rows(min_row=first, values_only=True), first):
            cells = [_text(value) for value in values]
            if not named:
                named = check_headings(_trimmed(cells), name, (), line=first)
                continue
            if not any(cells):
                continue
            if error := next((cell for cell in cells if cell in _ERRORS), ""):
                yield number, _("a cell holds %(error)s: mend its formula") % {"error": error}
            elif any(cells[len(named) :]):
                yield (
                    number,
                    _("has cells beyond the %(headings)s columns that have a heading")
                    % {"headings": len(named)},
                )
            else:
                filled = cells[: len(named)] + [""] * (len(named) - len(cells))
                yield number, dict(zip(named, filled, strict=True))


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Any]:
    broken = _("is a broken workbook: open it in a spreadsheet and save it again")
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError, OSError, zlib.error) as error:
        raise FileProblem(name, broken) from error
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a file says of its size may be wrong
        yield book
    except (zipfile.BadZipFile, KeyError, ParseError, EOFError, zlib.error) as error:
        raise FileProblem(name, broken) from error
    finally:
        book.close()


def _check(path: Path, name: str) -> None:
    """Refuse what is no workbook, or one made to fill the memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if not any(entry.filename == "xl/workbook.xml" for entry in entries):
                raise FileProblem(name, _("is an archive, not a workbook: save it as XLSX or as CSV"))
            if any(entry.flag_bits & 0x1 for entry in entries):
                raise FileProblem(name, _("has a password: save it without one"))
            texts = sum(entry.file_size for entry in entries if "sharedStrings" in entry.filename)
            if sum(entry.file_size for entry in entries) > MOST_BYTES or texts > MOST_TEXT_BYTES:
                raise FileProblem(name, _("unpacks to more than can be read: save it as CSV"))
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if b"<!DOCTYPE" in part.read(_OVERLAP):
                            raise FileProblem(
                                name, _("declares entities, as no spreadsheet does: save it as CSV")
                            )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise FileProblem(
            name, _("is a broken workbook: open it in a spreadsheet and save it again")
        ) from error


def _find_headings(sheet: Any) -> tuple[int, list[str]]:
    """The first row that holds more than one cell, or else the first that holds any: titles stand above headings."""
    only: tuple[int, list[str]] = (0, [])
    for number, values in enumerate(islice(sheet.iter_rows(values_only=True), LOOKED_AT), 1):
        cells = _trimmed([_text(value) for value in values])
        filled = sum(1 for cell in cells if cell)
        if filled > 1:
            return number, cells
        if filled == 1 and not only[0]:
            only = number, cells
    return only


def _trimmed(cells: Sequence[str]) -> list[str]:
    found = list(cells)
    while found and not found[-1].strip():
        found.pop()
    return found


def _notes(sheets: Sequence[str], sheet: str, first: int, wanted: str) -> tuple[str, ...]:
    notes = []
    if len(sheets) > 1 and not wanted:
        notes.append(
            _("The sheet “%(sheet)s” is read; the workbook has %(sheets)s.")
            % {"sheet": sheet, "sheets": ", ".join(sheets)}
        )
    if first > 1:
        notes.append(_("The headings stand in row %(row)d; what is above was passed over.") % {"row": first})
    return tuple(notes)


def _refuse_traps(path: Path, name: str, sheet: Any, first: int) -> None:
    """What openpyxl would not tell while it streams: merged cells, formulas without a value."""
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as part:
        before = b""
        while block := part.read(_BLOCK):
            window = before + block
            for merged in _MERGED.finditer(window):
                last = (merged[2] or merged[1]).decode()
                if coordinate_to_tuple(last)[0] >= first:
                    area = merged[1].decode() + (f":{last}" if merged[2] else "")
                    raise FileProblem(
                        name,
                        _("has merged cells (%(area)s): take them apart, so that each row says all of itself")
                        % {"area": area},
                        line=coordinate_to_tuple(merged[1].decode())[0],
                    )
            if empty := _NO_VALUE.search(window):
                cell = empty[1].decode()
                raise FileProblem(
                    name,
                    _(
                        "holds a formula without its value (%(cell)s): open it in a spreadsheet and save it again"
                    )
                    % {"cell": cell},
                    line=coordinate_to_tuple(cell)[0],
                )
            before = window[-_OVERLAP:]


def _text(value: Any) -> str:
    """A cell as a table of text would have it: dates and times as ISO 8601, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).replace("\x00", "").strip()
