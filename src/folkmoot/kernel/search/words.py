"""Words as the search compares them. Databases index and look up only what comes from here, so both behave alike.

An entry's words go into the index three ways, told apart by characters that no text can bring along (they are
neither letters nor digits, so :func:`words` never lets them through):

* as they are: ``perez``
* words of the title also as ``TITLE + word``
* the kind as ``KIND + key``
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from folkmoot.kernel.text import fold_accents

TITLE = "\ue000"
KIND = "\ue001"
#: Longest word kept, in characters; longer ones are cut, in entries and in what is looked for alike.
LONGEST_WORD = 64
#: Most different words kept of one entry.
MOST_WORDS = 4_000
#: How much of what somebody types is read: characters, and words.
LONGEST_QUERY = 300
MOST_QUERY_WORDS = 12

_WORD = re.compile(r"[^\W_]+")
#: Chinese characters stand for themselves: text in them has no spaces between words.
_HAN = re.compile(
    r"([\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)


def words(text: str) -> list[str]:
    """The words of a text in their order: case-folded, without accents and marks, letters and digits only."""
    folded = fold_accents(text)
    bare = "".join(c for c in folded if not unicodedata.category(c).startswith("M"))
    return [word[:LONGEST_WORD] for word in _WORD.findall(_HAN.sub(r" \1 ", bare))]


def query_words(text: str) -> list[str]:
    """The different words that somebody looks for, as many as are considered."""
    return list(dict.fromkeys(words(text[:LONGEST_QUERY])))[:MOST_QUERY_WORDS]


def entry_words(kind: str, title: Iterable[str], text: Iterable[str]) -> str:
    """What the full-text index holds of one entry, separated by spaces."""
    of_title = list(dict.fromkeys(title))
    of_text = list(dict.fromkeys([*of_title, *text]))[:MOST_WORDS]
    return " ".join([KIND + kind, *(TITLE + word for word in of_title), *of_text])
