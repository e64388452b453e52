"""Small looks that are reckoned: initials and their colour."""

from __future__ import annotations

import zlib

#: How many ``.avatar-N`` classes ``folkmoot.css`` has; each is dark enough for white letters (4.5:1).
AVATAR_TONES = 8
#: The colour of each area's round picture.
AREA_TONES = {
    "people": "4",
    "reviews": "0",
    "publishing": "1",
    "training": "2",
    "calls": "7",
    "funding": "3",
    "reports": "6",
}


def avatar_tone(name: str) -> str:
    """The number of the colour class for a name, stable between processes and days."""
    return str(zlib.crc32(name.strip().casefold().encode()) % AVATAR_TONES) if name.strip() else "0"


def initials(name: str) -> str:
    """One or two letters: first of the first and of the last word; one or two characters are kept as they are."""
    name = name.strip()
    if len(name) <= 2:
        return name or "?"
    words = [word for word in name.replace("_", " ").replace("-", " ").split() if word[0].isalnum()] or [name]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
