"""Names as those who bear them write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _
from rapidfuzz import process
from rapidfuzz.distance import OSA

from folkmoot.publishing.policy.lists import LOWER_TOO, NAMES, words
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject

LOOKS = ("case", "variants", "near")
_WORD = re.compile(r"[^\W\d_](?:[\w+]|[-'’.](?=\w))*")
_ENDS = re.compile(r"(?:['’]s|['’])$")


@check(
    "names",
    Param("look_for", "words", LOOKS, "What to look for.", LOOKS),
    Param(
        "names",
        "map",
        {},
        "Names as they are written, each with other writings of it, beside the shipped list.",
    ),
    Param("leave", "words", (), "Names of the shipped list that do not matter."),
    Param("least", "number", 7, "Near misses are looked for in names of at least so many letters."),
)
def names(subject: Subject, params: Params) -> Iterator[Hit]:
    """Names are spelt as their owners spell them: `pyOpenSci`, `JupyterLab`, `NumPy`. Other writings that are listed,
    other capitals, and words one letter off are found; addresses, handles, hashtags and code are left alone.

    Small letters throughout count only where a name is more than a package's: `numpy` is what one installs.

    Source: the names as the projects' own websites write them; distance by Damerau and Levenshtein (optimal string
    alignment).
    """
    known: dict[str, tuple[str, ...]] = {**NAMES, **params["names"]}
    for name in params["leave"]:
        known.pop(name, None)
    folded = {name.casefold(): name for name in known}
    exact = frozenset(other for others in known.values() for other in others)
    listed = {
        other.casefold(): name
        for name, others in known.items()
        for other in others
        if other.casefold() not in folded
    }
    phrases = _phrases(listed) if "variants" in params["look_for"] else None
    for part, piece in enumerate(subject.parts, 1):
        text = piece.prose
        for match in phrases.finditer(text) if phrases else ():
            right = listed[match[0].casefold()]
            if match[0] != right and text[match.start() : match.start() + len(right)] != right:
                yield _hit(match[0], right, part, match.start())
        for match in _WORD.finditer(text):
            word = _ENDS.sub("", match[0])
            right = _right(word, folded, listed, params)
            if right and word not in exact and _begins(text, match.start()) and word[1:] == right[1:]:
                continue  # a capital at the beginning of a sentence
            if right:
                yield _hit(word, right, part, match.start())


def _phrases(listed: Mapping[str, str]) -> re.Pattern[str] | None:
    if not listed:
        return None
    longest = sorted(listed, key=len, reverse=True)
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, longest))})(?![\w-]|\.\w)", re.IGNORECASE)


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins here."""
    before = text[max(0, at - 4) : at].rstrip(" \t\"'“‘(*_#>-")
    return not before or before[-1] in ".!?:…\n"


def _right(word: str, folded: Mapping[str, str], listed: Mapping[str, str], params: Params) -> str:
    looks, key = params["look_for"], word.casefold()
    if key in folded:
        right = folded[key]
        # "numpy" is how one installs it; "pyopensci" is nothing at all.
        is_package = word == word.lower() and right in LOWER_TOO
        return right if "case" in looks and word != right and not is_package and word != word.upper() else ""
    if "near" not in looks or len(word) < params["least"] or key in listed or key in words():
        return ""
    found = _near(key, (each for each in folded if len(each) >= params["least"]))
    is_ending = found and (key.startswith(found) or found.startswith(key))
    return folded[found] if found and not is_ending else ""


def _near(word: str, known: Iterable[str]) -> str:
    found = process.extractOne(word, list(known), scorer=OSA.distance, score_cutoff=1)
    return found[0] if found else ""


def _hit(found: str, right: str, part: int, at: int) -> Hit:
    return Hit(
        _("“%(found)s” is written %(right)s.") % {"found": found, "right": right},
        part,
        at,
        found,
        _("Write %(words)s.") % {"words": right},
        right,
    )
