"""``review_submissions.csv`` and ``review_presubmissions.csv``: every issue of the tracker as it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from folkmoot.kernel.imports import tables
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Part, Reading, Rejection, Row, source_parts
from folkmoot.reviews.header.values import Unreadable
from folkmoot.reviews.history import UNDATED
from folkmoot.reviews.imports.rows import COUNTERS, apply_rows, key_of, read_row

SUBMISSIONS = "review_submissions.csv"
PRESUBMISSIONS = "review_presubmissions.csv"
REQUIRED = ("package_name", "date_opened", "labels")


def table_rows(
    path: Path, file: str, at: dt.datetime | None, *, is_enquiry: bool = False, lists: bool = True
) -> Iterator[Row | Rejection]:
    """The rows of a table of submissions.

    Args:
        at: when it was made; ``None``: at the newest moment that it tells of.
    """
    is_dated = at is not None
    moment = at or _newest(path)
    met: set[str] = set()
    for line, cells in tables.rows(path, required=REQUIRED, name=file):
        if isinstance(cells, str):
            yield Rejection(file, line, "", cells)
            continue
        record = {name: value for name, value in cells.items() if name}
        try:
            one = read_row(record)
        except Unreadable as error:
            yield Rejection(
                file, line, "issue_num" if "issue" in str(error) else "date_opened", str(error), record
            )
            continue
        key = key_of("", one.number, one.opened, is_enquiry=is_enquiry)
        if key in met:
            yield Rejection(file, line, "issue_num", "is listed above already: this row is left out", record)
            continue
        met.add(key)
        stamp = (moment or one.opened).isoformat()
        seen = f"{path.name}#{key[1:]}" if is_dated else f"{UNDATED}{path.name}@{stamp}{key}"
        payload: dict[str, Any] = {
            "key": key, "record": record, "lines": {}, "at": stamp, "seen": seen, "lists": lists,
        }  # fmt: skip
        yield Row(file, line, payload)


def _newest(path: Path) -> dt.datetime | None:
    """The newest moment that a file tells of: it is not older than that."""
    found: list[dt.datetime] = []
    for _line, cells in tables.rows(path):
        if not isinstance(cells, str):
            found += _moments(cells)
    return max(found, default=None)


def _moments(cells: Mapping[str, str]) -> Iterator[dt.datetime]:
    for column in ("date_opened", "date_closed", "last_comment_date"):
        try:
            yield tables.moment(cells.get(column, ""))
        except ValueError:
            continue


class _Tables(Part):
    source: ClassVar[str] = "pyopensci"
    counters: ClassVar[tuple[str, ...]] = COUNTERS
    file: ClassVar[str]
    is_enquiry: ClassVar[bool] = False

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each issue."""
        path = reading.root / self.file
        if path.is_file():
            yield from table_rows(path, self.file, None, is_enquiry=self.is_enquiry)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring submissions in line."""
        apply_rows(rows, changes, is_enquiry=self.is_enquiry)


@source_parts.declare
class Presubmissions(_Tables):
    """``review_presubmissions.csv``: enquiries before a submission."""

    key: ClassVar[str] = "pyopensci.reviews.presubmissions"
    order: ClassVar[int] = 300
    file: ClassVar[str] = PRESUBMISSIONS
    is_enquiry: ClassVar[bool] = True


@source_parts.declare
class Submissions(_Tables):
    """``review_submissions.csv``: submissions."""

    key: ClassVar[str] = "pyopensci.reviews.submissions"
    order: ClassVar[int] = 310
    file: ClassVar[str] = SUBMISSIONS
