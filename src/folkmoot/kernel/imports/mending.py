"""Rejected rows as a file: what the row said, where and why it was left out; mended, it can be imported as it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.models import ImportRun, RejectedRow
from folkmoot.kernel.imports.queries import rejected_of
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.imports.tables import ADDED
from folkmoot.kernel.text import safe_cell

#: Ends the name of such a file: its rows are those of the file without it.
TO_MEND = "-to-mend"


class _Echo:
    def write(self, value: str) -> str:
        return value


def file_name(run: ImportRun) -> str:
    """``people.csv`` -> ``people.csv-to-mend.csv``; rows that were mended and are still wrong keep that name."""
    return f"{mended_of(PurePath(run.origin).name) or run.source}{TO_MEND}.csv"


def mended_of(name: str) -> str:
    """The file whose rows a file of rows to mend holds; any other file is itself."""
    return re.sub(rf"{TO_MEND}(?: ?\(\d+\))?\.\w+$", "", name)


def can_mend(run: ImportRun) -> bool:
    """Whether the source of an import reads tables, so that a CSV of its rows can be imported again."""
    return bool(run.source in sources and sources.get(run.source).reads_tables)


def lines(run: ImportRun) -> Iterator[str]:
    """The file, line by line (CSV, UTF-8 with a mark, so that spreadsheets know it)."""
    writer = csv.writer(_Echo())
    headings = _headings(run)
    yield "\ufeff" + writer.writerow([*headings, *ADDED])
    rows = rejected_of(run).filter(dismissed_at=None).iterator(chunk_size=500)
    for (file, line), together in groupby(rows, key=lambda row: (row.file, row.line)):
        cells = list(together)
        said = original(run, cells[0].content)
        yield writer.writerow(
            [safe_cell(_plain(said.get(heading, ""))) for heading in headings]
            + [f"{file}:{line}" if line else file]
            + [safe_cell(cell) for cell in _why(cells)]
        )


def original(run: ImportRun, content: Any) -> dict[str, Any]:
    """A row by the headings of its file, whether it is kept by heading or by field."""
    if not isinstance(content, dict):
        return {}
    content = content.get("record", content)
    if isinstance(content.get("said"), dict):
        return dict(content["said"])
    others = content.get("other columns")
    by_heading = {
        run.mapping.get(name, name): cell for name, cell in content.items() if name != "other columns"
    }
    return by_heading | (others if isinstance(others, dict) else {})


def _headings(run: ImportRun) -> list[str]:
    """Every heading that some rejected row has, in the order of the first."""
    found: dict[str, None] = {}
    rows = RejectedRow.objects.filter(run=run, dismissed_at=None).exclude(content=None).order_by("pk")
    for content in rows.values_list("content", flat=True).iterator(chunk_size=500):
        found |= dict.fromkeys(original(run, content))
    wanted = list(run.mapping.values())  # PostgreSQL keeps the keys of JSON in an order of its own
    return sorted(found, key=lambda heading: wanted.index(heading) if heading in wanted else len(wanted))


def _why(rows: Iterable[RejectedRow]) -> list[str]:
    rows = list(rows)
    fields = "; ".join(row.field for row in rows if row.field)
    what = (
        _("Mend %(fields)s, save, and import this file: the added columns may stay.") % {"fields": fields}
        if fields
        else _("Give the row as many cells as there are headings, save, and import this file.")
    )
    return [fields, "; ".join(row.reason for row in rows), what]


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
