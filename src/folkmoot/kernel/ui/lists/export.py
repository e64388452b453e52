"""A list as a file: the columns that are shown, every row that passes the filters."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from folkmoot.kernel import clock
from folkmoot.kernel.text import safe_cell

if TYPE_CHECKING:
    from folkmoot.kernel.ui.lists.base import List
    from folkmoot.kernel.ui.lists.declare import Column

CHUNK = 500
#: What one sheet and one cell of an XLSX file can hold (Office Open XML limits), the heading's row taken off.
MAX_SHEET_ROWS = 1_048_575
MAX_CELL = 32_767


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def plain(value: Any) -> Any:
    """A value as a file holds it: times in UTC as ISO 8601, lists joined, everything else a number or text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds") if value.tzinfo else value.isoformat()
    if isinstance(value, (dt.date, int, float)):
        return value
    if isinstance(value, (list, tuple, set)):
        return ", ".join(str(part) for part in value)
    return str(value)


def rows_of(shown: List, columns: Sequence[Column]) -> Iterator[list[Any]]:
    """The heading, then every row, read in chunks so that memory stays flat."""
    yield [str(column.label) for column in columns]
    rows = iter(shown.matching.iterator(chunk_size=CHUNK))
    while chunk := list(islice(rows, CHUNK)):
        shown.decorate(chunk)
        for row in chunk:
            yield [plain(column.read_export(row)) for column in columns]


def file_name(shown: List, ending: str) -> str:
    """``people-2026-11-20.csv``."""
    return f"{shown.key.replace('.', '-')}-{clock.today():%Y-%m-%d}.{ending}"


def as_csv(shown: List) -> StreamingHttpResponse:
    """The list as CSV (UTF-8), streamed; cells that a spreadsheet could run are made safe."""
    writer = csv.writer(_Echo())
    lines = (
        writer.writerow([safe_cell(cell) for cell in row]) for row in rows_of(shown, shown.columns_shown)
    )
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(shown, "csv")}"'
    return response


def as_xlsx(shown: List) -> HttpResponse | FileResponse:
    """The list as an XLSX workbook with one sheet; what is beyond a sheet's rows goes on the next sheet."""
    book = Workbook(write_only=True)
    heading: list[Any] = []
    sheet: Any = None
    for number, row in enumerate(rows_of(shown, shown.columns_shown)):
        if number == 0:
            heading = row
        if number == 0 or (number > 1 and (number - 1) % MAX_SHEET_ROWS == 0):
            sheet = book.create_sheet()
            sheet.append([_cell(cell) for cell in heading])
        if number > 0:
            sheet.append([_cell(cell) for cell in row])
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=file_name(shown, "xlsx"),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _cell(value: Any) -> Any:
    """openpyxl takes text that begins with ``=`` for a formula and stops at control characters."""
    return safe_cell(ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_CELL]) if isinstance(value, str) else value
