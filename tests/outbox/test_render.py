"""Texts with gaps: nothing is left out in silence, and a record brings no markup."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.outbox.render import check, plain, render, to_html
from tests.outbox.conftest import KIND


def test_a_text_with_everything() -> None:
    rendered = render(
        KIND,
        "For {{ person }}",
        "Dear {{person}},\n\n- see [this]({{ link }})\n- or {{ link }}\n\n1. **one**\n2. two\n\n> said",
        {"person": "Ana", "link": "https://example.org/a_b_c?x=1&y=2"},
    )
    assert rendered.subject == "For Ana"
    assert rendered.text == (
        "Dear Ana,\n\n- see this (https://example.org/a_b_c?x=1&y=2)\n- or https://example.org/a_b_c?x=1&y=2\n\n"
        "1. one\n2. two\n\nsaid\n"
    )
    assert (
        '<a href="https://example.org/a_b_c?x=1&amp;y=2" rel="noopener noreferrer">this</a>' in rendered.html
    )
    assert "<li><strong>one</strong></li>" in rendered.html


@pytest.mark.parametrize(
    ("subject", "body", "field", "said"),
    [
        ("{{ nobody }}", "x", "subject", "There is no variable nobody. There are: link, person."),
        ("x", "{{ a }} {{ b }}", "body", "There are no variables a, b. There are: link, person."),
        ("x", "{{ person", "body", "A variable is written with two braces on either side: {{ name }}."),
        ("x", "{{ }}", "body", "There is no variable “”. There are: link, person."),
    ],
)
def test_a_text_that_names_what_there_is_not(subject: str, body: str, field: str, said: str) -> None:
    with pytest.raises(ValidationError) as problem:
        check(KIND, subject, body)
    assert problem.value.message_dict == {field: [said]}


def test_what_is_not_known_is_no_hole() -> None:
    with pytest.raises(ValidationError, match="the text needs it: Whom it is for"):
        render(KIND, "x", "Dear {{ person }}", {"person": "  "})
    assert render(KIND, "x", "Dear {{ person|friend }}", {}).text == "Dear friend\n"
    with pytest.raises(ValidationError, match="is no address of the web"):
        render(KIND, "x", "{{ link }}", {"link": "javascript:alert(1)"})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_a_value_stands_there_as_it_is(value: str) -> None:
    from folkmoot.kernel.text import clean

    if not clean(value) or "{" in value or "}" in value:
        return
    rendered = render(KIND, "x", "A {{ person }} B", {"person": value})
    assert rendered.text == f"A {clean(value)} B\n"
    assert "<a" not in rendered.html
    assert "<em" not in rendered.html


def test_markup_that_a_mail_may_not_hold_is_gone() -> None:
    html = to_html("<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![p](https://e.org/p.png)")
    assert "<script" not in html
    assert "javascript:" not in html.replace("[x](javascript", "")
    assert "<img" not in html
    assert plain("# Title\n\ntext  \nnext\n\n    code") == "Title\n\ntext\nnext\n\n    code\n"
