"""A made-up report with everything that can go wrong in it: names in many scripts, and texts that look like code."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from folkmoot.kernel.charts import BOTS, STAFF, VOLUNTEERS
from folkmoot.kernel.reporting import (
    Better,
    Chart,
    Column,
    Figure,
    PeopleList,
    PersonLine,
    Report,
    Section,
    SectionNote,
    Table,
    Text,
    Unit,
    change,
)

NAMES = (
    "Zoë Müller-Ångström",
    "Łucja Święcicka",
    "Иван Петров",
    "Ελένη Νικολάου",
    "王小明",
    "臺灣龍",
    "田中さくら",
    "김민수",
    "محمد علي",
    "דוד לוי",
    "अनिल कुमार",
    "Nguyễn Thị Hằng",
    "Party 🎉 Person",
    "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley the Younger of Somewhere",
)
TRAPS = (
    "#let x = 1",
    "*bold* _it_ `code`",
    "<script>alert(1)</script>",
    "=cmd()|'/c calc'!A0",
    "$x^2$",
    "@someone",
    "\"double\" and 'single'",
    "| pipe | and \\backslash\\",
    "// comment /* more */",
    "[link](javascript:alert(1))",
    "+1",
    "1. first",
    '#include "/etc/passwd"',
)
NOTE = """July's rise is **one drive**; see [the plan](https://example.org/plan?a=1&b=2).

* first, with <b>HTML</b>
* second: #read("/etc/passwd")

[bad](javascript:alert(1)) ![a picture](https://example.org/x.png) $y$ 王小明"""


def figure(
    key: str, label: str, value: float | None, previous: float | None, year: float | None, **more
) -> Figure:
    unit, better = more.get("unit", Unit.COUNT), more.pop("better", Better.UP)
    changes = (
        change(value, previous, against="last quarter", unit=unit, better=better),
        change(value, year, against="a year before", unit=unit, better=better),
    )
    return Figure(
        key, label, value, previous=previous, year_before=year, changes=tuple(c for c in changes if c), **more
    )


def months_chart(months: list[tuple[str, int, int, int]]) -> Chart:
    values = [
        {"month": month, "who": who, "items": number, "order": place}
        for month, *numbers in months
        for place, (who, number) in enumerate(zip(("volunteers", "staff", "bots"), numbers, strict=True))
    ]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json",
        "data": {"values": values},
        "mark": "bar",
        "width": 640,
        "height": 200,
        "encoding": {
            "x": {"field": "month", "type": "ordinal", "title": None},
            "y": {"field": "items", "type": "quantitative", "title": "items"},
            "color": {
                "field": "who",
                "scale": {"domain": ["volunteers", "staff", "bots"], "range": [VOLUNTEERS, STAFF, BOTS]},
            },
        },
    }
    columns = (
        Column("Month"),
        Column("Volunteers", Unit.COUNT),
        Column("Staff", Unit.COUNT),
        Column("Bots", Unit.COUNT),
    )
    return Chart(
        key="items_by_month",
        title="Volunteers opened two thirds of the items",
        subtitle="Items opened by month",
        spec=spec,
        table=Table("items_by_month", "Items by month", columns, tuple(months)),
        description="Stacked bars, one for each month.",
        definition="Items opened in each month by who opened them.",
        rows=1043,
        rows_url="/activity/?kind=item.opened",
    )


def report(*, people: tuple[str, ...] = NAMES + TRAPS, empty: bool = False) -> Report:
    """A whole report; with ``empty`` a quarter in which nothing happened."""
    value = (lambda number: None if number is None else 0) if empty else (lambda number: number)
    months = [(f"2026-{m:02}", value(20 + m), value(9), value(3)) for m in range(1, 10)]
    figures = (
        figure(
            "active_people",
            "people took part",
            value(1058),
            None if empty else 1052,
            None if empty else 1047,
            definition="People with an item in the period",
            excludes="bots",
            rows=value(1043),
            rows_url="/activity/?metric=active_people",
        ),
        figure("first_timers", "for the first time", value(21), 30, 12, definition="Whose first item ever."),
        figure(
            "absence",
            "people make half of it",
            None if empty else 4,
            4,
            2,
            better=Better.NEITHER,
            definition="The smallest number of people whose items make at least half.",
        ),
        figure(
            "review_days",
            "in review before first reviews, with a label that is rather longer than labels are",
            None if empty else 38,
            21,
            None,
            unit=Unit.DAYS,
            better=Better.DOWN,
        ),
        figure("retention", "of last quarter's people came again", 0.614, 0.58, 0.614, unit=Unit.SHARE),
        Figure(
            "conversion_rate", "of newcomers stayed", None, Unit.SHARE, pending="known from 27 September 2027"
        ),
    )
    lines = tuple(PersonLine(name, f"reason of {name}", "AB", "/people/1/") for name in people)
    return Report(
        key="community",
        title="Community report",
        community='Tidewater "Commons" & <Friends>',
        period="2026Q3",
        period_label="third quarter 2026",
        days="1 July – 30 September 2026",
        as_of=dt.date(2026, 11, 20),
        comparison="compared with the second quarter and with a year before",
        sections=(
            Section(
                "ledger.community",
                "People & items",
                (*figures, months_chart([] if empty else months)),
                SectionNote(NOTE, "Ina #Muster", dt.datetime(2026, 10, 3, tzinfo=dt.UTC)),
            ),
            Section(
                "ledger.thanks",
                "To thank",
                (
                    PeopleList(
                        "thanks", "To thank", () if empty else lines, "Who did most.", "Nobody this time."
                    ),
                    Text("A plain #text with <b>signs</b>."),
                ),
            ),
        ),
    )


def without_comparison() -> Report:
    """A period that nothing stands before."""
    made = report()
    first = made.sections[0]
    bare = tuple(
        replace(block, previous=None, year_before=None, changes=()) if isinstance(block, Figure) else block
        for block in first.blocks
    )
    return replace(made, comparison="", sections=(replace(first, blocks=bare, note=None), *made.sections[1:]))
