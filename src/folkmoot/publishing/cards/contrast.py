"""Whether the texts of a card can be read: WCAG contrast of each against what really lies under it.

The filled pattern is drawn three times in one go: as it is, without its texts, and as a map that tells whose letters
stand where. So pictures, gradients, see-through colours and what covers a text count as readers get them. Where the
ground changes under a text, its worst twentieth counts.

WCAG 2.2, success criterion 1.4.3: 4.5 to 1; 3 to 1 for large text, from 24 pixels, bold from 18.66.
"""

from __future__ import annotations

import copy
import io
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

from PIL import Image, ImageChops

from folkmoot.kernel.ui.accent import AA, BLACK, WHITE, Colour, contrast, mix, text
from folkmoot.publishing.cards.faint import Faint
from folkmoot.publishing.cards.rendering import render

#: What large text needs.
LARGE = 3.0
LARGE_FROM, BOLD_FROM = 24.0, 18.66
#: How wide a picture stands in a feed, in pixels: letters of a larger one are seen so much smaller.
SHOWN = 600
#: Pixels of the longer side at which the texts are measured, at least: small letters have no full pixel.
FINE = 1200
#: The share of a text's pixels that may be harder to read.
WORST = 0.05
_SVG = "http://www.w3.org/2000/svg"
_WORDS = ("text", "tspan", "textPath", "tref")
#: What is drawn and is no text. The rest holds others together, or is only drawn when it is named.
_SHAPES = ("rect", "circle", "ellipse", "line", "polyline", "polygon", "path")
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_LENGTH = re.compile(rf"({_NUMBER})(px|pt|pc|mm|cm|in|em|%)?\Z", re.IGNORECASE)
_UNITS = {"px": 1.0, "": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_TURN = re.compile(r"(scale|matrix)\s*\(([^)]*)\)")


@dataclass(frozen=True)
class _Words:
    """A text of a pattern, and whether it is large as it is shown."""

    said: str
    is_large: bool


@lru_cache(maxsize=64)
def faint_texts(svg: str, width: int, height: int) -> tuple[Faint, ...]:
    """Texts of a filled pattern that are hard to read, in the order of the pattern.

    Args:
        width: of the picture, in pixels, as is ``height``.

    Raises:
        ValueError: it cannot be drawn; ``ParseError`` (a SyntaxError): it is no XML.
    """
    tree = ET.fromstring(svg)  # noqa: S314 - checked by drawing.check(): no DOCTYPE, so no entities
    _plain_style(tree)
    texts = list(_texts(tree, width, height))
    if not texts:
        return ()
    zoom = max(1, -(-FINE // max(width, height)))
    wide, high = width * zoom, height * zoom
    panels = (tree, _without_words(tree), _mapped(tree, texts))
    whole = _opened(render(_side_by_side(panels, wide, high), wide * 3, high))
    seen, ground, places = (whole.crop((wide * at, 0, wide * (at + 1), high)) for at in range(3))
    seen, ground = (_on_white(each) for each in (seen, ground))
    found = []
    for number, (_element, words) in enumerate(texts, start=1):
        one = _measured(words, seen, ground, _place_of(places, _id_colour(number)))
        if one is not None:
            found.append(one)
    return tuple(found)


# ------------------------------------------------------------------------------------------------ the pattern


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _plain_style(tree: ET.Element) -> None:
    """What ``style="…"`` says, as attributes: it has the last word."""
    for element in tree.iter():
        for each in element.attrib.pop("style", "").split(";"):
            name, colon, value = each.partition(":")
            if colon:
                element.set(name.strip(), value.replace("!important", "").strip())


def _texts(tree: ET.Element, width: int, height: int) -> Iterator[tuple[ET.Element, _Words]]:
    """Each element with words of its own, and how large they are shown."""
    scale = _scale_of(tree, width, height) * min(1.0, SHOWN / width)
    # element, size of its letters, how much they are enlarged, weight, whether it is inside something not drawn
    waiting = [(tree, 16.0, scale, "normal")]
    while waiting:
        element, size, scale, weight = waiting.pop()
        if _local(element) in ("defs", "symbol", "clipPath", "mask", "pattern", "marker"):
            continue
        size = _size(element.get("font-size"), size)
        scale *= _turned(element.get("transform", ""))
        weight = element.get("font-weight", weight)
        if _local(element) in _WORDS:
            own = [element.text, *(child.tail for child in element)]
            said = " ".join("".join(each or "" for each in own).split())
            if said:
                shown, is_bold = size * scale, weight in ("bold", "bolder", "700", "800", "900")
                yield element, _Words(said, shown >= (BOLD_FROM if is_bold else LARGE_FROM))
        waiting += [(child, size, scale, weight) for child in reversed(element)]


def _scale_of(tree: ET.Element, width: int, height: int) -> float:
    """Pixels of the picture for one unit of the pattern."""
    box = [float(each) for each in re.findall(_NUMBER, tree.get("viewBox", ""))]
    if len(box) != 4:
        box = [0, 0, _size(tree.get("width"), width), _size(tree.get("height"), height)]
    return min(width / box[2], height / box[3]) if box[2] > 0 and box[3] > 0 else 1.0


def _size(said: str | None, around: float) -> float:
    match = _LENGTH.match((said or "").strip())
    if match is None:
        return around
    number, unit = float(match[1]), (match[2] or "").lower()
    if unit in ("em", "%"):
        return number * around / (100 if unit == "%" else 1)
    return number * _UNITS[unit]


def _turned(transform: str) -> float:
    """How much a transformation enlarges."""
    found = 1.0
    for name, said in _TURN.findall(transform):
        numbers = [float(each) for each in re.findall(_NUMBER, said)]
        if name == "scale" and numbers:
            found *= abs(numbers[0] * numbers[-1]) ** 0.5
        elif name == "matrix" and len(numbers) == 6:
            found *= abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]) ** 0.5
    return found


def _without_words(tree: ET.Element) -> ET.Element:
    bare = copy.deepcopy(tree)
    for element in bare.iter():
        if _local(element) in _WORDS:
            element.set("visibility", "hidden")
    return bare


def _mapped(tree: ET.Element, texts: list[tuple[ET.Element, _Words]]) -> ET.Element:
    """The letters alone, each text in a colour of its own, full and without effects."""
    numbers = {id(element): number for number, (element, _words) in enumerate(texts, start=1)}
    mapped = copy.deepcopy(tree)
    outlined = {}
    for given, element in zip(tree.iter(), mapped.iter(), strict=True):
        name = _local(element)
        for effect in ("opacity", "fill-opacity", "stroke-opacity", "filter", "mask"):
            element.attrib.pop(effect, None)
        if name in _SHAPES:
            element.set("visibility", "hidden")
        if name in _WORDS:
            only_outline = given.get("fill", "") == "none" and given.get("stroke", "none") != "none"
            outlined[id(given)] = only_outline
            number = numbers.get(id(given))
            colour = text(_id_colour(number)) if number else "none"
            element.set("fill", "none" if only_outline else colour)
            element.set("stroke", colour if only_outline else "none")
    return mapped


def _id_colour(number: int) -> Colour:
    """Far enough from each other that a rounded one is no other."""
    return 16 + number % 15 * 16, 16 + number // 15 % 15 * 16, 16 + number // 225 % 15 * 16


def _side_by_side(panels: Iterable[ET.Element], width: int, height: int) -> str:
    whole = ET.Element(f"{{{_SVG}}}svg", {"width": str(width * 3), "height": str(height)})
    for at, panel in enumerate(panels):
        if "viewBox" not in panel.attrib:
            wide, high = (panel.get(name, str(side)) for name, side in (("width", width), ("height", height)))
            panel.set("viewBox", f"0 0 {_size(wide, width):g} {_size(high, height):g}")
        place = {"x": width * at, "y": 0, "width": width, "height": height}
        panel.attrib.update({name: str(value) for name, value in place.items()})
        panel.set("overflow", "hidden")
        whole.append(panel)
    return ET.tostring(whole, encoding="unicode")


# ------------------------------------------------------------------------------------------------- the pixels


def _opened(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGBA")


def _on_white(picture: Image.Image) -> Image.Image:
    flat = Image.new("RGB", picture.size, WHITE)
    flat.paste(picture, mask=picture.getchannel("A"))
    return flat


def _place_of(places: Image.Image, colour: Colour) -> Image.Image:
    """White where a text's letters cover the pixel wholly."""
    found = places.getchannel("A").point(lambda value: 255 if value >= 250 else 0)
    for band, wanted in zip("RGB", colour, strict=True):
        near = [255 if abs(value - wanted) < 8 else 0 for value in range(256)]
        found = ImageChops.multiply(found, places.getchannel(band).point(near))
    return found


def _measured(words: _Words, seen: Image.Image, ground: Image.Image, place: Image.Image) -> Faint | None:
    """What is wrong with a text; nothing when it can be read, or has no letter in the picture."""
    box = place.getbbox()
    if box is None:
        return None
    inks, grounds = (_colours(each.crop(box)) for each in (seen, ground))
    pairs = Counter(compress(zip(inks, grounds, strict=True), place.crop(box).tobytes()))
    ratio, ink, under = _worst(pairs)
    least = LARGE if words.is_large else AA
    if ratio >= least:
        return None
    better = _better(ink, under, least)
    # Cut, not rounded: 4.47 shown as 4.5 would be called enough.
    return Faint(words.said, int(ratio * 10) / 10, least, text(ink), text(under), text(better))


def _worst(pairs: Counter[tuple[Colour, Colour]]) -> tuple[float, Colour, Colour]:
    """The contrast that all but :data:`WORST` of the pixels reach, and the colours there."""
    left = WORST * pairs.total()
    ranked = sorted((contrast(ink, under), ink, under) for ink, under in pairs)
    for found in ranked:
        left -= pairs[found[1:]]
        if left <= 0:
            return found
    return ranked[-1]


def _colours(picture: Image.Image) -> Iterable[Colour]:
    raw = picture.tobytes()
    return zip(raw[0::3], raw[1::3], raw[2::3], strict=True)


def _better(ink: Colour, ground: Colour, least: float) -> Colour:
    """The nearest colour to a text's that can be read on a ground: darker or lighter, whichever changes it less."""
    for step in range(1, 41):
        for end in (BLACK, WHITE):
            found = mix(ink, end, step / 40)
            if contrast(found, ground) >= least:
                return found
    return max((BLACK, WHITE), key=lambda each: contrast(each, ground))
