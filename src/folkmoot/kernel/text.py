"""Text as people write it: folding for comparison, cleaning of what cannot be seen, safe cells."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACES = re.compile(r"\s+")
#: Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


def clean(value: object) -> str:
    """One line of visible text: invisible characters removed, white space folded; ``None`` becomes ``""``."""
    if isinstance(value, str) and value.isascii():  # the same result, ten times as fast
        return " ".join(value.split())
    return (
        ""
        if value is None
        else _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", str(value)))).strip()
    )


def fold(value: str) -> str:
    """For comparing logins, e-mails and names of things: clean and case-folded, accents kept."""
    return clean(value).casefold()


def fold_accents(value: str) -> str:
    """For sorting and searching: case-folded, accents and strokes removed (``Łucja Pérez`` -> ``lucja perez``)."""
    folded = fold(value)
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)


def safe_cell(value: object) -> object:
    """A cell for CSV or XLSX: text that a spreadsheet could run as a formula gets a leading apostrophe.

    Source: OWASP, "CSV Injection": cells that begin with ``= + - @``, tab or carriage return.
    """
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
