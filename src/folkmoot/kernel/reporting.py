"""What a report is made of, and how an area contributes a section to one.

An area declares sections in its ``plugs.py``; ``reports`` puts them together and renders the same content as a page,
PDF, Markdown and CSV. Content is plain data: texts as a person reads them, numbers as numbers, no markup.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User
    from folkmoot.kernel.metrics import Measured, Scope

Number = int | float


class Unit(StrEnum):
    """What a number counts, and so how it is written."""

    COUNT = "count"
    #: A part of a whole between 0 and 1, written as a percentage.
    SHARE = "share"
    DAYS = "days"


class Better(StrEnum):
    """Which direction of a figure is good news."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class Tone(StrEnum):
    """How a change is meant; always told in words or by a sign as well as by colour."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


class Direction(StrEnum):
    """Where a figure went."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


NO_VALUE = "–"


def write_number(value: Number | None, unit: Unit = Unit.COUNT, *, places: int | None = None) -> str:
    """A number as a person reads it: ``1,043``, ``61 %``, ``38 days``; a dash where there is none.

    ``places`` says how many digits follow the point of a share; else none, or one below ten per cent.
    """
    if value is None:
        return NO_VALUE
    if unit is Unit.SHARE:
        if places is None:
            places = 0 if abs(value) >= 0.1 or value == 0 else 1
        return _("%(number)s %%") % {"number": _plain(value * 100, places)}
    number = _plain(value, 0 if float(value).is_integer() else 1)
    if unit is Unit.DAYS:
        return ngettext("%(number)s day", "%(number)s days", _plural(value)) % {"number": number}
    return number


def _plural(value: Number) -> int:
    return 1 if value == 1 else 2


def _plain(value: Number, places: int) -> str:
    return number_format(round(value, places), decimal_pos=places, use_l10n=True, force_grouping=True)


@dataclass(frozen=True)
class Change:
    """How a figure stands against another period.

    Attributes:
        against: the other period as it is named after "on": "last quarter".
        value: the figure of the other period.
        size: the difference as written, without a sign; empty when nothing changed.
    """

    against: str
    value: Number
    direction: Direction
    tone: Tone
    size: str

    @property
    def sign(self) -> str:
        """``▲``, ``▼`` or ``=``: the direction for who does not see the colour."""
        return {Direction.UP: "▲", Direction.DOWN: "▼", Direction.SAME: "="}[self.direction]

    @property
    def words(self) -> str:
        """The change without its sign, for a reader who hears it."""
        values = {"size": self.size, "against": self.against}
        return {
            Direction.UP: _("up %(size)s on %(against)s"),
            Direction.DOWN: _("down %(size)s on %(against)s"),
            Direction.SAME: _("the same as %(against)s"),
        }[self.direction] % values

    @property
    def text(self) -> str:
        """``▲ 6 on last quarter``; ``= the same as last quarter``."""
        if self.direction is Direction.SAME:
            return f"= {self.words}"
        return f"{self.sign} " + _("%(size)s on %(against)s") % {"size": self.size, "against": self.against}


def change(
    value: Number | None,
    other: Number | None,
    *,
    against: str,
    unit: Unit = Unit.COUNT,
    better: Better = Better.UP,
) -> Change | None:
    """How ``value`` stands against ``other``; ``None`` when either is unknown.

    A share's change is in percentage points, everything else in its own unit.
    """
    if value is None or other is None:
        return None
    difference = round((value - other) * 100) if unit is Unit.SHARE else round(value - other, 1)
    if not difference:
        return Change(against, other, Direction.SAME, Tone.NEUTRAL, "")
    rose = difference > 0
    size = abs(difference)
    if unit is Unit.SHARE:
        written = ngettext("%(number)s point", "%(number)s points", _plural(size)) % {
            "number": _plain(size, 0)
        }
    else:
        written = write_number(size, unit)
    tone = (
        Tone.NEUTRAL if better is Better.NEITHER else Tone.GOOD if rose == (better is Better.UP) else Tone.BAD
    )
    return Change(against, other, Direction.UP if rose else Direction.DOWN, tone, written)


@dataclass(frozen=True)
class Figure:
    """One number with everything needed to trust it.

    Attributes:
        label: goes on after the number: "people took part".
        definition: how it is counted, in a sentence; ``excludes``: what is left out.
        rows: how many rows it rests on; ``rows_url``: the page that lists them, empty when the reader may not see it.
        pending: why there is no value yet.
    """

    kind: ClassVar[str] = "figure"
    key: str
    label: str
    value: Number | None
    unit: Unit = Unit.COUNT
    previous: Number | None = None
    year_before: Number | None = None
    changes: tuple[Change, ...] = ()
    definition: str = ""
    excludes: str = ""
    rows: int | None = None
    rows_url: str = ""
    pending: str = ""

    @property
    def text(self) -> str:
        """The value as a person reads it."""
        return write_number(self.value, self.unit)

    def written(self, value: Number | None) -> str:
        """Another value of this figure, written like its own."""
        return write_number(value, self.unit)


@dataclass(frozen=True)
class Column:
    """A column of a table; ``unit`` ``None`` is text, ``places`` is how exactly a share is written."""

    label: str
    unit: Unit | None = None
    places: int | None = None


Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows under named columns; the first column names the row."""

    kind: ClassVar[str] = "table"
    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def written(self) -> Iterator[tuple[str, ...]]:
        """The rows as a person reads them."""
        for row in self.rows:
            yield tuple(
                write_number(cell, column.unit, places=column.places)
                if column.unit and not isinstance(cell, str)
                else str(cell or "")
                for column, cell in zip(self.columns, row, strict=True)
            )

    def written_with_columns(self) -> Iterator[list[tuple[Column, str]]]:
        """The rows as a person reads them, each cell with its column."""
        for row in self.written():
            yield list(zip(self.columns, row, strict=True))


@dataclass(frozen=True)
class Chart:
    """A picture that tells one finding, with the table behind it.

    Attributes:
        title: the finding, reckoned from the data ("Volunteers opened two thirds of the items").
        subtitle: what is drawn, its unit and time.
        spec: a Vega-Lite specification without a theme, its data inside.
        description: for who does not see the picture.
    """

    kind: ClassVar[str] = "chart"
    key: str
    title: str
    subtitle: str
    spec: dict[str, Any] = field(hash=False)
    table: Table
    description: str
    definition: str = ""
    excludes: str = ""
    rows: int | None = None
    rows_url: str = ""


@dataclass(frozen=True)
class PersonLine:
    """A person and why they are named."""

    name: str
    reason: str
    initials: str = ""
    url: str = ""


@dataclass(frozen=True)
class PeopleList:
    """People to name, the only place of a report that does."""

    kind: ClassVar[str] = "people"
    key: str
    title: str
    people: tuple[PersonLine, ...]
    definition: str = ""
    empty: str = ""


@dataclass(frozen=True)
class Text:
    """A plain paragraph that the section itself says."""

    kind: ClassVar[str] = "text"
    body: str


Block = Figure | Chart | Table | PeopleList | Text


@dataclass(frozen=True)
class SectionNote:
    """What a person adds to a section, in Markdown."""

    body: str
    author: str
    written_at: dt.datetime


@dataclass(frozen=True)
class Section:
    """One subject of a report."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    note: SectionNote | None = None

    def runs(self) -> list[tuple[type[Block], list[Block]]]:
        """The blocks in their order, neighbours of one type together (figures stand in a row)."""
        return [(kind, list(blocks)) for kind, blocks in groupby(self.blocks, key=type)]

    def of(self, kind: type[Any]) -> list[Any]:
        """The blocks of one type."""
        return [block for block in self.blocks if isinstance(block, kind)]


@dataclass(frozen=True)
class Report:
    """A report for a period, ready for any renderer.

    Attributes:
        period: its short name in addresses and file names, ``2026Q2``; ``period_label`` is what people read.
        days: "1 April – 30 June 2026".
        comparison: what it is compared with, in words; empty when with nothing.
        limits: what it is narrowed to ("Only project x", "without staff"), empty when to nothing.
    """

    key: str
    title: str
    community: str
    period: str
    period_label: str
    days: str
    as_of: dt.date
    sections: tuple[Section, ...]
    comparison: str = ""
    limits: tuple[str, ...] = ()

    def blocks(self, kind: type[Any]) -> list[tuple[Section, Any]]:
        """All blocks of one type with their sections."""
        return [(section, block) for section in self.sections for block in section.of(kind)]

    def without_links(self) -> Report:
        """The same content with no way further: for who is not signed in."""
        return replace(self, sections=tuple(_without_links(section) for section in self.sections))


def _without_links(section: Section) -> Section:
    blocks: list[Block] = []
    for block in section.blocks:
        if isinstance(block, (Figure, Chart)):
            blocks.append(replace(block, rows_url=""))
        elif isinstance(block, PeopleList):
            blocks.append(replace(block, people=tuple(replace(person, url="") for person in block.people)))
        else:
            blocks.append(block)
    return replace(section, blocks=tuple(blocks))


def fraction_in_words(share: float) -> str:
    """A share as a finding says it: "two thirds", "half", "one in five", "nearly all"; else the percentage.

    A word is used when the share lies within two and a half percentage points of it.
    """
    words = (
        (1 / 4, _("a quarter")),
        (1 / 3, _("a third")),
        (1 / 2, _("half")),
        (2 / 3, _("two thirds")),
        (3 / 4, _("three quarters")),
    )
    near = [word for value, word in words if abs(share - value) <= 0.025]
    return near[0] if near else write_number(share, Unit.SHARE)


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


class ReportSection:
    """A section that an area contributes: declare a subclass with ``@report_sections.declare``.

    Attributes:
        key: unique among all sections, ``area.subject``; notes are kept under it.
        report: the report it belongs to.
        title: what pages that list sections call it.
        permission: who sees it; others get the report without it.
    """

    key: str
    report: str = "community"
    title: Any
    order: int = 100
    permission: str = "reports.view"

    def build(self, scope: Scope, user: User | None) -> Section | None:
        """The section for this scope, or ``None`` when there is nothing to say.

        ``user`` decides only which links are given; ``None`` reads without any (command line, shared link).
        """
        raise NotImplementedError


report_sections: Registry[ReportSection] = Registry("report section")


@dataclass(frozen=True)
class ReportKind:
    """A report that can be asked for by its key."""

    key: str
    title: Any
    description: Any
    permission: str = "reports.view"
    order: int = 0


reports: Registry[ReportKind] = Registry("report")


def sections_of(report: str) -> Iterable[ReportSection]:
    """The sections declared for a report, in their order."""
    return [section for section in report_sections if section.report == report]


def figure_of(measured: Measured, *, label: str = "", rows_link: bool = True) -> Figure:
    """A metric as a figure of a report, with its changes against the period before and a year before.

    ``rows_link`` is whether the reader may open the rows behind it.

    Raises:
        TypeError: the metric is a table of numbers, not one.
    """
    metric, period = measured.metric, measured.scope.period
    value, previous, year_before = (
        _number(v) for v in (measured.value, measured.previous, measured.year_before)
    )
    against = [(previous, period.previous_label)]
    if period.previous != period.year_before:
        against.append((year_before, _("a year before")))
    found = (
        change(value, other, against=name, unit=metric.unit, better=metric.better) for other, name in against
    )
    return Figure(
        key=metric.key,
        label=label or str(metric.label),
        value=value,
        unit=metric.unit,
        previous=previous,
        year_before=year_before,
        changes=tuple(each for each in found if each),
        definition=measured.definition,
        excludes=measured.excludes,
        rows=measured.rows,
        rows_url=measured.rows_url if rows_link else "",
        pending=measured.why_unknown,
    )


def _number(value: Any) -> Number | None:
    if value is not None and not isinstance(value, (int, float)):
        raise TypeError(f"a figure is one number, not {type(value).__name__}")
    return value
