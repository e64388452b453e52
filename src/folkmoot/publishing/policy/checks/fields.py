"""What has to be filled in: fields, the language, mentions, a sponsor's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject

_OPEN_MENTION = re.compile(r"@\[([^\]\n]*)\]")
_BARE = re.compile(r"(?<![\w@./])@(\w[\w-]*)(?![\w@.-]*[@\w])(?!\.\w)")
SAYS = (
    *(
        "sponsored by",
        "supported by",
        "funded by",
        "with support from",
        "paid partnership with",
        "thanks to our sponsor",
    ),
    *("patrocinado por", "con el apoyo de", "financiado por", "gracias a nuestro patrocinador"),
)


@check("language")
def language(subject: Subject, params: Params) -> Iterator[Hit]:
    """Readers' programs are told the language, so that screen readers pronounce it and people can translate it.

    Source: WCAG 2.2, success criterion 3.1.1 (language of page).
    """
    if not subject.language:
        yield Hit(
            _("Nobody said in which language it is."),
            fix=_("Choose its language."),
            line=subject.lines.get("language", 0),
        )


@check(
    "mentions",
    Param(
        "look_for",
        "words",
        ("unknown", "bare", "nameless"),
        "What to look for.",
        ("unknown", "bare", "nameless"),
    ),
)
def mentions(subject: Subject, params: Params) -> Iterator[Hit]:
    """Whoever is mentioned can be found: `@[alias]` is in the handle book (`unknown`) and has a handle on this platform
    (`nameless`); a bare `@name` says on which server, where the platform asks for that (`bare`).

    Source: Mastodon reads `@name` as somebody of its own server, `@name@server` as anybody; Bluesky takes a handle only
    with a domain (AT Protocol, "Handle").
    """
    looks = params["look_for"]
    for part, piece in enumerate(subject.parts, 1):
        for match in _OPEN_MENTION.finditer(piece.text) if "unknown" in looks else ():
            yield _unknown(match[1], part, match.start())
        wants_server = subject.platform in ("mastodon", "bluesky")
        for match in _BARE.finditer(piece.text) if "bare" in looks and wants_server else ():
            yield Hit(
                _("%(handle)s lacks its server, and reaches nobody or a stranger.") % {"handle": match[0]},
                part,
                match.start(),
                match[0],
                _("Use the handle book, or write the whole handle."),
            )
    for name in subject.unknown if "unknown" in looks else ():
        yield _unknown(name)
    for name in subject.nameless if "nameless" in looks else ():
        yield Hit(
            _("%(name)s has no handle here, so the name stands in the text.") % {"name": name},
            found=name,
            fix=_("Add the handle to the handle book if there is one."),
        )


def _unknown(alias: str, part: int = 0, at: int | None = None) -> Hit:
    return Hit(
        _("Nobody knows who “%(alias)s” is.") % {"alias": alias},
        part,
        at,
        f"@[{alias}]",
        _("Add an entry to the handle book, or write the name."),
    )


@check("required", Param("fields", "words", (), "Fields that must be filled."))
def required(subject: Subject, params: Params) -> Iterator[Hit]:
    """Fields are filled in. Of a post: `campaign`, `owner`, `tags`, `project`, `people`, `language`, `link`, `sponsor`,
    `time`, `embargo`, `picture`, `title`. Of a file: whatever stands in the front matter (`title`, `date`, `author`).

    Source: none; it is the community's own wish.
    """
    for name in params["fields"]:
        if not subject.fields.get(name):
            yield Hit(
                _("“%(field)s” is empty.") % {"field": name},
                found=name,
                fix=_("Fill it in."),
                line=subject.lines.get(name, 1 if subject.source == "file" else 0),
            )


@check("sponsor", Param("says", "words", SAYS, "Words that disclose, in front of the sponsor's name."))
def sponsor(subject: Subject, params: Params) -> Iterator[Hit]:
    """A post that somebody paid for says so, by name: "supported by …".

    Source: FTC Endorsement Guides, 16 CFR 255.5, and the EU's directive 2005/29/EC, article 7(2): a commercial intent
    is disclosed where readers cannot miss it.
    """
    if not subject.sponsor:
        return
    text = fold(subject.text)
    name = fold(subject.sponsor)
    if name not in text or not any(fold(each) in text for each in params["says"]):
        yield Hit(
            _("%(name)s paid for this, and the text does not say so.") % {"name": subject.sponsor},
            found=subject.sponsor,
            fix=_("Write, for example: supported by %(name)s.") % {"name": subject.sponsor},
        )
