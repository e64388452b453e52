"""Texts with gaps into mails: subject, plain text, HTML.

A gap is ``{{ name }}``, or ``{{ name|what stands there when it is not known }}``. There is no logic. What a record
holds is put in as text: it cannot bring markup or links of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

from folkmoot.kernel.text import clean
from folkmoot.outbox.kinds import MessageKind, Variable

GAP = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~&\"'$^=:@/])")
TAGS = {
    *(
        "p",
        "br",
        "strong",
        "em",
        "a",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "blockquote",
        "code",
        "pre",
        "hr",
    ),
}
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Rendered:
    """A mail's texts."""

    subject: str
    text: str
    html: str
    #: What text and HTML were made from.
    markdown: str


def named(*texts: str) -> set[str]:
    """The variables that texts name."""
    return {found[1] for text in texts for found in GAP.finditer(text)}


def check(kind: MessageKind, subject: str, body: str) -> None:
    """Whether a text names only what its kind knows.

    Raises:
        ValidationError: at ``subject`` or ``body``; the message lists the variables that there are.
    """
    known = {variable.name for variable in kind.variables}
    errors: dict[str, str] = {}
    for field, text in (("subject", subject), ("body", body)):
        unknown = sorted(named(text) - known)
        left = GAP.sub("", text)
        if unknown:
            sentence = ngettext(
                "There is no variable %(names)s. There are: %(known)s.",
                "There are no variables %(names)s. There are: %(known)s.",
                len(unknown),
            )
            errors[field] = sentence % {
                "names": ", ".join(unknown) or "“”",
                "known": ", ".join(sorted(known)),
            }
        elif "{{" in left or "}}" in left:
            errors[field] = _("A variable is written with two braces on either side: {{ name }}.")
    if errors:
        raise ValidationError(errors)


def render(kind: MessageKind, subject: str, body: str, values: Mapping[str, str]) -> Rendered:
    """Fill a text's gaps.

    Raises:
        ValidationError: it names what there is not, or something it needs is not known of this record.
    """
    check(kind, subject, body)
    variables = {variable.name: variable for variable in kind.variables}
    missing = {
        found[1]
        for text in (subject, body)
        for found in GAP.finditer(text)
        if not clean(values.get(found[1], "")) and not clean(found[2] or "")
    }
    if missing:
        names = ", ".join(str(variables[name].label) for name in sorted(missing))
        raise ValidationError(
            _("Not known here, and the text needs it: %(names)s. Nothing was queued.") % {"names": names},
            code="missing",
        )
    marked = fill(body, values, variables, as_markdown=True)
    return written(clean(fill(subject, values, variables)), marked)


def written(subject: str, markdown: str) -> Rendered:
    """A mail whose text has no gaps."""
    return Rendered(clean(subject), plain(markdown), to_html(markdown), markdown)


def fill(
    text: str, values: Mapping[str, str], variables: Mapping[str, Variable], *, as_markdown: bool = False
) -> str:
    """The text with its gaps filled."""

    def one(found: re.Match[str]) -> str:
        value = clean(values.get(found[1], "")) or clean(found[2] or "")
        if not as_markdown:
            return value
        return link(value) if variables[found[1]].is_url else _SPECIAL.sub(r"\\\1", value)

    return GAP.sub(one, text)


def link(value: str) -> str:
    """An address of the web as Markdown takes it, alone or inside a link.

    Raises:
        ValidationError: it is none.
    """
    if urlsplit(value).scheme not in ("http", "https") or re.search(r"[\s<>\\]", value):
        raise ValidationError(_("“%(value)s” is no address of the web.") % {"value": value})
    return f"<{value}>"


def to_html(markdown: str) -> str:
    """Markdown as HTML that a mail may hold: no styles, no scripts, no pictures."""
    return nh3.clean(
        _MARKDOWN.render(markdown),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def plain(markdown: str) -> str:
    """Markdown as plain text: links with their address behind them, lists with dashes."""
    lines: list[str] = []
    bullets: list[int | None] = []
    lead = ""
    for token in _MARKDOWN.parse(markdown):
        if token.type == "bullet_list_open":
            bullets.append(None)
        elif token.type == "ordered_list_open":
            bullets.append(int(token.attrs.get("start", 1)))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            bullets.pop()
            if not bullets:
                lead = ""
                lines.append("")
        elif token.type == "list_item_open":
            number = bullets[-1]
            lead = "  " * (len(bullets) - 1) + ("- " if number is None else f"{number}. ")
            bullets[-1] = None if number is None else number + 1
        elif token.type == "inline":
            first, *rest = _inline(token.children or []).split("\n")
            lines.append(lead + first)
            lines += [" " * len(lead) + line for line in rest]
            lead = " " * len(lead) if bullets else ""
        elif token.type in ("paragraph_close", "heading_close") and not bullets:
            lines.append("")
        elif token.type in ("fence", "code_block"):
            lines += [*(f"    {line}" for line in token.content.rstrip().split("\n")), ""]
        elif token.type == "hr":
            lines += ["---", ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _inline(tokens: Iterable[Token]) -> str:
    found: list[str] = []
    targets: list[str] = []
    text_since = 0
    for token in tokens:
        if token.type == "link_open":
            targets.append(str(token.attrs.get("href", "")))
            text_since = len(found)
        elif token.type == "link_close":
            target = targets.pop()
            if "".join(found[text_since:]).strip() != target.removeprefix("mailto:"):
                found.append(f" ({target})")
        elif token.type in ("softbreak", "hardbreak"):
            found.append("\n")
        else:
            found.append(token.content)
    return "".join(found)
