"""Charts: one theme, one set of colours, and the way from a specification to a picture.

A chart is an Altair specification (a plain dict). Pages draw it in the browser, documents and mails take its SVG;
both get their looks here. Colours: Okabe and Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from folkmoot.kernel import fonts

Spec = dict[str, Any]

VOLUNTEERS = "#0072B2"
STAFF = "#E69F00"
BOTS = "#999999"
NEW = "#009E73"
RETURNING = "#0072B2"
OTHER = "#CC79A7"
INK, MUTED, LINE = "#1f2933", "#667085", "#e4e7ec"

#: Width and height of a chart in a document, in pixels; a page stretches the width to its column.
WIDTH, HEIGHT = 640, 220


def theme(*, ink: str = INK, muted: str = MUTED, line: str = LINE) -> Spec:
    """Vega-Lite's ``config`` for all charts: quiet axes, no frame, no background, one font."""
    font = f"{fonts.FAMILY}, system-ui, sans-serif"
    return {
        "background": None,
        "font": font,
        "view": {"stroke": None},
        "axis": {
            "labelColor": muted,
            "titleColor": muted,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "domainColor": line,
            "tickColor": line,
            "gridColor": line,
            "labelLimit": 200,
        },
        "axisX": {"grid": False, "labelAngle": 0},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
        "legend": {
            "orient": "top",
            "title": None,
            "labelColor": ink,
            "labelFontSize": 12,
            "symbolType": "square",
            "offset": 8,
            "padding": 0,
        },
        "text": {"color": ink, "fontSize": 12},
        "range": {"category": [VOLUNTEERS, STAFF, BOTS, NEW, OTHER]},
    }


def spec_of(chart: Any) -> Spec:
    """The specification of an Altair chart, with its data inside and without a theme."""
    spec: Spec = chart.to_dict()
    spec.pop("config", None)
    return spec


def fluid(spec: Mapping[str, Any]) -> Spec:
    """A copy of a specification that takes the width of what it stands in, for a page."""
    return {
        **copy.deepcopy(dict(spec)),
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def themed(spec: Mapping[str, Any], *, config: Spec | None = None) -> Spec:
    """A copy of a specification with a theme: the light one unless another is given."""
    return {**copy.deepcopy(dict(spec)), "config": config or theme()}


def svg(spec: Mapping[str, Any]) -> str:
    """The chart as an SVG picture with the light theme; its text stays text.

    Raises:
        ValueError: the specification is none that Vega-Lite understands.
    """
    return _svg(json.dumps(themed(spec), sort_keys=True, default=str))


@lru_cache(maxsize=64)
def _svg(spec: str) -> str:
    import altair as alt
    import vl_convert

    _register_fonts()
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    # No base address is allowed: a chart's data are inside it, so drawing never reaches the network.
    picture: str = vl_convert.vegalite_to_svg(spec, vl_version=version, allowed_base_urls=[])
    return picture


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    """So that the widths of labels are reckoned with the font that shows them."""
    import vl_convert

    for folder in fonts.folders()[:1]:
        vl_convert.register_font_directory(str(folder))
