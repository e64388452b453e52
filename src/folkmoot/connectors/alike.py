"""Whether a post that is there is the one whose answer was lost, where only its content can tell.

The same content is a certain yes. What is merely alike is neither yes nor no: two announcements of one kind differ in
a name only, so a person has to look.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from rapidfuzz import fuzz

#: From this likeness on (0 to 100) a text may be the other one, changed on its way.
ALIKE = 90.0
_ADDRESS = re.compile(r"https?://(\S+)", re.IGNORECASE)
_BLANK = re.compile(r"\s+")


class Likeness(Enum):
    """How near two texts are."""

    SAME = "same"
    ALIKE = "alike"
    OTHER = "other"


def folded(text: str) -> str:
    """A text without what platforms change: the form of its characters, blanks, how an address begins and ends."""
    text = unicodedata.normalize("NFKC", text)
    text = _ADDRESS.sub(lambda found: found[1].rstrip("/"), text)
    return _BLANK.sub("", text).replace("\ufe0f", "")


def likeness(ours: str, theirs: str) -> Likeness:
    """Compare two texts. One without any text is like every other such, and never the same."""
    one, other = folded(ours), folded(theirs)
    if not one or not other:
        return Likeness.OTHER if one or other else Likeness.ALIKE
    if one == other:
        return Likeness.SAME
    return Likeness.ALIKE if fuzz.ratio(one, other) >= ALIKE else Likeness.OTHER
