"""Front matter: taken apart and put together letter by letter, one value changed and nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.kernel import front
from folkmoot.kernel.front import FrontProblem, read, values, with_values

HUGO = """---
title: 'Tools: a new
  start'
date: '2026-05-29'   # as planned
tags: [a, b]

# who
author: Ada Lovelace
image:
  src: a.png
  alt: A picture
---

Text: with a colon
---
and a line of dashes.
"""


@given(st.text(alphabet="-+a: \n\r\t\ufeff#é", max_size=80))
def test_together_the_pieces_are_the_file(text: str) -> None:
    assert read(text).text == text


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["title", "date", "author", "new"]), st.text(max_size=40)))
def test_what_is_set_is_read_and_the_rest_stays(changes: dict[str, str]) -> None:
    before = read(HUGO)
    after = with_values(before, dict(changes))
    assert {name: str(values(after)[name]) for name in changes} == changes
    assert after.body == before.body
    others = {name: value for name, value in values(before).items() if name not in changes}
    assert {name: value for name, value in values(after).items() if name not in changes} == others


def test_one_value_changes_its_own_lines_only() -> None:
    after = with_values(read(HUGO), {"title": "Short"})
    assert after.text == HUGO.replace("title: 'Tools: a new\n  start'\n", "title: Short\n")
    assert with_values(after, {"image": None}).front.endswith("author: Ada Lovelace\n")


def test_rows_of_a_list_that_is_not_set_in_are_part_of_its_value() -> None:
    text = "---\ntalks:\n- title: One\n  room: Hall\n- title: Two\ndraft: true\n---\n"
    changed = with_values(read(text), {"talks": [{"title": "Three"}]}).text
    assert changed == "---\ntalks:\n- title: Three\ndraft: true\n---\n"


def test_the_same_value_changes_nothing() -> None:
    same = {"title": "Tools: a new start", "date": dt.date(2026, 5, 29), "tags": ["a", "b"]}
    assert with_values(read(HUGO), same).text == HUGO


def test_windows_lines_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + HUGO.replace("\n", "\r\n")
    after = with_values(read(text), {"author": "Grace Hopper"})
    assert after.text == text.replace("author: Ada Lovelace", "author: Grace Hopper")


def test_a_file_without_front_matter_gets_one() -> None:
    assert with_values(read("# Hello\n"), {"title": "Hello"}).text == "---\ntitle: Hello\n---\n# Hello\n"
    assert read("---\nno end\n").body == "---\nno end\n"


def test_toml_is_read_and_kept() -> None:
    document = read('+++\ntitle = "A"\n+++\ntext')
    assert values(document) == {"title": "A"}
    assert with_values(document, {"title": "A"}) == document
    with pytest.raises(FrontProblem):
        with_values(document, {"title": "B"})


@pytest.mark.parametrize(
    ("text", "line"), [("---\na: b\nc: [1\n---\n", 4), ("---\n- a\n---\n", 2), ("---\na: b: c\n---\n", 2)]
)
def test_what_cannot_be_read_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FrontProblem) as raised:
        values(read(text))
    assert raised.value.line == line


def test_days_and_names() -> None:
    assert front.day_of("2026-05-29T10:00:00Z") == dt.date(2026, 5, 29)
    assert front.day_of("soon") is None
    assert front.names_of(["Ada, Grace", {"name": "Alan"}]) == ["Ada", "Grace", "Alan"]


@pytest.mark.parametrize("folder", ["pyopensci/blog", "pybamm/news"])
def test_every_real_article_is_read_and_stays_as_it_is(folder: str, real_data: Path) -> None:
    files = sorted((real_data / folder).glob("[0-9]*.md"))
    assert files
    for file in files:
        text = file.read_bytes().decode()
        document = read(text)
        assert document.text == text
        said = values(document)
        assert said["title"]
        assert front.day_of(said["date"]) is not None
        assert with_values(document, dict(said)).text == text, file.name
