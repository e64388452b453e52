"""How hard a text is to read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject

_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+(?=\s|$)|\n{2,}|$)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyáéíóúüàèò]+", re.IGNORECASE)


@check(
    "readability",
    Param(
        "least",
        "number",
        30,
        "The reading ease is at least so much: 100 is very easy, 30 is a scientific paper.",
    ),
    Param("words", "number", 100, "Texts of fewer words are left alone: the formula means nothing there."),
    Param("sentence", "number", 45, "A sentence has at most so many words; 0: any."),
)
def readability(subject: Subject, params: Params) -> Iterator[Hit]:
    """Texts are not harder to read than they have to be, and sentences end before readers forget how they began.

    English: 206.835 - 1.015 x words per sentence - 84.6 x syllables per word. Spanish: 206.84 - 60 x syllables per
    word - 1.02 x words per sentence. Syllables are counted by groups of vowels, which is near enough for an average.

    Source: Flesch, "A new readability yardstick" (1948); Fernández Huerta, "Medidas sencillas de
    lecturabilidad" (1959).
    """
    for part, piece in enumerate(subject.parts, 1):
        text = piece.prose
        sentences = [
            (match.start(), found) for match in _SENTENCE.finditer(text) if (found := _WORD.findall(match[0]))
        ]
        longest = params["sentence"]
        for at, found in sentences if longest else ():
            if len(found) > longest:
                yield Hit(
                    _("A sentence has %(n)s words.") % {"n": len(found)},
                    part,
                    at + len(text[at:]) - len(text[at:].lstrip()),
                    " ".join(found[:6]) + " …",
                    _("Make two of it."),
                )
        words = [word for _at, found in sentences for word in found]
        if len(words) < max(1, params["words"]) or subject.base_language not in ("", "en", "es"):
            continue
        ease = reading_ease(len(words), len(sentences), sum(map(syllables, words)), subject.base_language)
        if ease < params["least"]:
            yield Hit(
                _("It is hard to read: reading ease %(n)s of 100.") % {"n": round(ease)},
                part,
                fix=_("Shorter sentences and shorter words help most."),
            )


def reading_ease(words: int, sentences: int, syllables: int, language: str) -> float:
    """Flesch's figure for English, Fernández Huerta's for Spanish."""
    per_word, per_sentence = syllables / words, words / sentences
    if language == "es":
        return 206.84 - 60 * per_word - 1.02 * per_sentence
    return 206.835 - 1.015 * per_sentence - 84.6 * per_word


def syllables(word: str) -> int:
    """About how many syllables a word has: its groups of vowels, a silent e at the end left out."""
    found = len(_VOWELS.findall(word))
    is_silent = word[-1:].lower() == "e" and found > 1 and word[-2:-1].lower() not in "aeiouyl"
    return max(1, found - is_silent)
