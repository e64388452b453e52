"""Names as words, and whether two of them can be one person's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.matching.generic import Generic
from folkmoot.people.matching.short_names import is_short_for

NO_WORD = re.compile(r"[^\w]+|_", re.UNICODE)
#: What stands beside a name and is none.
_TITLES = frozenset(
    {
        "dr",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
        "mx",
        "sir",
        "phd",
        "msc",
        "bsc",
        "md",
        "jr",
        "sr",
        "dipl",
        "ing",
    }
)
Words = tuple[str, ...]


@lru_cache(maxsize=8192)
def words(name: str) -> Words:
    """A name's words, folded, in the order in which it is spoken: ``Pérez-Gómez, Ana M.`` -> ``ana m perez gomez``."""
    folded = fold_accents(name)
    family, comma, given = folded.partition(",")
    if comma and given.strip() and NO_WORD.sub("", given) not in _TITLES:
        folded = f"{given} {family}"
    found = (word for word in NO_WORD.split(folded.replace("'", "").replace("’", "")) if word)
    return tuple(word for word in found if word not in _TITLES)[:8]


def real_names(names: Iterable[str], logins: Iterable[str], generic: Generic) -> tuple[Words, ...]:
    """The names among what a record calls somebody, each once: a login, an address, and what many are called are none.

    Args:
        logins: folded.
    """
    taken = set(logins)
    real = (name for name in names if name and fold(name) not in taken and "@" not in name)
    return tuple(dict.fromkeys(filter(None, (words(name) for name in real if not generic.is_name(name)))))


def alike(one: str, other: str) -> bool:
    """Whether a typing error may tell two words apart: one for each five letters, at least one."""
    here, there = len(one), len(other)
    if not -3 < here - there < 3 or (one[0] != other[0] and one[-1] != other[-1]):
        return False
    allowed = max(1, max(here, there) // 6)
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed


def contradict(mine: Sequence[Words], theirs: Sequence[Words]) -> bool:
    """Whether two people are meant: each has a name, and no word of one can stand for any of the other, as initial,
    as short form or with a typing error. Names in different scripts are not compared.
    """
    return bool(mine and theirs) and not any(_may_be_one(a, b) for a in mine for b in theirs)


def _may_be_one(mine: Words, theirs: Words) -> bool:
    here, there = "".join(mine), "".join(theirs)
    if not (here.isascii() and there.isascii()) or alike(here, there):
        return True
    return any(_stands_for(word, their) for word in mine for their in theirs)


def _stands_for(word: str, their: str) -> bool:
    if word == their:
        return True
    if word[0] == their[0] and (len(word) < 3 or len(their) < 3):
        return len(word) == 1 or len(their) == 1 or word.startswith(their) or their.startswith(word)
    return is_short_for(word, their) or (min(len(word), len(their)) > 2 and alike(word, their))
