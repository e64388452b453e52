"""Tables with headings, row by row: separated values or a workbook; the one place where files become cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from folkmoot.kernel.imports.tables import text, workbook
from folkmoot.kernel.imports.tables.text import Cells, headings, moment, rows

#: The columns of a file of rows to mend, passed over when it is read again. Not translated: they are looked for.
ADDED = ("folkmoot line", "folkmoot field", "folkmoot reason", "folkmoot what to do")

__all__ = ["ADDED", "Cells", "Table", "headings", "is_workbook", "moment", "open_table", "rows"]


@dataclass(frozen=True)
class Table:
    """A table that was looked at: what it is called, its headings, what a person should know of how it is read.

    Attributes:
        headings: as the file has them, in order; a column without one is ``""``.
        sheets: the sheets of a workbook; empty for text.
        sheet: the one that is read.
        notes: sentences, such as that the text was taken for Latin-1.
    """

    path: Path
    name: str
    headings: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    notes: tuple[str, ...] = ()
    how: Mapping[str, Any] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, Cells | str]]:
        """The line on which each row begins, and its cells by heading or in words why it is no row.

        Raises:
            FileProblem: the file is cut, or cannot be read from some line on.
        """
        read = workbook.rows if is_workbook(self.path) else text.rows
        for line, cells in read(self.path, name=self.name, **self.how):
            if not isinstance(cells, str):
                for added in ADDED:
                    cells.pop(added, None)
            yield line, cells

    def samples(self, number: int = 3) -> list[Cells]:
        """The first rows that can be read, to look at."""
        readable = (cells for _line, cells in self.rows() if not isinstance(cells, str))
        return list(islice(readable, number))


def is_workbook(path: Path) -> bool:
    """Whether the file begins as XLSX files do, whatever it is called."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def open_table(path: Path, *, name: str = "", sheet: str = "") -> Table:
    """Look at a table without reading it through: its kind, encoding, separator, headings.

    Args:
        name: what messages call it; the file's name when empty.
        sheet: of a workbook; the first that holds something when empty.

    Raises:
        FileProblem: it is no table with headings; file, line and reason say why.
    """
    name = name or path.name
    if is_workbook(path):
        book = workbook.look(path, name, sheet)
        return Table(
            path,
            name,
            _own(book.headings),
            book.sheets,
            book.sheet,
            book.notes,
            {"sheet": book.sheet, "first": book.first},
        )
    found = text.look(path, name)
    how = {"encoding": found.encoding, "separator": found.separator}
    return Table(path, name, _own(found.headings), notes=found.notes, how=how)


def _own(headings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(heading for heading in headings if heading not in ADDED)
