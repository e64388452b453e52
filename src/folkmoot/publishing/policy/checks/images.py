"""Pictures: large enough, their words readable, and only of people who agreed."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject


@check(
    "image",
    Param("least_side", "number", 400, "The shorter side has at least so many pixels; 0: any."),
    Param(
        "most_bytes", "number", 0, "A picture has at most so many bytes; 0: as many as the platform takes."
    ),
    Param("types", "words", (), "Types that may be used (`image/png`); empty: any."),
)
def image(subject: Subject, params: Params) -> Iterator[Hit]:
    """Pictures are large enough to be read, and of a type and size that may be used. What a camera writes into a file
    (place, time, owner) is gone from every picture, since each is drawn anew when it is uploaded.

    Source: none; what platforms take is checked with the length.
    """
    types = {each.lower() for each in params["types"]}
    for part, piece in enumerate(subject.parts, 1):
        for picture in piece.pictures:
            name = picture.name or _("A picture")
            side = min(picture.width, picture.height)
            if side and side < params["least_side"]:
                yield Hit(
                    _("%(name)s is small: %(width)s × %(height)s pixels.")
                    % {"name": name, "width": picture.width, "height": picture.height},
                    part,
                    picture.at,
                    picture.name,
                    _("Take a larger one: at least %(n)s pixels on the shorter side.")
                    % {"n": params["least_side"]},
                )
            if params["most_bytes"] and picture.size > params["most_bytes"]:
                yield Hit(
                    _("%(name)s has %(n)s bytes, and at most %(most)s are wanted.")
                    % {"name": name, "n": picture.size, "most": params["most_bytes"]},
                    part,
                    picture.at,
                    picture.name,
                    _("Take a smaller one."),
                )
            if types and picture.type and picture.type.lower() not in types:
                yield Hit(
                    _("%(name)s is %(type)s, which is not wanted.") % {"name": name, "type": picture.type},
                    part,
                    picture.at,
                    picture.name,
                )


@check("contrast")
def contrast(subject: Subject, params: Params) -> Iterator[Hit]:
    """The words on pictures that were drawn from a card can be read: 4.5 to 1 against what lies under them, 3 to 1
    where they are large. Each is measured when it is drawn, as it is seen 600 pixels wide; of uploaded pictures nothing
    is known.

    Source: WCAG 2.2, success criterion 1.4.3 (contrast, minimum).
    """
    for part, piece in enumerate(subject.parts, 1):
        for picture in piece.pictures:
            for one in picture.faint:
                message = f"{picture.name or _('A picture')}: {one.problem}"
                yield Hit(message, part, picture.at, one.text, one.remedy)


@check("consent")
def consent(subject: Subject, params: Params) -> Iterator[Hit]:
    """People who can be recognised in a picture agreed to be shown: their consent "photograph" holds now.

    Source: GDPR, article 6(1)(a) and article 7 (consent that can be shown and withdrawn).
    """
    for part, piece in enumerate(subject.parts, 1):
        for picture in piece.pictures:
            name = picture.name or _("A picture")
            for person in picture.unagreed:
                yield Hit(
                    _("%(person)s did not agree to be shown (%(name)s).") % {"person": person, "name": name},
                    part,
                    picture.at,
                    person,
                    _("Ask them, and record their consent; or take another picture."),
                )
            if picture.shows_people and not picture.people:
                yield Hit(
                    _("%(name)s shows people, and nobody said who they are.") % {"name": name},
                    part,
                    picture.at,
                    picture.name,
                    _("Name them at the picture, so that their consent can be looked at."),
                )
