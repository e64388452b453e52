"""``review_snapshots/``: what ``review_submissions.csv`` said at a moment, which is the file's name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Part, Reading, Rejection, Row, source_parts
from folkmoot.reviews.imports.rows import COUNTERS, apply_rows
from folkmoot.reviews.imports.submissions import table_rows

FOLDER = "review_snapshots"
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6})Z\.csv")


def moment_of(name: str) -> dt.datetime | None:
    """The moment that a snapshot's name tells (``2026-08-11T222536Z.csv``, in UTC); ``None``: none."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    try:
        return dt.datetime.strptime(found[1], "%Y-%m-%dT%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError:
        return None


@source_parts.declare
class Snapshots(Part):
    """Dated tables of submissions, in their folder or beside the other files; any of them, in any order."""

    key: ClassVar[str] = "pyopensci.reviews.snapshots"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 320
    chunk_size: ClassVar[int] = 1000
    counters: ClassVar[tuple[str, ...]] = COUNTERS

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each issue in each file, the oldest file first."""
        dated: list[tuple[dt.datetime, Path, str]] = []
        inside = sorted((reading.root / FOLDER).glob("*.csv"))
        for path in [*inside, *sorted(reading.root.glob("*.csv"))]:
            at = moment_of(path.name)
            file = path.relative_to(reading.root).as_posix()
            if at is not None:
                dated.append((at, path, file))
            elif path in inside:
                reason = _("the name tells no moment, such as 2026-08-11T222536Z.csv: the file is left out")
                yield Rejection(file, None, "", reason)
        dated.sort()
        for place, (at, path, file) in enumerate(dated, 1):
            yield from table_rows(path, file, at, lists=place == len(dated))

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Note what was seen, and reckon the stage changes."""
        apply_rows(rows, changes)
