"""Pictures have words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from folkmoot.kernel.text import fold
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Picture, Subject

_FILE = re.compile(
    r"\S+\.(?:png|jpe?g|gif|webp|svg|heic|avif|tiff?|bmp)"
    r"|(?:img|dsc|dscn|dcim|pxl|image|photo|picture|screenshot|screen shot|captura)[\s_-]*[\d_.-]*",
    re.IGNORECASE,
)
LOOKS = ("missing", "file_name", "opening", "caption", "length")
OPENINGS = (
    *("image of", "picture of", "photo of", "graphic of", "an image", "a picture", "a photo"),
    *("imagen de", "foto de", "fotografía de", "una imagen", "una foto"),
)


@check(
    "alt_text",
    Param("look_for", "words", LOOKS, "What to look for.", LOOKS),
    Param("least", "number", 1, "A description has at least so many characters."),
    Param("most", "number", 0, "And at most so many; 0: as many as the platform takes."),
    Param("openings", "words", OPENINGS, "How a description should not begin."),
)
def alt_text(subject: Subject, params: Params) -> Iterator[Hit]:
    """Pictures have a description: it is there, is no file's name, does not say that it is a picture, does not repeat
    the caption, and is no longer than the platform takes.

    Source: WCAG 2.2, success criterion 1.1.1 (a text alternative that serves the same purpose); W3C WAI, Images
    Tutorial, "Tips and Tricks" (leave out "image of", do not repeat what stands beside it).
    """
    for number, piece in enumerate(subject.parts, 1):
        for picture in piece.pictures:
            for message, fix in _wrong(picture, subject, params, piece.text):
                yield Hit(message, number, picture.at, picture.alt or picture.name, fix)


def _wrong(picture: Picture, subject: Subject, params: Params, text: str) -> Iterator[tuple[str, str]]:
    looks, alt = params["look_for"], (picture.alt or "").strip()
    name = picture.name or _("A picture")
    if not alt or len(alt) < params["least"]:
        if "missing" in looks:
            said = (
                _("%(name)s has no description.")
                if not alt
                else _("The description of %(name)s is very short.")
            )
            yield said % {"name": name}, _("Say in words what it shows, and why it is there.")
        return
    if "file_name" in looks and (_FILE.fullmatch(alt) or fold(alt) == fold(picture.name)):
        yield (
            _("The description of %(name)s is a file's name.") % {"name": name},
            _("Say in words what it shows, and why it is there."),
        )
    opening = next((each for each in params["openings"] if fold(alt).startswith(fold(each))), "")
    if "opening" in looks and opening:
        yield (
            _("The description of %(name)s begins with “%(opening)s”.") % {"name": name, "opening": opening},
            _("Screen readers say that it is a picture. Begin with what it shows."),
        )
    beside = [each for each in (picture.caption, subject.title, text) if each.strip()]
    if (
        "caption" in looks
        and len(alt) > 10
        and any(fuzz.ratio(fold(alt), fold(each)) > 95 for each in beside)
    ):
        yield (
            _("The description of %(name)s repeats what stands beside it.") % {"name": name},
            _("Say what the picture adds to the text."),
        )
    most = params["most"] or subject.alt_limit
    if "length" in looks and most and len(alt) > most:
        yield (
            _("The description of %(name)s has %(n)s characters, and %(most)s are taken.")
            % {"name": name, "n": len(alt), "most": most},
            _("Shorten it, and put the details into the text."),
        )
