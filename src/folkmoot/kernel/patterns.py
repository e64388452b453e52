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


def check(svg: str, known: Iterable[str]) -> str:
    """A pattern that can be drawn.

    Args:
        known: the names that its gaps may have.

    Raises:
        ValidationError: it is no SVG, names a gap that nothing fills, or reaches outside itself.
    """
    names = set(known)
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


def fill(svg: str, value: Callable[[str, int], str]) -> str:
    """The pattern with its gaps filled.

    Args:
        value: ``value(name, line)`` is the text of a gap; lines count from 1.
    """

    def one(found: re.Match[str]) -> str:
        return escape(value(found[1], int(found[2] or 1)), {'"': "&quot;"})

    return GAP.sub(one, svg)
