"""Words that leave people out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from django.utils.translation import gettext as _

from folkmoot.publishing.policy.lists import INCLUSIVE_KINDS, Term, inclusive_terms
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject


@check(
    "inclusive",
    Param("kinds", "words", INCLUSIVE_KINDS, "Which kinds of words.", INCLUSIVE_KINDS),
    Param("leave", "words", (), "Words of the lists that do not matter here."),
    Param("terms", "map", {}, "Your own words, each with what to write instead."),
)
def inclusive(subject: Subject, params: Params) -> Iterator[Hit]:
    """Words that treat some people as the odd ones, with others that do not.

    Kinds: `tech` (metaphors of slavery, colour, violence), `ability`, `gender`, `people` (origin, age, money),
    `condescending` ("simply": what is simple to one is not to another). English and Spanish; a list is asked where the
    text is in its language, or nobody said in which it is.

    Source: Folkmoot's own lists (`policy/lists/inclusive_en.yml`, `inclusive_es.yml`). Which technical words to avoid
    follows the Inclusive Naming Initiative's word lists (inclusivenaming.org, CC BY 4.0); which others follows in part
    retext-equality (MIT, Titus Wormer); for Spanish the UN's guidelines for gender-inclusive language.
    """
    own = [Term(word, (word,), tuple(better), "own") for word, better in params["terms"].items()]
    leave = {each.casefold() for each in params["leave"]}
    language = subject.base_language
    terms = [
        term
        for term in inclusive_terms(language)
        if term.kind in params["kinds"] and term.key.casefold() not in leave
    ]
    known = (*terms, *own)
    if not known:
        return
    pattern, by_word = _pattern(known)
    for part, piece in enumerate(subject.parts, 1):
        text = piece.prose
        for match in pattern.finditer(text):
            term = by_word[re.sub(r"[\s-]+", " ", match[0].casefold())]
            if match[0].casefold() in leave or term.is_left_alone(
                text[max(0, match.start() - 40) : match.end() + 40]
            ):
                continue
            better = ", ".join(term.instead)
            yield Hit(
                _("“%(found)s”: %(why)s") % {"found": match[0], "why": term.why}
                if term.why
                else _("“%(found)s” may leave people out.") % {"found": match[0]},
                part,
                match.start(),
                match[0],
                _("Perhaps: %(words)s") % {"words": better} if better else _("Leave it out."),
                term.instead[0] if len(term.instead) == 1 else "",
            )


@lru_cache(maxsize=64)
def _pattern(terms: Sequence[Term]) -> tuple[re.Pattern[str], dict[str, Term]]:
    by_word = {
        re.sub(r"[\s-]+", " ", word.casefold()): term for term in reversed(terms) for word in term.words
    }
    longest = sorted(by_word, key=len, reverse=True)
    alternatives = "|".join(re.escape(word).replace(r"\ ", r"[\s-]+") for word in longest)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.IGNORECASE), by_word
