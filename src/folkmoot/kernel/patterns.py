"""Patterns: an SVG with gaps such as ``{{ title }}`` that facts are filled into.

What is filled in is text, never markup; a pattern may not reach for anything outside itself.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: A gap: its name, and the number of the line where a field has several (``{{ title.2 }}``).
GAP = re.compile(r"\{\{\s*(\w+)(?:\.(\d+))?\s*\}\}")
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


def check(svg: str, known: Iterable[str], pictures: Iterable[str] = ()) -> str:
    """A pattern that can be drawn.

    Args:
        known: the names that its gaps may have.
        pictures: names of gaps that a picture is filled into: each is the whole ``href`` of an ``<image>``, and
            stands nowhere else.

    Raises:
        ValidationError: it is no SVG, names a gap that nothing fills, or reaches outside itself.
    """
    shown = set(pictures)
    names = {*known, *shown}
    for name, _number in GAP.findall(svg):
        if name not in names:
            raise ValidationError(
                _("There is no field {{ %(name)s }}; there are %(known)s.")
                % {"name": name, "known": ", ".join(sorted(names))},
                code="gap",
            )
    if "<!" in svg.replace("<!--", ""):
        raise ValidationError(_("A pattern is one <svg> element, without a DOCTYPE."), code="svg")
    try:
        tree = ET.fromstring(  # noqa: S314 - without a DOCTYPE there are no entities
            GAP.sub(lambda found: f"#gap-{found[1]}" if found[1] in shown else "x", svg)
        )
    except ET.ParseError as problem:
        raise ValidationError(
            _("Line %(line)s: %(why)s") % {"line": problem.position[0], "why": problem}, code="xml"
        ) from None
    if _local(tree.tag) != "svg":
        raise ValidationError(_("A pattern is one <svg> element, without a DOCTYPE."), code="svg")
    placed = 0
    for element in tree.iter():
        name = _local(element.tag)
        if shown and name == "image" and _href(element) in {f"#gap-{each}" for each in shown}:
            placed += 1
        elif name in _BARRED:
            raise ValidationError(_("<%(name)s> is not taken in a pattern.") % {"name": name}, code="barred")
        for attribute, value in element.attrib.items():
            if _local(attribute).casefold().startswith("on") or _REACHES.search(value):
                raise ValidationError(
                    _("<%(name)s %(attribute)s> reaches outside the pattern.")
                    % {"name": name, "attribute": _local(attribute)},
                    code="outside",
                )
    if placed != sum(name in shown for name, _number in GAP.findall(svg)):
        raise ValidationError(
            _('{{ %(name)s }} is a picture: write <image href="{{ %(name)s }}"/>, with its place and size.')
            % {"name": min(shown)},
            code="picture",
        )
    return svg


def _href(element: ET.Element) -> str:
    """Where an image comes from; ``""`` where it says so twice, or nowhere."""
    found = [value for name, value in element.attrib.items() if _local(name) == "href"]
    return found[0] if len(found) == 1 else ""


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def fill(svg: str, value: Callable[[str, int], str]) -> str:
    """The pattern with its gaps filled.

    Args:
        value: ``value(name, line)`` is the text of a gap; lines count from 1.
    """

    def one(found: re.Match[str]) -> str:
        return escape(value(found[1], int(found[2] or 1)), {'"': "&quot;"})

    return GAP.sub(one, svg)
