"""Texts that fit."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject


@check(
    "length",
    Param("most", "number", 0, "So many characters at most, beside the platform's own limit; 0: none."),
    Param(
        "title", "number", 0, "The title has at most so many characters; 0: as many as the platform takes."
    ),
)
def length(subject: Subject, params: Params) -> Iterator[Hit]:
    """Every part, and the title, is as long as the platform takes, counted as the platform counts; and no longer than
    the rule says.

    Source: the limits and the counting of each connector; see the page of the platform.
    """
    for part, piece in enumerate(subject.parts, 1):
        for count in piece.counts:
            if count.limit and count.length > count.limit:
                yield Hit(
                    _("%(what)s is too long: %(length)s of %(limit)s %(unit)s.")
                    % {"what": count.what, "length": count.length, "limit": count.limit, "unit": count.unit},
                    part,
                    fix=_("Shorten it, or make a thread where the platform has them."),
                )
        if params["most"] and len(piece.text) > params["most"]:
            yield Hit(
                _("The text has %(n)s characters, and the rule wants at most %(most)s.")
                % {"n": len(piece.text), "most": params["most"]},
                part,
            )
    if params["title"] and len(subject.title) > params["title"]:
        yield Hit(
            _("The title has %(n)s characters, and the rule wants at most %(most)s.")
            % {"n": len(subject.title), "most": params["title"]},
            line=subject.lines.get("title", 0),
        )
