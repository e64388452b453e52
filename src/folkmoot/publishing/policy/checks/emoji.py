"""Emoji and letters that only look like letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex
from django.utils.translation import gettext as _

from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject

LOOKS = ("runs", "bullets", "letters", "fancy")
#: One emoji: with its presentation, skin tone, joined ones, flags, keycaps (UTS #51).
_ONE = (
    r"(?:\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3"
    r"|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)\p{EMod}?\uFE0F?"
    r"(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{EMod}?)*)"
)
_RUN = regex.compile(rf"{_ONE}(?:[ \t]*{_ONE})*")
_EACH = regex.compile(_ONE)
_BULLET = regex.compile(rf"^[ \t]*{_ONE}[ \t]*\S", regex.MULTILINE)
_INSIDE = regex.compile(rf"(?<=\p{{L}}){_ONE}(?=\p{{Ll}})")
#: Mathematical, circled, squared, parenthesised and full-width Latin letters.
_FANCY = regex.compile(
    r"[\U0001D400-\U0001D7FF\u24B6-\u24E9\u249C-\u24B5\uFF21-\uFF3A\uFF41-\uFF5A\U0001F110-\U0001F169\U0001F170-\U0001F189"
    r"\u210A-\u2113\u211B-\u211D\u212C-\u2134]"
    r"(?:[ ]?[\U0001D400-\U0001D7FF\u24B6-\u24E9\u249C-\u24B5\uFF21-\uFF3A\uFF41-\uFF5A\U0001F110-\U0001F169"
    r"\U0001F170-\U0001F189\u210A-\u2113\u211B-\u211D\u212C-\u2134])+"
)


@check(
    "emoji_run",
    Param("look_for", "words", LOOKS, "What to look for.", LOOKS),
    Param("run", "number", 3, "So many in a row are too many."),
    Param("bullets", "number", 3, "So many lines that begin with an emoji are a list made of emoji."),
)
def emoji_run(subject: Subject, params: Params) -> Iterator[Hit]:
    """Emoji do not stand in long rows, in the place of bullets or inside words, and letters are letters, not
    mathematical signs that look like bold ones.

    Screen readers say the name of every one: "party popper party popper party popper", "mathematical bold capital H".

    Source: Unicode Technical Standard 51 (what one emoji is); Unicode chart "Mathematical Alphanumeric Symbols" (for
    formulas, not for prose); advice of the RNIB and of AbilityNet on emoji in posts.
    """
    looks = params["look_for"]
    for part, piece in enumerate(subject.parts, 1):
        text = piece.text
        if text.isascii():
            continue
        bullets = list(_BULLET.finditer(text))
        if "bullets" in looks and len(bullets) >= max(2, params["bullets"]):
            yield Hit(
                _("%(n)s lines begin with an emoji.") % {"n": len(bullets)},
                part,
                bullets[0].start(),
                bullets[0][0].strip()[:-1].strip(),
                _("Begin lines with a word or a hyphen."),
            )
        for match in _RUN.finditer(text) if "runs" in looks else ():
            number = len(_EACH.findall(match[0]))
            if number >= max(2, params["run"]):
                yield Hit(
                    _("%(n)s emoji in a row are read out one by one.") % {"n": number},
                    part,
                    match.start(),
                    match[0],
                    _("Keep one."),
                    _EACH.findall(match[0])[0],
                )
        for match in _INSIDE.finditer(text) if "letters" in looks else ():
            yield Hit(
                _("An emoji stands in the place of a letter."),
                part,
                match.start(),
                match[0],
                _("Write the letter."),
            )
        for match in _FANCY.finditer(text) if "fancy" in looks else ():
            plain = unicodedata.normalize("NFKC", match[0])
            yield Hit(
                _("These signs look like letters, and are read out sign by sign or not at all."),
                part,
                match.start(),
                match[0],
                _("Write: %(words)s") % {"words": plain},
                plain,
            )
