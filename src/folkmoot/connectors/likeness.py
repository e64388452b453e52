"""Whether a post that is there is the one whose answer was lost, where only its content can tell.

Platforms change a little of what they take: quotes, blanks, how an address begins and ends, a mention's server. Apart
from that, only the very same text is a certain yes. Two announcements made from one template differ in a number, a name
or an address only, and taking one for the other would send the one twice and the other never: what is merely alike is
neither yes nor no, and a person looks.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from html.parser import HTMLParser

from rapidfuzz import fuzz

#: From this likeness on (0 to 100) a text may be the other one, changed on its way.
NEAR = 90.0
_MENTION = re.compile(r"(?<![\w/])(@\w[\w.-]*)@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"https?://(\S+)", re.IGNORECASE)
_UNSEEN = re.compile("[\u200b\ufe0f]")
_BLOCKS = frozenset({"p", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


class Likeness(Enum):
    """How near two texts are."""

    SAME = "same"
    ALIKE = "alike"
    OTHER = "other"


def likeness(ours: str, theirs: str) -> Likeness:
    """Compare two texts. One without any text is like every other such, and never the same."""
    one, other = normalised(ours), normalised(theirs)
    if not one or not other:
        return Likeness.OTHER if one or other else Likeness.ALIKE
    if one == other:
        return Likeness.SAME
    return Likeness.ALIKE if fuzz.ratio(one.casefold(), other.casefold()) >= NEAR else Likeness.OTHER


def normalised(text: str) -> str:
    """A text without what platforms change: composed, one kind of quotes, single blanks, mentions without their server,
    addresses without ``https://`` and the stroke at their end."""
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text).translate(_QUOTES))
    text = _ADDRESS.sub(lambda found: found[1].rstrip("/"), _MENTION.sub(r"\1", text))
    return " ".join(text.split())


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
