"""Lengths as platforms count them: X's by twitter-text's rules (v3), Mastodon's, graphemes, bytes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.connectors import counting
from folkmoot.connectors.posts import Content, Mention, pieces

FAMILY = "👩\u200d👧\u200d👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
POEM = "海上生明月，天涯共此时。"  # twelve characters of Chinese, two of them punctuation

#: One for each of the 22 cases of twitter-text's conformance suite for v3, with texts of our own. The numbers follow
#: from the configuration: 100 of 100 for U+0000-10FF, 2000-200D, 2010-201F, 2032-2037; 200 for all else and for an
#: emoji as a whole; 2,300 for an address; counted after NFC.
WEIGHTED = [
    pytest.param("Read https://example.org", 5 + 23, id="text and an address"),
    pytest.param("https://example.org/", 23, id="an address alone"),
    pytest.param("moot " * 57, 285, id="longer than the limit"),
    pytest.param("See https://example.org/talks now " + "moot " * 50, 4 + 23 + 5 + 250, id="address within"),
    pytest.param("moot " * 50 + "https://example.org/talks ", 250 + 23 + 1, id="address at the end"),
    pytest.param("https://example.org/a/rather/long/path " * 10, 240, id="ten addresses"),
    pytest.param(POEM * 12, 288, id="Chinese counts two each"),
    pytest.param("🐙" * 150, 300, id="emoji count two each"),
    pytest.param("moo" + POEM * 12, 291, id="three letters and Chinese"),
    pytest.param("U\u0308ber", 4, id="a letter and its accent are composed first"),
    pytest.param("k\ufb2c", 1 + 3, id="a Hebrew letter that NFC takes apart"),
    pytest.param("moot " * 56 + "A\u030a", 281, id="composed just behind the limit"),
    pytest.param(f"A🐙☕{FAMILY}", 1 + 2 + 2 + 2, id="a joined family is one emoji"),
    pytest.param("🐙🧭🔭🧪🎉", 10, id="emoji outside the basic plane"),
    pytest.param("👋🏿👩\u200d🔬", 4, id="skin tones and joined professions"),
    pytest.param("\u2000\u200a\u200b\u200d‐–—“”„‟′″‷ . ", 17, id="general punctuation counts one"),
    pytest.param(
        "https://" + "long" * 40 + ".org and https://example.org",
        8 + 160 + 4 + 5 + 23,
        id="a label over 63 characters makes no address",
    ),
    pytest.param("x" * 64 + ".org", 68, id="64 characters in a label, without a scheme"),
    pytest.param("x" * 63 + ".org", 23, id="63 characters in a label"),
    pytest.param(f"🧣; 🧔🏽; {ENGLAND}", 10, id="emoji of Unicode 10: a flag of tags is one"),
    pytest.param("🤝; 🕺; 🕺🏾", 10, id="emoji of Unicode 9"),
    pytest.param("7\ufe0f\u20e3 and 7\u20e3", 2 + 5 + 2, id="keycaps"),
]


@pytest.mark.parametrize(("text", "length"), WEIGHTED)
def test_x_counts(text: str, length: int) -> None:
    assert counting.weighted(text) == length


def test_there_are_as_many_cases_as_in_the_suite() -> None:
    assert len(WEIGHTED) == 22


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("moot", 4),
        ("é", 1),
        ("e\u0301", 1),
        (FAMILY, 1),
        (ENGLAND, 1),
        ("🇩🇪🇫🇷", 2),
        ("क्षि", 1),
        ("\r\n", 1),
        ("한국어", 3),
        ("\u1112\u1161\u11ab", 1),
    ],
)
def test_graphemes(text: str, length: int) -> None:
    assert counting.graphemes(text) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("See https://example.org/a/very/long/address/indeed?of=course", 4 + 23),
        ("http://a.org", 23),
        ("(https://example.org/x_(y)), then.", 1 + 23 + 8),
        # Mastodon makes links only of what has a scheme, and a known top-level domain.
        ("example.org", 11),
        ("http://localhost:8000/", 22),
        ("Thanks @ada@example.social!", 12),
        ("@ada.b-c@example.social", 8),
        ("@ada@example.social.", 5),
        ("@ada", 4),
        ("ada@example.org", 15),
        ("https://example.social/@ada@example.org", 23),
        (f"{FAMILY} @ada@example.social https://example.org", 1 + 1 + 4 + 1 + 23),
    ],
)
def test_mastodon_counts(text: str, length: int) -> None:
    assert counting.mastodon(text) == length


def test_a_server_may_reserve_another_length_and_the_warning_counts() -> None:
    assert counting.mastodon("https://example.org", url=40) == 40
    assert counting.mastodon("moot", warning="Food https://example.org") == 4 + 24


@given(st.text())
def test_bytes_are_those_of_utf8(text: str) -> None:
    assert counting.octets(text) == len(text.encode("utf-8"))


def test_half_a_pair_is_counted_too() -> None:
    assert counting.octets("a\ud83d") == 4


CLUSTERS = st.sampled_from(
    ["a", "é", "e\u0301", FAMILY, ENGLAND, "🇩🇪", "한", "क्षि", "👋🏿", "7\ufe0f\u20e3", " ", "\n"]
)


@given(st.lists(CLUSTERS))
def test_graphemes_add_up(clusters: list[str]) -> None:
    text = "|".join(clusters)  # what stands between keeps a flag's neighbours apart
    assert counting.graphemes(text) == len(clusters) + max(0, len(clusters) - 1)


@given(st.text(), st.integers(0, 30))
def test_a_cut_is_the_longest_beginning_that_fits(text: str, most: int) -> None:
    found = counting.cut(text, most)
    assert text.startswith(found)
    assert counting.graphemes(found) == min(most, counting.graphemes(text))


@given(st.text())
def test_graphemes_are_between_none_and_every_code_point(text: str) -> None:
    assert (counting.graphemes(text) > 0) == bool(text)
    assert counting.graphemes(text) <= len(text)


WORDS = st.lists(
    st.sampled_from(
        ["moot", "https://example.org/a/b", "@ada@example.social", "#öffentlich", "🎉", FAMILY, "é,", "語"]
    ),
    max_size=12,
)


@given(WORDS)
def test_counting_for_mastodon_adds_up(words: list[str]) -> None:
    each = {"https://example.org/a/b": 23, "@ada@example.social": 4}
    expected = sum(each.get(word, counting.graphemes(word)) for word in words) + max(0, len(words) - 1)
    assert counting.mastodon(" ".join(words)) == expected


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x10FF, categories=["L", "N", "Zs"])))
def test_plain_letters_count_one_each_on_x(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert counting.weighted(text) == len(composed)


@given(st.lists(st.text(), max_size=8))
def test_spans_cut_the_bytes_as_the_pieces_cut_the_text(texts: list[str]) -> None:
    content = "".join(texts).encode()
    spans = list(counting.byte_spans(texts))
    assert [content[start:end].decode() for start, end in spans] == texts
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert (spans[-1][1] if spans else 0) == len(content)


@given(WORDS, st.text())
def test_offsets_of_links_mentions_and_tags(words: list[str], tail: str) -> None:
    text = " ".join((*words, tail))
    found = pieces(Content(text, mentions=(Mention("@ada@example.social", "ada@example.social"),)))
    content = text.encode()
    for segment, (start, end) in zip(found, counting.byte_spans(each.text for each in found), strict=True):
        assert content[start:end].decode() == segment.text
    marked = {each.text for each in found if each.kind != "text"}
    assert {"https://example.org/a/b", "@ada@example.social", "#öffentlich"} & set(words[:-1]) <= marked
