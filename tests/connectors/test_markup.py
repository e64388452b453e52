"""One text in the markups of platforms."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.connectors.markup import markdown, mrkdwn, plain, segments, whole
from folkmoot.connectors.posts import Content, Mention


@pytest.mark.parametrize(
    ("text", "slack", "bare"),
    [
        ("Just words", "Just words", "Just words"),
        ("**Hi** *you*, ~~not~~ `a < b`", "*Hi* _you_, ~not~ `a &lt; b`", "Hi you, not a < b"),
        ("Q&A: 1 < 2 > 0", "Q&amp;A: 1 &lt; 2 &gt; 0", "Q&A: 1 < 2 > 0"),
        (
            "See [our *page*](https://x.org/a?b=1&c=2).",
            "See <https://x.org/a?b=1&amp;c=2|our _page_>.",
            "See our page (https://x.org/a?b=1&c=2).",
        ),
        ("[https://x.org](https://x.org)", "<https://x.org>", "https://x.org"),
        ("[a|b](https://x.org/a|b)", "<https://x.org/a%7Cb|a|b>", "a|b (https://x.org/a|b)"),
        (
            "https://x.org/a_b_c*d*e, and more",
            "<https://x.org/a_b_c*d*e>, and more",
            "https://x.org/a_b_c*d*e, and more",
        ),
        ("(https://x.org)", "(<https://x.org>)", "(https://x.org)"),
        ("2 * 3 * 4, snake_case_name", "2 * 3 * 4, snake_case_name", "2 * 3 * 4, snake_case_name"),
        ("#OpenScience first", "#OpenScience first", "#OpenScience first"),
        ("# A heading\n\nText", "*A heading*\n\nText", "A heading\n\nText"),
        ("One\ntwo\n\n\nthree", "One\ntwo\n\nthree", "One\ntwo\n\nthree"),
        ("- one\n- **two**\n  more\n", "• one\n• *two*\n  more", "- one\n- two\n  more"),
        ("3. c\n4. d", "3. c\n4. d", "3. c\n4. d"),
        ("> said\n> she", "> said\n> she", "> said\n> she"),
        ("```py\na < b\n```", "```\na &lt; b\n```", "a < b"),
        ("a\n\n***\n\nb", "a\n\n———\n\nb", "a\n\n———\n\nb"),
        ("![A tent](https://x.org/t.png)", "<https://x.org/t.png|A tent>", "A tent (https://x.org/t.png)"),
        ("Thanks <@U012AB3CD>!", "Thanks <@U012AB3CD>!", "Thanks <@U012AB3CD>!"),
        (
            "<!channel> <@u1> <b>x</b>",
            "&lt;!channel&gt; &lt;@u1&gt; &lt;b&gt;x&lt;/b&gt;",
            "<!channel> <@u1> <b>x</b>",
        ),
        ("[all](!here) [you](@U012AB3CD)", "all (!here) you (@U012AB3CD)", "all (!here) you (@U012AB3CD)"),
        ("", "", ""),
    ],
)
def test_slack_and_plain(text: str, slack: str, bare: str) -> None:
    assert (mrkdwn(text), plain(text)) == (slack, bare)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Hi** `<b>` <b>x</b>", "**Hi** `<b>` \\<b>x\\</b>"),
        ("1 < 2, List<int>", "1 < 2, List\\<int>"),
        ("```\n<i>\n```\n<i>", "```\n<i>\n```\n\\<i>"),
        ("<div>\nblock <i>b</i>\n</div>\n\nafter", "\\<div>\nblock \\<i>b\\</i>\n\\</div>\n\nafter"),
        ("<!-- hidden --> shown", "\\<!-- hidden --> shown"),
        ("<https://x.org> stays", "<https://x.org> stays"),
        ("    <code>\n\n<script>x</script>", "    <code>\n\n\\<script>x\\</script>"),
    ],
)
def test_html_is_text_for_discourse_and_github(text: str, expected: str) -> None:
    assert markdown(text) == expected


@given(st.text())
def test_nothing_in_angle_brackets_reaches_slack_but_links_and_mentions(text: str) -> None:
    left = re.sub(r"<(?:[a-z][a-z0-9+.-]*:[^<>]*|@[UW][A-Z0-9]+|[^<>]*\|[^<>]*|[^<>\s]*)>", "", mrkdwn(text))
    assert "<" not in left
    assert "<!" not in mrkdwn(text)


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    plain(text)
    assert markdown(text).replace("\\<", "<").count("<") >= text.count("<")


def test_a_preview_shows_what_readers_see() -> None:
    content = Content(
        "**Hi** [the *notes* **x**](https://x.org/n) <@U012AB3CD> #tag\n\n- one **two [l](https://z.org)**",
        link="https://page.org",
        mentions=(Mention("<@U012AB3CD>", handle="ada"),),
    )
    assert [(one.kind, one.text, one.url) for one in segments(content)] == [
        ("strong", "Hi", ""),
        ("text", " ", ""),
        ("link", "the notes x", "https://x.org/n"),
        ("text", " ", ""),
        ("mention", "@ada", ""),
        ("text", " ", ""),
        ("text", "#tag", ""),
        ("text", "\n\n• one ", ""),
        ("strong", "two l", ""),
        ("text", "\n\n", ""),
        ("link", "https://page.org", "https://page.org"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "`\ue002x\ue003javascript:alert(1)\ue004`",
        "&#xE002;x&#xE003;javascript:alert(1)&#xE004;",
        "[a](https://a&#xE004;&#xE002;x&#xE003;javascript:alert(1)&#xE004;)",
        "[a](javascript:alert(1)) [b](//evil.example) [c](data:text/html,x)",
    ],
)
def test_no_preview_leads_where_no_link_does(text: str) -> None:
    assert all(one.url.startswith("https://a") for one in segments(Content(text)) if one.url)


@given(st.text())
def test_a_preview_has_no_signs(text: str) -> None:
    shown = "".join(one.text for one in segments(Content(text)))
    assert not re.search("[\ue000-\ue004]", shown)


def test_the_page_stands_beneath_once() -> None:
    assert whole(Content("Read this", link="https://x.org/a")) == "Read this\n\nhttps://x.org/a"
    assert whole(Content("Read https://x.org/a", link="https://x.org/a")) == "Read https://x.org/a"
    assert whole(Content("", link="https://x.org/a")) == "https://x.org/a"
    assert whole(Content("Read this")) == "Read this"
