"""Selects are written as Django's own templates write them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

ODD = [
    ("", "---"),
    (1, 1_234_567),
    ("<b>", 'Tom & "Jerry"'),
    (mark_safe("a&amp;b"), mark_safe("<i>x</i>")),
    (dt.date(2026, 5, 4), dt.date(2026, 5, 4)),
    ("lazy", gettext_lazy("Save")),
    ("Group & <more>", [("2", "Two"), (None, 2.5)]),
]
ATTRS: dict[str, Any] = {
    "class": "wide",
    "data-x": '"&<',
    "required": True,
    "disabled": False,
    "size": 3,
    "data-none": None,
}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("value", ["<b>", 1, ["2", "lazy"], None])
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple])
def test_a_select_says_what_django_s_says(kind: type[forms.Select], value: Any, language: str) -> None:
    from django.utils import translation

    from folkmoot.kernel.ui.forms import Renderer

    def written(renderer: Any) -> str:
        html = kind(attrs=ATTRS, choices=ODD).render("na<me", value, renderer=renderer)
        return re.sub(r">\s+<", "><", html.strip())

    class Plain(Renderer):
        """With the classes, but through the templates."""

        def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
            self._dress(context["widget"])
            return str(TemplatesSetting.render(self, template_name, context, request))

    with translation.override(language):
        assert written(Renderer()) == written(Plain())
        assert "Tom &amp; &quot;Jerry&quot;" in written(Renderer())


@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.RadioSelect])
def test_an_empty_choice_without_words_gets_some(widget: type[forms.ChoiceWidget]) -> None:
    """Django's dashes say nothing; what a form says of its own accord stays."""
    from folkmoot.kernel.ui.forms import Renderer

    def said(choices: list[tuple[str, str]], is_required: bool) -> list[str]:
        made = widget(choices=choices)
        made.is_required = is_required
        html = made.render("kind", None, renderer=Renderer(), attrs={"id": "kind"})
        return re.findall(r">\s*([^<>\s][^<>]*?)\s*<", html)

    dashes = [*BLANK_CHOICE_DASH, ("a", "Apples")]
    assert said(dashes, is_required=False) == ["Not chosen", "Apples"]
    assert said(dashes, is_required=True) == ["Choose one", "Apples"]
    assert said([("", "any"), ("a", "---------")], is_required=True) == ["any", "---------"]
