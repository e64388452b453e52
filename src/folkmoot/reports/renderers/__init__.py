"""One content model, four renderers: each takes a ``kernel.reporting.Report`` and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from folkmoot.kernel.reporting import Report
from folkmoot.reports.renderers import csv, html, markdown, pdf


@dataclass(frozen=True)
class Format:
    """A way to write a report to a file."""

    suffix: str
    media_type: str
    render: Callable[[Report], bytes]


FORMATS: dict[str, Format] = {
    form.suffix: form
    for form in (
        Format("pdf", "application/pdf", pdf.render),
        Format("md", "text/markdown; charset=utf-8", lambda report: markdown.render(report).encode()),
        Format("csv", "text/csv; charset=utf-8", lambda report: csv.render(report).encode("utf-8-sig")),
        Format("html", "text/html; charset=utf-8", lambda report: html.render(report).encode()),
    )
}


def file_name(report: Report, suffix: str) -> str:
    """``community-2026Q2.pdf``; letters, digits, dots and hyphens only."""
    name = "".join(
        c if c.isascii() and (c.isalnum() or c in "-.") else "-" for c in f"{report.key}-{report.period}"
    )
    return f"{name}.{suffix}"
