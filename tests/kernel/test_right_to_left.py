"""A language that runs from right to left needs no stylesheet of its own: ours name no side of the window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import translation

from folkmoot.kernel.accounts.models import User
from tests.conftest import signed_in

SOURCE = Path(__file__).parents[2] / "src" / "folkmoot"
#: Properties and values that name a side. ``inset``, ``margin-inline-start`` and ``text-align: start`` do not.
SIDES = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)\b|border-(?:top|bottom)-(?:left|right)-radius"
    r"|(?:left|right)\s*:|(?:float|clear|text-align|justify-\w+|caption-side)\s*:\s*(?:left|right)\b"
    r"|(?:margin|padding|inset)\s*:\s*(?P<four>[^;{}]*))"
)
#: Bootstrap's names are of sides that turn (``ms-2``, ``text-end``); older ones stay where they are.
FIXED_CLASS = re.compile(r"\b(?:float|text)-(?:left|right)\b|\b[mp][lr]-(?:\d|auto)\b")


def sided(css: str) -> list[str]:
    """Declarations that would stand on the wrong side when the page is turned."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = []
    for match in SIDES.finditer(css):
        four = match.group("four")
        if four is not None:
            values = re.findall(
                r"(?:[^\s()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+", four.replace("!important", "")
            )
            if len(values) < 4 or values[1] == values[3]:
                continue
        found.append(match.group().strip())
    return found


@pytest.mark.parametrize(
    ("css", "wrong"),
    [
        ("a { margin-left: 2px; }", ["margin-left"]),
        ("a { left : 2px; text-align: right; float: left }", ["left :", "text-align: right", "float: left"]),
        ("a { margin: 1px 2px 3px 4px }", ["margin: 1px 2px 3px 4px"]),
        ("a { margin: 0 calc(1px + (2px * 2)) 3px calc(1px + (2px * 2)); padding: 1px 2px; }", []),
        ("a { margin-inline-start: 1px; inset-inline: 0 auto; text-align: end; border-inline-end: 0 }", []),
        ("/* left: 1px */ .bi-arrow-left { scroll-left: 0 }", []),
    ],
)
def test_sides_are_found(css: str, wrong: list[str]) -> None:
    assert sided(css) == wrong


def test_no_stylesheet_names_a_side() -> None:
    sheets = [path for path in sorted(SOURCE.rglob("static/**/*.css")) if "vendor" not in path.parts]
    assert len(sheets) > 3
    assert {path.name: found for path in sheets if (found := sided(path.read_text("utf-8")))} == {}


def test_no_template_names_a_side() -> None:
    found = {
        path.name: names
        for path in sorted(SOURCE.rglob("templates/**/*.html"))
        if (names := FIXED_CLASS.findall(path.read_text("utf-8")))
    }
    assert found == {}


def test_the_page_turns_with_its_language(alice: User, settings: LazySettings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]
    client: Client = signed_in(alice)
    sheets = {}
    for language in ("en", "ar"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = client.get("/help/").content.decode()
        tag = re.search(r"<html[^>]*>", page)
        assert tag is not None
        sheets[language] = re.findall(r'(?:lang|dir)="(\w+)"', tag.group()) + re.findall(
            r"bootstrap(?:\.rtl)?\.min\.css", page
        )
    assert sheets == {"en": ["en", "ltr", "bootstrap.min.css"], "ar": ["ar", "rtl", "bootstrap.rtl.min.css"]}


def test_a_page_without_the_frame_turns_as_well(as_nobody: Client) -> None:
    from django.template.loader import render_to_string

    with translation.override("ar"):
        page = render_to_string("500.html")
    assert '<html lang="ar" dir="rtl"' in page
    assert "bootstrap.rtl.min.css" in page
