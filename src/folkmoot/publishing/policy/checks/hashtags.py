"""Hashtags that can be read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from django.utils.translation import gettext as _

from folkmoot.connectors.posts import TAG
from folkmoot.publishing.policy.lists import NAMES, words
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject

LOOKS = ("case", "count", "numeric")
_NUMERIC = re.compile(r"(?<![\w&/])#\d+\b(?![\w-])")
#: Words of two letters that hashtags are put together with; others of that length would cut words anywhere.
_SHORT = frozenset({"in", "of", "to", "my", "we", "ai", "de", "la", "el", "en"})


@check(
    "hashtag_case",
    Param("look_for", "words", LOOKS, "What to look for.", LOOKS),
    Param("most", "number", 5, "So many hashtags at most, over all parts."),
    Param(
        "known", "words", (), "Hashtags and words as you write them (`PyOpenSci`), beside the shipped list."
    ),
)
def hashtag_case(subject: Subject, params: Params) -> Iterator[Hit]:
    """Hashtags of several words have capitals (`#OpenScience`), there are not too many, and none is a mere number,
    which is no hashtag.

    A word list of Folkmoot's own in English and Spanish, and the names given here, tell the words of a hashtag apart; a
    hashtag that cannot be told apart is left alone.

    Source: W3C WAI and RNIB advise capitals so that screen readers read the words; a Mastodon hashtag needs a
    character that is no figure (mastodon/mastodon, `Tag::HASHTAG_RE`).
    """
    looks = params["look_for"]
    number = 0
    for part, piece in enumerate(subject.parts, 1):
        for match in TAG.finditer(piece.text):
            number += 1
            better = capitals(match[1], params["known"]) if "case" in looks else ""
            if better and better != match[1]:
                yield Hit(
                    _("#%(tag)s is read as one word.") % {"tag": match[1]},
                    part,
                    match.start(),
                    match[0],
                    _("Write #%(tag)s.") % {"tag": better},
                    f"#{better}",
                )
        for match in _NUMERIC.finditer(piece.text) if "numeric" in looks else ():
            yield Hit(
                _("%(tag)s is no hashtag: it needs a letter.") % {"tag": match[0]},
                part,
                match.start(),
                match[0],
                _("Add a letter, or leave the # out."),
            )
    if "count" in looks and number > params["most"]:
        yield Hit(
            _("%(n)s hashtags are more than %(most)s.") % {"n": number, "most": params["most"]},
            fix=_("Keep those that people follow."),
        )


def capitals(tag: str, known: Iterable[str] = ()) -> str:
    """A hashtag of small letters with a capital for each word; ``""`` where nothing is to be said."""
    names = {each.lstrip("#").casefold(): each.lstrip("#") for each in (*NAMES, *known)}
    if tag.casefold() in names:
        # A name in its own writing; small letters are the way in which many write #numpy, and read well as one word.
        wanted = names[tag.casefold()]
        return wanted if tag == tag.lower() and sum(c.isupper() for c in wanted) > 1 and len(tag) > 8 else ""
    if tag != tag.lower() or not tag.isalpha() or len(tag) < 8:
        return ""
    found = _split(tag, frozenset(each for each in names if each.isalpha()))
    return "".join(names.get(each, each[:1].upper() + each[1:]) for each in found) if found else ""


@lru_cache(maxsize=2048)
def _split(tag: str, names: frozenset[str]) -> tuple[str, ...]:
    """The fewest words of the list that make up a hashtag; ``()``: it is one word, or cannot be told."""
    listed = words()
    if tag in listed:
        return ()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(tag)
    for end in range(2, len(tag) + 1):
        for start in range(end - 1):
            before, word = best[start], tag[start:end]
            if before is None or not (
                word in names or (word in listed and (len(word) > 2 or word in _SHORT))
            ):
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, word)
    found = best[-1] or ()
    # Of short words alone nearly everything can be made ("for" + "war" + "der").
    return found if len(found) > 1 and max(map(len, found)) > 4 else ()
