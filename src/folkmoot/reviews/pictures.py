"""The charts of reviews, as Altair specifications without a theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from folkmoot.kernel import charts

Values = list[dict[str, Any]]


def side_by_side(values: Values, *, names: Sequence[str], order: list[str], unit: str) -> charts.Spec:
    """Two bars for each ``when``, told apart by ``what``; their ``number`` from zero."""
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            x=alt.X("when:N", sort=order, title=None, axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("what:N", sort=list(names)),
            y=_number(unit),
            color=_colours(names, [charts.VOLUNTEERS, charts.NEW]),
        )
        .properties(width=charts.WIDTH, height=charts.HEIGHT)
    )
    return charts.spec_of(chart)


def lying(values: Values, *, names: Sequence[str], order: list[str], unit: str) -> charts.Spec:
    """A lying bar for each ``where``, made of ``what`` in the order of ``place``."""
    import altair as alt

    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            y=alt.Y("where:N", sort=order, title=None, axis=alt.Axis(labelLimit=220)),
            x=alt.X("number:Q", title=unit, axis=alt.Axis(format="d", tickMinStep=1, tickCount=5, grid=True)),
            color=_colours(names, [charts.VOLUNTEERS, charts.STAFF]),
            order=alt.Order("place:Q"),
        )
        .properties(width=charts.WIDTH, height=max(60, 28 * len(order)))
    )
    return charts.spec_of(chart)


def spans(values: Values, *, order: list[str], unit: str) -> charts.Spec:
    """For each ``when`` a bar from ``low`` to ``high`` and a dot with its number at ``middle``."""
    import altair as alt

    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("when:N", sort=order, title=None, axis=alt.Axis(labelAngle=0))
    )
    bar = base.mark_bar(color=charts.VOLUNTEERS, opacity=0.35, size=18).encode(
        y=alt.Y("low:Q", title=unit, scale=alt.Scale(zero=True)), y2="high:Q"
    )
    dot = base.mark_point(filled=True, size=60, color=charts.VOLUNTEERS, opacity=1).encode(y="middle:Q")
    told = base.mark_text(dx=12, align="left", baseline="middle").encode(
        y="middle:Q", text=alt.Text("middle:Q", format=".0f")
    )
    return charts.spec_of(alt.layer(bar, dot, told).properties(width=charts.WIDTH, height=charts.HEIGHT))


def _number(unit: str) -> Any:
    import altair as alt

    return alt.Y("number:Q", title=unit, axis=alt.Axis(format="d", tickMinStep=1, tickCount=5))


def _colours(names: Sequence[str], colours: Sequence[str]) -> Any:
    import altair as alt

    return alt.Color(
        "what:N",
        scale=alt.Scale(domain=list(names), range=list(colours)),
        legend=alt.Legend(orient="top", title=None),
    )
