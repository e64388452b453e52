"""How long a text is, as each platform counts: graphemes, weighted characters, bytes, an address as 23.

Sources: Unicode Standard Annex 29 (extended grapheme clusters); Mastodon's documentation, "Posting to your profile" and
``api/v2/instance`` (``characters_reserved_per_url``), and what its status_length_validator.rb does; twitter-text,
configuration v3; AT Protocol, lexicon ``app.bsky.richtext.facet`` (UTF-8 byte offsets, the end exclusive).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex
from twitter_text import extract_urls_with_indices, parse_tweet

_GRAPHEME = regex.compile(r"\X")
#: A name on Mastodon: letters, digits and underscores; dots and dashes only inside. Not after ``/``, ``=`` or a letter.
_MENTION = regex.compile(
    r"(?<![=/\w])@(?P<user>[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?P<domain>@[\w.-]*\w)?", regex.IGNORECASE
)
#: What every address counts as on Mastodon (unless its server says otherwise) and on X.
URL = 23


def graphemes(text: str) -> int:
    """What a reader takes for characters (UAX 29): a family of four with its joiners is one, so is CR LF."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def cut(text: str, most: int) -> str:
    """The first ``most`` graphemes: no emoji and no accent is torn apart."""
    for number, each in enumerate(_GRAPHEME.finditer(text)):
        if number == most:
            return text[: each.start()]
    return text


def octets(text: str) -> int:
    """Bytes in UTF-8. A lone half of a surrogate pair, which UTF-8 cannot hold, counts as the three it would take."""
    return len(text.encode("utf-8", "surrogatepass"))


def weighted(text: str) -> int:
    """What X counts (twitter-text, configuration v3): NFC; an address 23, also without its scheme; an emoji 2, however
    many code points it has; Latin, Greek, Cyrillic, Arabic, common punctuation 1; everything else 2.
    """
    return int(parse_tweet(text).weightedLength)


def mastodon(text: str, *, warning: str = "", url: int = URL) -> int:
    """What Mastodon counts: graphemes of the warning and the text.

    Every http(s) address counts as ``url`` whatever its length, and somebody elsewhere as ``@user`` without their
    server. An address that Mastodon would not make a link of (no known top-level domain) counts as it is.
    """
    found: list[str] = []
    at = 0
    for start, end, instead in _discounted(text, url):
        if start >= at:
            found += (text[at:start], instead)
            at = end
    return graphemes("".join((warning, *found, text[at:])))


def _discounted(text: str, url: int) -> list[tuple[int, int, str]]:
    """What counts less than it is long: from, to, what is counted instead; in their order."""
    links = [
        (each["indices"][0], each["indices"][1], "x" * url)
        for each in extract_urls_with_indices(text, False)
        if each["url"].lower().startswith(("http://", "https://"))
    ]
    people = [(*each.span(), f"@{each['user']}") for each in _MENTION.finditer(text) if each["domain"]]
    return sorted(links + people)


def byte_spans(pieces: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where each piece of a text stands, in bytes of UTF-8: from, and the first byte that is not its own."""
    at = 0
    for piece in pieces:
        start, at = at, at + octets(piece)
        yield start, at
