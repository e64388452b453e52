"""The report as HTML: parts that the pages share, and a file that stands alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from folkmoot.kernel import charts
from folkmoot.kernel.reporting import Block, Chart, Figure, PeopleList, Report, Section, Tone
from folkmoot.reports.renderers import markup
from folkmoot.reports.renderers.words import how, rows_of, subtitle

STYLES = Path(__file__).parent.parent / "static" / "reports"
TONES = {Tone.GOOD: "done", Tone.BAD: "overdue", Tone.NEUTRAL: "quiet"}


@dataclass(frozen=True)
class ChangeView:
    """A change with the page's name of its tone."""

    text: str
    words: str
    tone: str


@dataclass(frozen=True)
class BlockView:
    """A block with what only HTML needs.

    Attributes:
        spec: a chart that a script draws; ``svg``: one that is a picture already.
    """

    block: Block
    how: str = ""
    rows: str = ""
    changes: tuple[ChangeView, ...] = ()
    spec: dict[str, Any] = field(default_factory=dict)
    svg: SafeString | None = None

    @property
    def kind(self) -> str:
        """Which partial shows it."""
        return self.block.kind


@dataclass(frozen=True)
class SectionView:
    """A section as a page lays it out: figures in a row, then charts and tables, people and note beside them."""

    section: Section
    figures: tuple[BlockView, ...]
    main: tuple[BlockView, ...]
    aside: tuple[BlockView, ...]
    note: SafeString | None


def arrange(report: Report, *, pictures: bool = False) -> list[SectionView]:
    """The sections ready for the templates; ``pictures`` draws the charts here, for where no script runs."""
    return [_arrange(section, pictures) for section in report.sections]


def _arrange(section: Section, pictures: bool) -> SectionView:
    views = [_view(block, pictures) for block in section.blocks]
    return SectionView(
        section=section,
        figures=tuple(view for view in views if isinstance(view.block, Figure)),
        main=tuple(view for view in views if not isinstance(view.block, (Figure, PeopleList))),
        aside=tuple(view for view in views if isinstance(view.block, PeopleList)),
        note=markup.to_html(markup.parse(section.note.body)) if section.note else None,
    )


def _view(block: Block, pictures: bool) -> BlockView:
    if isinstance(block, Figure):
        changes = tuple(ChangeView(change.text, change.words, TONES[change.tone]) for change in block.changes)
        return BlockView(block, how=how(block), rows=rows_of(block), changes=changes)
    if isinstance(block, Chart):
        if pictures:
            svg = mark_safe(charts.svg(block.spec))  # noqa: S308 - drawn here, from data that the drawer escapes
            return BlockView(block, how=how(block), rows=rows_of(block), svg=svg)
        return BlockView(block, how=how(block), rows=rows_of(block), spec=charts.fluid(block.spec))
    return BlockView(block)


def render(report: Report) -> str:
    """The report as one HTML file that asks for nothing else: styles and pictures are inside, scripts are none."""
    plain = report.without_links()
    return render_to_string(
        "reports/standalone.html",
        {
            "report": plain,
            "subtitle": subtitle(plain),
            "sections": arrange(plain, pictures=True),
            "styles": format_html("<style>\n{}</style>", mark_safe(_styles())),  # noqa: S308 - files of this app
            "medium": "file",
        },
    )


def _styles() -> str:
    return "\n".join((STYLES / name).read_text(encoding="utf-8") for name in ("standalone.css", "report.css"))
