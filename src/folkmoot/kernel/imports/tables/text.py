"""Separated values, with the line on which each row begins; a file that is cut is refused."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.sources import FileProblem
from folkmoot.kernel.text import clean

Cells = dict[str, str]
#: What parts cells, the likeliest first.
SEPARATORS = ",;\t|^~"
_BLOCK = 1024 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Look:
    """How a file of separated values is to be read."""

    encoding: str
    separator: str
    headings: tuple[str, ...]
    notes: tuple[str, ...] = ()


def look(path: Path, name: str) -> Look:
    """Guess encoding and separator, read the headings.

    Raises:
        FileProblem: no text, no headings, or one there twice.
    """
    encoding, notes = _encoding(path, name)
    try:
        with path.open(encoding=encoding, newline="") as file:
            separator = guess_separator(file.readline())
    except UnicodeDecodeError:
        raise FileProblem(name, _("is no text that can be read: save it as UTF-8"), line=1) from None
    found = headings(path, separator=separator, encoding=encoding, name=name)
    if not any(found):
        raise FileProblem(name, _("has no headings: the first line must name the columns"), line=1)
    return Look(encoding, separator, tuple(found), notes)


def guess_separator(line: str) -> str:
    """Whatever the line has most of outside quotation marks; a comma when it has none."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=bare.count)


def headings(path: Path, *, separator: str = ",", encoding: str = "utf-8-sig", name: str = "") -> list[str]:
    """The headings of a table.

    Raises:
        FileProblem: as :func:`rows`.
    """
    name = name or path.name
    for _line, cells in _cells(path, separator, encoding, name):
        return check_headings(cells, name, ())
    raise FileProblem(name, _("is empty: the first line must name the columns"), line=1)


def rows(
    path: Path, *, required: Sequence[str] = (), last_cell: Sequence[str] = (), separator: str = ",",
    encoding: str = "utf-8-sig", name: str = "",
) -> Iterator[tuple[int, Cells | str]]:  # fmt: skip
    """The rows of a table with headings; empty lines are passed over.

    Args:
        last_cell: the words that the last column can hold, where they are known: a file that ends within one is cut.

    Yields:
        the line on which a row begins, and its cells by heading, or in words why it is no row.

    Raises:
        FileProblem: not of this encoding, a required heading missing or one there twice, a quotation that never ends,
            or the last row cut in the middle.
    """
    name = name or path.name
    named: list[str] = []
    held: tuple[int, Cells | str] | None = None
    short = False
    for line, cells in _cells(path, separator, encoding, name):
        if not named:
            named = check_headings(cells, name, required)
            continue
        if held is not None:
            yield held
        short = len(cells) < len(named)
        if len(cells) == len(named):
            held = line, dict(zip(named, cells, strict=True))
        else:
            held = line, wrong_length(len(cells), len(named))
    if not named:
        raise FileProblem(name, _("is empty: the first line must name the columns"), line=1)
    if held is None:
        return
    line, last = held
    if not isinstance(last, str) and last_cell:
        short = last[named[-1]].strip() not in last_cell
    if short and not _ends_with_a_line(path):
        raise FileProblem(
            name, _("ends in the middle of a row: the file seems cut; fetch it again"), line=line
        )
    yield held


def wrong_length(cells: int, expected: int) -> str:
    """Why a row with another number of cells than the headings is none."""
    return _("has %(cells)s cells where %(headings)s are expected") % {"cells": cells, "headings": expected}


def check_headings(cells: Sequence[str], file: str, required: Sequence[str], *, line: int = 1) -> list[str]:
    """The headings, cleaned.

    Raises:
        FileProblem: a required one is missing, or one is there twice.
    """
    found = [clean(cell) for cell in cells]
    if missing := [name for name in required if name not in found]:
        raise FileProblem(
            file,
            _("the column %(missing)s is missing; there are %(headings)s")
            % {"missing": ", ".join(missing), "headings": ", ".join(filter(None, found))},
            line=line,
            field=missing[0],
        )
    if twice := sorted({name for name in found if name and found.count(name) > 1}):
        raise FileProblem(
            file,
            _("two columns are called “%(name)s”: give each its own name") % {"name": twice[0]},
            line=line,
            field=twice[0],
        )
    return found


def _cells(path: Path, separator: str, encoding: str, name: str) -> Iterator[tuple[int, list[str]]]:
    began = 1
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(_without_nul(file, name), delimiter=separator, strict=True)
            for cells in reader:
                line, began = began, reader.line_num + 1
                if any(cell.strip() for cell in cells):
                    yield line, cells
    except FileNotFoundError:
        raise FileProblem(name, _("is not there")) from None
    except UnicodeDecodeError:
        raise FileProblem(
            name, _("is not UTF-8 text from here on: save it as UTF-8"), line=_bad_line(path) or began
        ) from None
    except csv.Error as error:
        raise FileProblem(
            name,
            _("cannot be read as a table from here on (%(error)s): is the file cut?") % {"error": error},
            line=began,
        ) from None


def _without_nul(lines: Iterator[str], file: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\x00" in line:
            raise FileProblem(file, _("is no text file: it holds NUL characters"), line=number)
        yield line


def _bad_line(path: Path) -> int | None:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                raw.decode()
            except UnicodeDecodeError:
                return number
    return None


def _ends_with_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - 2))
        return file.read().rstrip(b"\x00").endswith((b"\n", b"\r"))


def _encoding(path: Path, name: str) -> tuple[str, tuple[str, ...]]:
    """The encoding, and what a person should know about the guess. One pass, in blocks."""
    with path.open("rb") as file:
        start = file.read(4096)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding, ()
        if wide := _utf16_without_a_mark(start):
            return wide, (_("The file was read as UTF-16: look whether the names are right."),)
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        has_wide = False
        try:
            while block := file.read(_BLOCK):
                has_wide = has_wide or not decoder.decode(block).isascii()
            decoder.decode(b"", final=True)
            return "utf-8", ()
        except UnicodeDecodeError:
            pass
    if has_wide or _mixes(path):
        raise FileProblem(
            name,
            _("mixes UTF-8 with another encoding from here on: save it as UTF-8"),
            line=_bad_line(path),
        )
    note = _("The file is not UTF-8: it was read as Latin-1 (Windows-1252). Look whether accents are right.")
    return _one_byte(path), (note,)


def _utf16_without_a_mark(start: bytes) -> str:
    """What Latin text looks like in UTF-16: every second byte is 0."""
    even, odd = start[0::2], start[1::2]
    if len(start) < 4:
        return ""
    if odd.count(0) > len(odd) * 0.7 and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) * 0.7 and not odd.count(0) else ""


def _mixes(path: Path) -> bool:
    """Whether some line is UTF-8 beyond ASCII while another is not UTF-8 at all."""
    with path.open("rb") as file:
        for raw in file:
            if not raw.isascii():
                try:
                    raw.decode()
                except UnicodeDecodeError:
                    continue
                return True
    return False


def _one_byte(path: Path) -> str:
    """Windows-1252, or Latin-1 where a byte stands that Windows-1252 does not know."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if any(byte in block for byte in b"\x81\x8d\x8f\x90\x9d"):
                return "latin-1"
    return "cp1252"


def moment(text: str) -> dt.datetime:
    """A time of the day, in UTC when no zone is given, to the microsecond.

    Raises:
        ValueError: it is none; the message says what is expected.
    """
    written = clean(text)
    problem = _("“%(text)s” is no date with a time, such as 2026-04-30 15:05:39") % {"text": written[:60]}
    if len(written) <= 10:
        raise ValueError(problem)
    try:
        at = dt.datetime.fromisoformat(written.removesuffix(" UTC"))
    except ValueError:
        raise ValueError(problem) from None
    if not 1970 <= at.year <= 2999:
        raise ValueError(_("the year of “%(text)s” cannot be right") % {"text": written})
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
