"""Charts as pictures: offline, in one theme, their text text."""

from __future__ import annotations

import pytest

from folkmoot.kernel import charts

SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"who": "<b>王</b>", "number": 3}, {"who": "b", "number": 5}]},
    "mark": "bar",
    "width": 300,
    "height": 100,
    "encoding": {"x": {"field": "who", "type": "nominal"}, "y": {"field": "number", "type": "quantitative"}},
}


def test_a_picture_obeys_the_content_policy_and_escapes_its_data() -> None:
    picture = charts.svg(SPEC)
    assert picture.startswith("<svg")
    assert "style=" not in picture
    assert "<script" not in picture
    assert "&lt;b&gt;王&lt;/b&gt;" in picture
    assert "<b>" not in picture
    assert "Noto Sans" in picture


def test_drawing_reaches_no_network() -> None:
    with pytest.raises(ValueError, match="not allowed"):
        charts.svg({**SPEC, "data": {"url": "http://127.0.0.1:9/data.json"}})


def test_the_theme_leaves_the_specification_alone() -> None:
    before = repr(SPEC)
    assert charts.themed(SPEC)["config"] == charts.theme()
    assert charts.fluid(SPEC)["width"] == "container"
    assert repr(SPEC) == before
