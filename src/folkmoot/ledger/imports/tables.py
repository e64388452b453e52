"""Tables of separated values, row by row, with the line on which each begins; a file that is cut is refused."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from folkmoot.kernel.imports.sources import FileProblem
from folkmoot.kernel.text import clean

Cells = dict[str, str]


def headings(path: Path, *, separator: str = ",") -> list[str]:
    """The headings of a table.

    Raises:
        FileProblem: as :func:`rows`.
    """
    for _line, cells in _cells(path, separator):
        return _headings(cells, path.name, ())
    raise FileProblem(path.name, "is empty: the first line must name the columns", line=1)


def rows(
    path: Path, *, required: Sequence[str] = (), last_cell: Sequence[str] = (), separator: str = ","
) -> Iterator[tuple[int, Cells | str]]:
    """The rows of a table with headings; empty lines are passed over.

    Args:
        last_cell: the words that the last column can hold, where they are known: a file that ends within one is cut.

    Yields:
        the line on which a row begins, and its cells by heading, or in words why it is no row.

    Raises:
        FileProblem: not UTF-8, a required heading missing or one there twice, a quotation that never ends, or the last
            row cut in the middle.
    """
    named: list[str] = []
    held: tuple[int, Cells | str] | None = None
    short = False
    for line, cells in _cells(path, separator):
        if not named:
            named = _headings(cells, path.name, required)
            continue
        if held is not None:
            yield held
        short = len(cells) < len(named)
        if len(cells) == len(named):
            held = line, dict(zip(named, cells, strict=True))
        else:
            held = line, f"has {len(cells)} cells where the headings name {len(named)}"
    if not named:
        raise FileProblem(path.name, "is empty: the first line must name the columns", line=1)
    if held is None:
        return
    line, last = held
    if not isinstance(last, str) and last_cell:
        short = last[named[-1]].strip() not in last_cell
    if short and not _ends_with_a_line(path):
        raise FileProblem(
            path.name, "ends in the middle of a row: the file seems cut; fetch it again", line=line
        )
    yield held


def _cells(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    began = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(_without_nul(file, path.name), delimiter=separator, strict=True)
            for cells in reader:
                line, began = began, reader.line_num + 1
                if any(cell.strip() for cell in cells):
                    yield line, cells
    except FileNotFoundError:
        raise FileProblem(path.name, "is not there") from None
    except UnicodeDecodeError:
        raise FileProblem(path.name, "is not UTF-8 text from here on: save it as UTF-8", line=began) from None
    except csv.Error as error:
        raise FileProblem(
            path.name, f"cannot be read as a table from here on ({error}): is the file cut?", line=began
        ) from None


def _without_nul(lines: Iterator[str], file: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\x00" in line:
            raise FileProblem(file, "is no text file: it holds NUL characters", line=number)
        yield line


def _headings(cells: Sequence[str], file: str, required: Sequence[str]) -> list[str]:
    found = [clean(cell) for cell in cells]
    if missing := [name for name in required if name not in found]:
        raise FileProblem(
            file,
            f"the column {', '.join(missing)} is missing; there are {', '.join(filter(None, found))}",
            line=1,
            field=missing[0],
        )
    if twice := sorted({name for name in found if found.count(name) > 1}):
        raise FileProblem(
            file, f"two columns are called “{twice[0]}”: give each its own name", line=1, field=twice[0]
        )
    return found


def _ends_with_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) in (b"\n", b"\r")


def moment(text: str) -> dt.datetime:
    """A time of the day, in UTC when no zone is given, to the microsecond.

    Raises:
        ValueError: it is none; the message says what is expected.
    """
    written = clean(text)
    if len(written) <= 10:
        raise ValueError(f"“{written}” is no date with a time, such as 2026-04-30 15:05:39")
    try:
        at = dt.datetime.fromisoformat(written.removesuffix(" UTC"))
    except ValueError:
        raise ValueError(f"“{written[:60]}” is no date with a time, such as 2026-04-30 15:05:39") from None
    if not 1970 <= at.year <= 2999:
        raise ValueError(f"the year of “{written}” cannot be right")
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
