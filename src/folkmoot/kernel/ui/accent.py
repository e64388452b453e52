"""One accent colour, in light and dark, with the contrast that WCAG 2.2 asks for text (AA: 4.5 to 1).

Luminance and contrast: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Colour = tuple[int, int, int]

#: What text needs.
AA = 4.5
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
#: The grounds of folkmoot.css that coloured text stands on: the darkest of the light ones, the lightest dark one.
LIGHT_GROUND: Colour = (0xF4, 0xF5, 0xF4)
DARK_GROUND: Colour = (0x22, 0x28, 0x31)
DARK_CARD: Colour = (0x1B, 0x20, 0x27)
_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")


@dataclass(frozen=True)
class TooPale:
    """Why a colour will not do: its contrast on white, and the nearest one that will."""

    ratio: float
    better: str


def parse(value: str) -> Colour:
    """The colour of ``#rrggbb``.

    Raises:
        ValueError: it is none.
    """
    if not _HEX.match(value):
        raise ValueError(value)
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def text(colour: Colour) -> str:
    """``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: Colour) -> float:
    """Relative luminance, from 0 (black) to 1 (white)."""
    parts = [part / 255 for part in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """``share`` (0 to 1) of the other colour in this one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Tones:
    """The colours of one theme that hang on the accent."""

    accent: Colour
    ink: Colour
    hover: Colour
    soft: Colour

    def css(self) -> str:
        """The declarations of folkmoot.css that they replace."""
        return (
            f"--fm-accent: {text(self.accent)}; --fm-accent-ink: {text(self.ink)};"
            f" --fm-accent-hover: {text(self.hover)}; --fm-accent-soft: {text(self.soft)};"
        )


def light(colour: Colour) -> Tones:
    """The colour itself on light pages."""
    return Tones(colour, WHITE, mix(colour, BLACK, 0.2), mix(WHITE, colour, 0.1))


def dark(colour: Colour) -> Tones:
    """The colour on dark pages: as much lighter as text there needs."""
    found = colour
    for step in range(41):
        found = mix(colour, WHITE, step / 40)
        tones = Tones(found, mix(found, BLACK, 0.85), mix(found, WHITE, 0.4), mix(DARK_CARD, found, 0.15))
        if reads(tones, DARK_GROUND):
            return tones
    return Tones(found, mix(found, BLACK, 0.85), WHITE, mix(DARK_CARD, found, 0.15))


def reads(tones: Tones, ground: Colour) -> bool:
    """Whether text in the accent, and on it, has the contrast of AA."""
    pairs = (
        (tones.accent, ground),
        (tones.accent, tones.soft),
        (tones.hover, ground),
        (tones.ink, tones.accent),
        (tones.ink, tones.hover),
    )
    return all(contrast(one, other) >= AA for one, other in pairs)


def too_pale(value: str) -> TooPale | None:
    """What is wrong with a colour for light pages, if anything.

    Raises:
        ValueError: it is no colour.
    """
    colour = parse(value)
    if reads(light(colour), LIGHT_GROUND):
        return None
    for step in range(1, 41):
        darker = mix(colour, BLACK, step / 40)
        if reads(light(darker), LIGHT_GROUND):
            return TooPale(contrast(colour, WHITE), text(darker))
    return TooPale(contrast(colour, WHITE), text(BLACK))


def stylesheet(value: str) -> str:
    """What ``/theme.css`` says for a colour; nothing for an empty one.

    Raises:
        ValueError: it is no colour.
    """
    if not value:
        return ""
    colour = parse(value)
    return (
        f':root, [data-bs-theme="light"] {{ {light(colour).css()} }}\n'
        f'[data-bs-theme="dark"] {{ {dark(colour).css()} }}\n'
    )
