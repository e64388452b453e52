"""Whether a post that was read back is the one that was sent.

Platforms change what they take: they make links, straighten quotes, leave out a mention's server. So texts are compared
by likeness. Yet two announcements made from one template are alike too, and taking one for the other would send the one
twice and the other never: numbers, names, mentions, hashtags and addresses must be the very same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser

from rapidfuzz import fuzz

from folkmoot.connectors.posts import ADDRESS

#: How alike two texts have to be, from 0 to 1.
LEAST = 0.9
_MENTION = re.compile(r"(?<![\w/])(@\w[\w.-]*)@[\w-]+(?:\.[\w-]+)+")
_TOKEN = re.compile(r"[@#]?\w+")
_BLOCKS = frozenset({"p", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


class _Reader(HTMLParser):
    """Text of a post: breaks and paragraphs as lines, links by where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.found.append("\n")
        elif tag == "a":
            given = dict(attrs)
            words = set((given.get("class") or "").split())
            is_plain = not words & {"mention", "hashtag", "u-url"}
            self._link = (given.get("href") or "", len(self.found)) if is_plain else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            href, start = self._link
            shown = "".join(self.found[start:])
            # What is shown of an address may be shortened; a link of another kind keeps its words.
            if href and not shown.startswith(("@", "#")):
                self.found[start:] = [href if "." in shown and " " not in shown else shown]
            self._link = None
        elif tag in _BLOCKS:
            self.found.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def plain(html: str) -> str:
    """The text of a post that is told as HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.found).strip()


def normalised(text: str) -> str:
    """A text for comparing: composed, one kind of quotes, single spaces, mentions without their server."""
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES)).replace("\u200b", "").replace("\ufe0f", "")
    return " ".join(_MENTION.sub(r"\1", text).split())


def is_alike(ours: str, theirs: str) -> bool:
    """The same post, as far as can be told from its text."""
    one, other = normalised(ours), normalised(theirs)
    if one == other:
        return True
    return is_near(ours, theirs) and _addresses(one) == _addresses(other) and _telling(one) == _telling(other)


def is_near(ours: str, theirs: str) -> bool:
    """Much the same words: the same post, or another one from the same template."""
    one, other = normalised(ours).casefold(), normalised(theirs).casefold()
    return fuzz.ratio(one, other) >= LEAST * 100


def _addresses(text: str) -> Counter[str]:
    return Counter(each.rstrip("/") for each in ADDRESS.findall(text))


def _telling(text: str) -> Counter[str]:
    """Words that a post is known by: with a digit, a capital, a mark before it, or of a script without capitals."""
    words = _TOKEN.findall(ADDRESS.sub(" ", text))
    return Counter(
        each.casefold()
        for each in words
        if each[0] in "@#" or not each.islower() or any(letter.isdigit() for letter in each)
    )
