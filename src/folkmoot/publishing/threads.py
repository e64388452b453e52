"""Cutting a long text into the parts of a thread, by the platform's own way of counting."""

from __future__ import annotations

import re
from collections.abc import Callable

import regex

from folkmoot.connectors.posts import Limits, PostConnector

#: What is not cut: a mention with its brackets, a word; and what stands between.
_ATOMS = re.compile(r"@\[[^\[\]\n]*\]\S*|\S+|\s+")
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*$")
#: A sentence's end is taken when at least so much of the part is filled; else the end of a word is.
FILLED = 0.5
#: Digits of a numbering that is tried: up to 9, 99 parts.
_DIGITS = (1, 2)


def split(
    text: str,
    *,
    connector: PostConnector,
    limits: Limits,
    numbered: bool = False,
    shown: Callable[[str], str] | None = None,
) -> list[str]:
    """The text in parts of which each fits: cut after a paragraph or a sentence, else after a word, never in a mention;
    a word that is longer than a part is cut between characters.

    Args:
        numbered: each part ends with " (1/3)"; a text that fits as it is gets none.
        shown: how a piece is written there (mentions, words in links), when that is longer or shorter.
    """
    text = text.strip()
    show = shown or (lambda piece: piece)

    def fits(piece: str) -> bool:
        there = show(piece)
        if limits.bytes and len(there.encode()) > limits.bytes:
            return False
        return not limits.text or connector.length(there, limits) <= limits.text

    if fits(text):
        return [text]
    if not numbered:
        return _cut(text, fits)
    for digits in _DIGITS:
        room = " ({0}/{0})".format("9" * digits)
        parts = _cut(text, lambda piece, room=room: fits(piece + room))  # type: ignore[misc]
        if len(parts) < 10**digits:
            break
    return [f"{part} ({number}/{len(parts)})" for number, part in enumerate(parts, 1)]


def _cut(text: str, fits: Callable[[str], bool]) -> list[str]:
    found = []
    while text:
        end = _end(text, fits)
        part = text[:end].strip()
        if part:
            found.append(part)
        text = text[end:].strip()
    return found


def _end(text: str, fits: Callable[[str], bool]) -> int:
    """Where the first part of a text ends."""
    if fits(text):
        return len(text)
    words: list[int] = []
    at = 0
    for atom in _ATOMS.findall(text):
        at += len(atom)
        if atom.isspace():
            continue
        if not fits(text[:at].strip()):
            break
        words.append(at)
    if not words:
        return _inside(text, fits)
    least = words[-1] * FILLED
    for good in (_ends_paragraph, _ends_sentence):
        for end in reversed(words):
            if end < least:
                break
            if good(text, end):
                return end
    return words[-1]


def _ends_paragraph(text: str, end: int) -> bool:
    return bool(re.match(r"[ \t]*\n\s*\n", text[end:]))


def _ends_sentence(text: str, end: int) -> bool:
    return text[end : end + 1].isspace() and bool(_SENTENCE_END.search(text[:end]))


def _inside(text: str, fits: Callable[[str], bool]) -> int:
    """Within a word that is too long: after as many characters as fit, one at least."""
    end = 0
    for found in regex.finditer(r"\X", text):
        if end and not fits(text[: found.end()]):
            break
        end = found.end()
    return end
