"""Whether a post that was read back is the one that was sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.connectors.likeness import Likeness, likeness, normalised, plain
from tests.platforms.mastodon_server import html_of

LONG = "The council met in Lyon and agreed on how packages are looked after when nobody answers for a year."


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("A moot", "A moot", Likeness.SAME),
        ("A  moot\nin Lyon", "A moot in Lyon", Likeness.SAME),
        ("“A moot” – in Lyon…", '"A moot" - in Lyon...', Likeness.SAME),
        ("Thanks @ada@example.social", "Thanks @ada", Likeness.SAME),
        ("See https://example.org/a/", "See http://example.org/a", Likeness.SAME),
        ("Caf\u00e9 ☀\ufe0f", "Cafe\u0301 ☀", Likeness.SAME),
        (LONG, LONG.replace("looked after", "looked  afterr"), Likeness.ALIKE),
        (LONG, LONG.replace("agreed", "Agreed"), Likeness.ALIKE),
        (LONG, LONG.replace("Lyon", "Lille"), Likeness.ALIKE),
        (f"{LONG} 24.1", f"{LONG} 24.2", Likeness.ALIKE),
        (f"{LONG} 2 4", f"{LONG} 24", Likeness.ALIKE),
        (f"{LONG} 10²", f"{LONG} 102", Likeness.ALIKE),
        (f"{LONG} #moot", f"{LONG} #mood", Likeness.ALIKE),
        (f"{LONG} @ana", f"{LONG} @ada", Likeness.ALIKE),
        (f"{LONG} https://example.org/a", f"{LONG} https://example.org/b", Likeness.ALIKE),
        (LONG + "海上生明月", LONG + "海上生明日", Likeness.ALIKE),
        ("A moot", "Another thing", Likeness.OTHER),
        ("A moot", "", Likeness.OTHER),
        ("", "\u200b ", Likeness.ALIKE),
    ],
)
def test_only_the_very_same_content_is_the_same(ours: str, theirs: str, found: Likeness) -> None:
    assert likeness(ours, theirs) is found
    assert likeness(theirs, ours) is found


def test_html_is_read_as_people_see_it() -> None:
    text = "Thanks @ada@example.social &\nall:\n\nhttps://example.org/a/very/long/address/indeed?of=course #Moot <3"
    assert plain(html_of(text)) == text.replace("@ada@example.social", "@ada")
    assert (
        plain('<p>See <a href="https://example.org/a">example.org/…</a></p>') == "See https://example.org/a"
    )
    assert (
        plain('<p><a href="https://m.org/tags/moot" class="mention hashtag">#<span>moot</span></a></p>')
        == "#moot"
    )
    assert plain('<p><a href="https://example.org/a">our report</a></p>') == "our report"


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1))
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert likeness(text, text) is (Likeness.SAME if normalised(text) else Likeness.ALIKE)


@given(st.text(st.sampled_from("ab12 @#.\n"), min_size=1), st.text(st.sampled_from("ab12"), min_size=1))
def test_one_character_more_is_never_the_same(text: str, more: str) -> None:
    assert likeness(text, text + more) is not Likeness.SAME
