"""The report as tidy CSV: one number a line, with what it means beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from folkmoot.kernel.reporting import Cell, Chart, Figure, PeopleList, Report, Section, Table, Text, Unit
from folkmoot.kernel.text import safe_cell

COLUMNS = (
    "report",
    "period",
    "as_of",
    "section",
    "block",
    "name",
    "row",
    "column",
    "value",
    "unit",
    "previous",
    "year_before",
    "definition",
    "excludes",
    "rows",
)


def render(report: Report) -> str:
    """The report as CSV (RFC 4180). Shares are fractions of 1; an unknown number is empty.

    A text that a spreadsheet could run as a formula has an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    common: dict[str, Cell] = {
        "report": report.key,
        "period": report.period,
        "as_of": report.as_of.isoformat(),
    }
    for section in report.sections:
        for line in _lines(section):
            cells = {**common, "section": section.key, **line}
            writer.writerow({key: safe_cell("" if value is None else value) for key, value in cells.items()})
    return out.getvalue()


def _lines(section: Section) -> Iterator[dict[str, Cell]]:
    for block in section.blocks:
        if isinstance(block, Figure):
            yield {
                "block": block.key,
                "name": block.label,
                "value": block.value,
                "unit": block.unit.value,
                "previous": block.previous,
                "year_before": block.year_before,
                "definition": block.definition,
                "excludes": block.excludes,
                "rows": block.rows,
            }
        elif isinstance(block, Chart):
            about: dict[str, Cell] = {
                "block": block.key,
                "name": block.title,
                "definition": block.definition,
                "excludes": block.excludes,
                "rows": block.rows,
            }
            yield from ({**about, **cell} for cell in _cells(block.table))
        elif isinstance(block, Table):
            yield from ({"block": block.key, "name": block.title, **cell} for cell in _cells(block))
        elif isinstance(block, PeopleList):
            for line in block.people:
                yield {
                    "block": block.key,
                    "name": block.title,
                    "row": line.name,
                    "value": line.reason,
                    "definition": block.definition,
                }
        elif isinstance(block, Text):
            yield {"block": "text", "value": block.body}
    if section.note:
        yield {"block": "note", "name": section.note.author, "value": section.note.body}


def _cells(table: Table) -> Iterator[dict[str, Cell]]:
    for row in table.rows:
        for column, cell in zip(table.columns[1:], row[1:], strict=True):
            unit = column.unit.value if isinstance(column.unit, Unit) else ""
            yield {"row": row[0], "column": column.label, "value": cell, "unit": unit}
