"""The report as PDF, set by typst.

The template is a file of this app; a report reaches it as JSON, so that nothing anybody wrote is ever read as
typst's language. The PDF is tagged (PDF/UA-1) and embeds the glyphs that it uses.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
import typst
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from folkmoot.kernel import charts, clock, fonts
from folkmoot.kernel.reporting import Block, Chart, Figure, PeopleList, Report, Section, Table, Text
from folkmoot.kernel.text import clean
from folkmoot.reports.renderers import markup
from folkmoot.reports.renderers.words import counted, subtitle

log = structlog.get_logger(__name__)

TEMPLATE = Path(__file__).parent.parent / "typst" / "report.typ"


def render(report: Report) -> bytes:
    """The report as a tagged A4 PDF.

    PDF/UA allows no letter that no font has. Where one is found (a name in a rare script), the report is made
    nevertheless, tagged but without the promise, with a box for that letter.

    Raises:
        typst.TypstError: the template is broken.
    """
    compiler = typst.Compiler(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(data(report))},
    )
    moment = int(clock.now().timestamp())
    try:
        made = compiler.compile(TEMPLATE, format="pdf", pdf_standards=["ua-1"], timestamp=moment)
    except typst.TypstError as problem:
        log.warning(
            "the report's PDF is not PDF/UA", report=report.key, period=report.period, why=problem.message
        )
        made = compiler.compile(TEMPLATE, format="pdf", timestamp=moment)
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folders = [str(folder) for folder in fonts.folders()]
    # Typst's own serif knows some Hebrew too and would be taken for it before Noto's.
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=not folders, font_paths=folders)


def data(report: Report) -> dict[str, Any]:
    """What the template reads: texts and numbers as written, charts as SVG, notes as trees."""
    language = (get_language() or "en").split("-")[0]
    return {
        "title": report.title,
        "period": report.period_label,
        "community": report.community,
        "subtitle": subtitle(report),
        "limits": " · ".join(report.limits),
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "family": fonts.FAMILY,
        "words": {
            "page": _("Page"),
            "of": _("of"),
            "definitions": _("How it is counted, and the numbers behind the charts"),
            "note": _("Note"),
        },
        "sections": [_section(section) for section in report.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    runs = []
    for kind, blocks in section.runs():
        if kind is Figure:
            runs.append({"kind": "figures", "figures": [_block(block) for block in blocks]})
        else:
            runs += [_block(block) for block in blocks]
    note = section.note
    return {
        "title": section.title,
        "runs": runs,
        "note": {
            "nodes": markup.parse(note.body),
            "by": ", ".join(
                part for part in (note.author, date_format(note.written_at, "DATE_FORMAT")) if part
            ),
        }
        if note
        else None,
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Figure):
        return {
            "kind": "figure",
            "text": block.text,
            "label": block.label,
            "pending": block.pending,
            "changes": [{"text": change.text, "tone": change.tone.value} for change in block.changes],
            "counted": counted(block),
        }
    if isinstance(block, Chart):
        return {
            "kind": "chart",
            "title": block.title,
            "subtitle": block.subtitle,
            "svg": charts.svg(block.spec),
            "description": clean(block.description),
            "table": _block(block.table),
            "counted": counted(block),
        }
    if isinstance(block, Table):
        return {
            "kind": "table",
            "title": block.title,
            "columns": [{"label": column.label, "numeric": bool(column.unit)} for column in block.columns],
            "rows": [list(row) for row in block.written()],
        }
    if isinstance(block, PeopleList):
        return {
            "kind": "people",
            "title": block.title,
            "people": [{"name": line.name, "reason": line.reason} for line in block.people],
            "empty": block.empty,
            "counted": block.definition,
        }
    assert isinstance(block, Text)  # noqa: S101 - the last kind of block
    return {"kind": "text", "body": block.body}
