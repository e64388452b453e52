"""From a pattern (SVG) and facts to a picture (PNG), offline and the same each time.

A pattern has gaps such as ``{{ title }}``. A field that may have several lines has a gap for each, ``{{ title.1 }}``,
``{{ title.2 }}`` … since SVG breaks no lines. ``{{ community }}``, ``{{ accent }}`` and ``{{ accent_ink }}`` are the
house's own. What is filled in is text, never markup; a pattern may not reach for anything outside itself.
"""

from __future__ import annotations

import io
import re
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.kernel.community import Community
from folkmoot.publishing import pictures
from folkmoot.publishing.cards import contrast
from folkmoot.publishing.cards.faint import Faint
from folkmoot.publishing.cards.rendering import render
from folkmoot.publishing.models import CardTemplate

GAP = re.compile(r"\{\{\s*(\w+)(?:\.(\d+))?\s*\}\}")
#: What every pattern may name beside its fields.
HOUSE = ("community", "accent", "accent_ink")
#: Sides of a picture, in pixels.
SMALLEST, LARGEST = 64, 4096
#: Elements that could reach outside, or run.
_BARRED = (
    "script",
    "foreignObject",
    "image",
    "use",
    "style",
    "animate",
    "set",
    "a",
    "iframe",
    "audio",
    "video",
)
_REACHES = re.compile(
    r"url\(\s*['\"]?(?!#)|https?:(?!//www\.w3\.org/)|data:|file:|javascript:", re.IGNORECASE
)
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
    known = {field.name for field in fields} | set(HOUSE)
    for name, _number in GAP.findall(svg):
        if name not in known:
            raise ValidationError(
                _("There is no field {{ %(name)s }}; there are %(known)s.")
                % {"name": name, "known": ", ".join(sorted(known))},
                code="gap",
            )
    if "<!" in svg.replace("<!--", ""):
        raise ValidationError(_("A pattern is one <svg> element, without a DOCTYPE."), code="svg")
    try:
        tree = ET.fromstring(GAP.sub("x", svg))  # noqa: S314 - without a DOCTYPE there are no entities
    except ET.ParseError as problem:
        raise ValidationError(
            _("Line %(line)s: %(why)s") % {"line": problem.position[0], "why": problem}, code="xml"
        ) from None
    if _local(tree.tag) != "svg":
        raise ValidationError(_("A pattern is one <svg> element, without a DOCTYPE."), code="svg")
    for element in tree.iter():
        name = _local(element.tag)
        if name in _BARRED:
            raise ValidationError(_("<%(name)s> is not taken in a pattern.") % {"name": name}, code="barred")
        for attribute, value in element.attrib.items():
            if _local(attribute).casefold().startswith("on") or _REACHES.search(value):
                raise ValidationError(
                    _("<%(name)s %(attribute)s> reaches outside the pattern.")
                    % {"name": name, "attribute": _local(attribute)},
                    code="outside",
                )
    return svg


def _local(name: str) -> str:
    return name.rpartition("}")[2]


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

    def one(found: re.Match[str]) -> str:
        name, number = found[1], int(found[2] or 1)
        if name in fixed:
            return escape(fixed[name], {'"': "&quot;"})
        among = said.get(name, [])
        text = among[number - 1] if number <= len(among) else ""
        return escape(text, {'"': "&quot;"})

    return GAP.sub(one, card.svg)


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
    return " ".join(GAP.sub(lambda found: known.get(found[1], ""), card.alt).split())
