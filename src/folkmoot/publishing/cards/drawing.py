"""From a pattern (SVG) and facts to a picture (PNG), offline and the same each time.

A pattern has gaps such as ``{{ title }}``. A field that may have several lines has a gap for each, ``{{ title.1 }}``,
``{{ title.2 }}`` … since SVG breaks no lines. ``{{ community }}``, ``{{ accent }}`` and ``{{ accent_ink }}`` are the
house's own. What is filled in is text, never markup; a pattern may not reach for anything outside itself.
"""

from __future__ import annotations

import io
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.kernel import patterns
from folkmoot.kernel.community import Community
from folkmoot.publishing import pictures
from folkmoot.publishing.cards import contrast
from folkmoot.publishing.cards.faint import Faint
from folkmoot.publishing.cards.rendering import render
from folkmoot.publishing.models import CardTemplate

#: What every pattern may name beside its fields.
HOUSE = ("community", "accent", "accent_ink")
#: Sides of a picture, in pixels.
SMALLEST, LARGEST = 64, 4096
#: A gap that is empty in more than this many characters is cut with an ellipsis.
ELLIPSIS = "…"


@dataclass(frozen=True)
class Field:
    """A gap of a pattern: ``width`` characters on each of ``lines`` lines."""

    name: str
    label: str
    example: str = ""
    width: int = 40
    lines: int = 1


def fields_of(card: CardTemplate) -> list[Field]:
    """What a pattern asks for."""
    return [_field(row) for row in card.fields if isinstance(row, dict) and row.get("name")]


def _field(row: Mapping[str, Any]) -> Field:
    return Field(
        str(row["name"]),
        str(row.get("label") or row["name"]),
        str(row.get("example") or ""),
        max(1, int(row.get("width") or 40)),
        max(1, int(row.get("lines") or 1)),
    )


def check(svg: str, fields: Sequence[Field]) -> str:
    """A pattern that can be drawn.

    Raises:
        ValidationError: it is no SVG, names a gap that no field fills, or reaches outside itself.
    """
    return patterns.check(svg, {field.name for field in fields} | set(HOUSE))


def lines_of(text: str, field: Field) -> list[str]:
    """A value in the lines that its field has; what is too long ends with an ellipsis."""
    found = textwrap.wrap(
        " ".join(text.split()),
        width=field.width,
        max_lines=field.lines,
        placeholder=ELLIPSIS,
        break_on_hyphens=False,
    )
    return found + [""] * (field.lines - len(found))


def filled(card: CardTemplate, values: Mapping[str, str]) -> str:
    """The pattern with its gaps filled."""
    said = {field.name: lines_of(values.get(field.name, ""), field) for field in fields_of(card)}
    house = Community.current()
    accent = house.accent or "#0f766e"
    fixed = {"community": house.name, "accent": accent, "accent_ink": "#ffffff"}

    def value(name: str, line: int) -> str:
        if name in fixed:
            return fixed[name]
        among = said.get(name, [])
        return among[line - 1] if line <= len(among) else ""

    return patterns.fill(card.svg, value)


def draw(card: CardTemplate, values: Mapping[str, str]) -> pictures.Drawn:
    """The picture, as PNG.

    Raises:
        ValidationError: the pattern cannot be drawn.
    """
    try:
        content = render(filled(card, values), card.width, card.height, ground="#ffffff")
    except ValueError as problem:
        raise ValidationError(
            _("The pattern cannot be drawn: %(why)s") % {"why": problem}, code="draw"
        ) from None
    return pictures.drawn_anew(io.BytesIO(content), len(content))


def faint_texts(card: CardTemplate, values: Mapping[str, str]) -> tuple[Faint, ...]:
    """Texts of the picture that are hard to read, in the community's colours; none where it cannot be drawn."""
    try:
        return contrast.faint_texts(filled(card, values), card.width, card.height)
    except (ValueError, ET.ParseError):
        return ()


def alt_of(card: CardTemplate, values: Mapping[str, str]) -> str:
    """What the picture shows, in words."""
    known = {field.name: " ".join(values.get(field.name, "").split()) for field in fields_of(card)}
    known["community"] = Community.current().name
    return " ".join(patterns.GAP.sub(lambda found: known.get(found[1], ""), card.alt).split())
