"""The report as Markdown: figures and charts as tables, everything that people wrote escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel.reporting import (
    NO_VALUE,
    Chart,
    Figure,
    PeopleList,
    Report,
    Section,
    Table,
    Text,
)
from folkmoot.reports.renderers import markup
from folkmoot.reports.renderers.words import counted, subtitle

e = markup.escape_markdown


def render(report: Report) -> str:
    """The report as CommonMark with GitHub's tables; ends with a line break."""
    parts = [f"# {e(report.title)}: {e(report.period_label)}", e(report.community), e(subtitle(report))]
    if report.limits:
        parts.append(e(" · ".join(report.limits)))
    for section in report.sections:
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section) -> list[str]:
    parts = [f"## {e(section.title)}"]
    for kind, blocks in section.runs():
        if kind is Figure:
            parts += _figures(blocks)  # type: ignore[arg-type]
            continue
        for block in blocks:
            if isinstance(block, Chart):
                parts += _chart(block)
            elif isinstance(block, Table):
                parts += [f"### {e(block.title)}", _table_of(block)]
            elif isinstance(block, PeopleList):
                parts += _people(block)
            elif isinstance(block, Text):
                parts.append(e(block.body))
    if section.note:
        when = date_format(section.note.written_at, "DATE_FORMAT")
        parts += [
            "### " + _("Note"),
            markup.to_markdown(markup.parse(section.note.body)),
            f"*{e(section.note.author)}, {when}*" if section.note.author else f"*{when}*",
        ]
    return parts


def _figures(figures: Sequence[Figure]) -> list[str]:
    changes = max((len(figure.changes) for figure in figures), default=0)
    columns = (
        [_("Figure"), _("Value"), _("Change"), _("Rows")] if changes else [_("Figure"), _("Value"), _("Rows")]
    )
    rows = []
    for figure in figures:
        cells = [e(figure.label), figure.text]
        if changes:
            told = "; ".join(change.text for change in figure.changes)
            cells.append(e(told or figure.pending) or NO_VALUE)
        rows.append([*cells, "" if figure.rows is None else f"{figure.rows:,}"])
    definitions = [f"- **{e(figure.label)}**: {e(counted(figure))}" for figure in figures if counted(figure)]
    return [_table(columns, rows, numeric={1, len(columns) - 1}), "\n".join(definitions)]


def _chart(chart: Chart) -> list[str]:
    return [f"### {e(chart.title)}", e(chart.subtitle), _table_of(chart.table), e(counted(chart))]


def _people(people: PeopleList) -> list[str]:
    lines = [f"- {e(line.name)}" + (f": {e(line.reason)}" if line.reason else "") for line in people.people]
    return [f"### {e(people.title)}", "\n".join(lines) if lines else e(people.empty), e(people.definition)]


def _table_of(table: Table) -> str:
    numeric = {i for i, column in enumerate(table.columns) if column.unit}
    columns = [e(column.label) for column in table.columns]
    return _table(columns, [[e(cell) for cell in row] for row in table.written()], numeric=numeric)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: set[int]) -> str:
    rule = ["---:" if i in numeric else "---" for i in range(len(columns))]
    return "\n".join("| " + " | ".join(row) + " |" for row in ([*columns], rule, *rows))
