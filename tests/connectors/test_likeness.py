"""Whether a post that was read back is the one that was sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.connectors.likeness import is_alike, is_near, plain
from tests.platforms.mastodon_server import html_of

LONG = "The council met in Lyon and agreed on how packages are looked after when nobody answers for a year."


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ("A moot", "A moot", True),
        ("A  moot\nin Lyon", "A moot in Lyon", True),
        ("“A moot” – in Lyon…", '"A moot" - in Lyon...', True),
        ("Thanks @ada@example.social", "Thanks @ada", True),
        (LONG, LONG.replace("looked after", "looked  afterr"), True),
        (LONG, LONG.replace("Lyon", "Lille"), False),
        (f"{LONG} 24.1", f"{LONG} 24.2", False),
        (f"{LONG} #moot", f"{LONG} #mood", False),
        (f"{LONG} @ana", f"{LONG} @ada", False),
        (f"{LONG} https://example.org/a", f"{LONG} https://example.org/b", False),
        (LONG + "海上生明月", LONG + "海上生明日", False),
        ("A moot", "Another thing", False),
    ],
)
def test_alike_means_the_same_post(ours: str, theirs: str, alike: bool) -> None:
    assert is_alike(ours, theirs) is alike


def test_near_is_less() -> None:
    assert is_near(LONG, LONG.replace("Lyon", "Lille"))
    assert not is_near("A moot", "Another thing")


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
def test_a_text_is_like_itself_and_what_mastodon_makes_of_it(text: str) -> None:
    assert is_alike(text, text)
