"""The text of a post in the markups of platforms: Slack's mrkdwn, plain text, the Markdown of Discourse and GitHub.

A post is written once, in the common subset of Markdown that people use in messages. Its tokens are walked, so that a
star in a product's name or an underscore in an address is not taken for emphasis. Raw HTML is text, nothing else.

Source for mrkdwn: Slack's documentation, "Formatting message text".
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

from folkmoot.connectors.posts import ADDRESS, Content, Limits, Measure, PostConnector, Segment, pieces

#: How Slack writes somebody who is named (``<@U012AB3CD>``): the one thing in angle brackets that is kept.
SLACK_MENTION = re.compile(r"<@[UW][A-Z0-9]{2,}>")
#: What an address may begin with that a reader can follow.
_WEB = ("http://", "https://", "mailto:")
_SCHEME = re.compile(r"https?$", re.IGNORECASE)


def _address(state: StateInline, silent: bool) -> bool:
    """An address that stands in the text by itself is one piece, whatever stars and underscores it has."""
    scheme = _SCHEME.search(state.pending)
    if not scheme or not state.src.startswith("://", state.pos) or state.linkLevel:
        return False
    start = state.pos - len(scheme[0])
    found = ADDRESS.match(state.src, start, state.posMax)
    if not found:
        return False
    if not silent:
        state.pending = state.pending[: scheme.start()]
        token = state.push("address", "", 0)
        token.content = found[0]
    state.pos = found.end()
    return True


def _parser(*, html: bool) -> MarkdownIt:
    found = MarkdownIt("commonmark", {"html": html}).enable("strikethrough")
    found.normalizeLink = lambda url: url  # type: ignore[method-assign]
    if not html:
        found.inline.ruler.before("escape", "address", _address)
    return found


_MARKDOWN = _parser(html=False)
_WITH_HTML = _parser(html=True)


def whole(content: Content) -> str:
    """The text of a part, with the page it is about beneath when that does not stand in it."""
    if not content.link or content.link in content.text:
        return content.text
    return f"{content.text.rstrip()}\n\n{content.link}".strip()


@dataclass(frozen=True)
class _Style:
    """How a markup writes what it knows; each function takes what is inside."""

    text: Callable[[str], str]
    address: Callable[[str], str]
    link: Callable[[str, str], str]
    strong: Callable[[str], str]
    em: Callable[[str], str]
    strike: Callable[[str], str]
    code: Callable[[str], str]
    fence: Callable[[str], str]
    bullet: str
    quote: str


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack_text(text: str) -> str:
    """Escaped, but for mentions."""
    kept = SLACK_MENTION.findall(text)
    pieces = [_escaped(piece) for piece in SLACK_MENTION.split(text)]
    return "".join(piece + mention for piece, mention in zip(pieces, [*kept, ""], strict=True))


def _slack_link(label: str, url: str) -> str:
    if not url.lower().startswith(_WEB):
        return f"{label} ({_escaped(url)})".strip()  # in angle brackets it might call everybody in
    target = _escaped(url).replace("|", "%7C")
    label = " ".join(label.split())
    return f"<{target}|{label}>" if label and label != _escaped(url) else f"<{target}>"


def _plain_link(label: str, url: str) -> str:
    return label if label.strip() == url.removeprefix("mailto:") else f"{label} ({url})".lstrip()


_SLACK = _Style(
    text=_slack_text,
    address=lambda url: f"<{_escaped(url).replace('|', '%7C')}>",
    link=_slack_link,
    strong=lambda inner: f"*{inner}*",
    em=lambda inner: f"_{inner}_",
    strike=lambda inner: f"~{inner}~",
    code=lambda inner: f"`{_escaped(inner)}`",
    fence=lambda inner: f"```\n{_escaped(inner)}\n```",
    bullet="•",
    quote="> ",
)
_PLAIN = _Style(
    text=str,
    address=str,
    link=_plain_link,
    strong=str,
    em=str,
    strike=str,
    code=str,
    fence=str,
    bullet="-",
    quote="> ",
)


#: Around what a preview shows apart: strong words, links with their address. Taken out of whatever was written.
_STRONG, _NOT_STRONG, _LINK, _TO, _NOT_LINK = "\ue000\ue001\ue002\ue003\ue004"
_SIGNS = re.compile(f"[{_STRONG}-{_NOT_LINK}]")
_APART = re.compile(
    f"{_STRONG}([^{_STRONG}{_NOT_STRONG}]*){_NOT_STRONG}|{_LINK}([^{_LINK}{_TO}]*){_TO}([^{_NOT_LINK}]*){_NOT_LINK}"
)
_INSIDE = re.compile(f"{_LINK}([^{_LINK}{_TO}]*){_TO}[^{_NOT_LINK}]*{_NOT_LINK}")


def _unsigned(inner: str) -> str:
    """What stands inside something that is shown apart already."""
    return _SIGNS.sub("", _INSIDE.sub(r"\1", inner))


def _shown_link(label: str, url: str) -> str:
    label, url = _unsigned(label), _SIGNS.sub("", url)
    if not url.lower().startswith(_WEB):
        return _plain_link(label, url)
    return f"{_LINK}{label or url}{_TO}{url}{_NOT_LINK}"


_PREVIEW = dataclasses.replace(
    _PLAIN,
    text=lambda text: _SIGNS.sub("", text),
    address=lambda url: _shown_link(url, url),
    link=_shown_link,
    strong=lambda inner: f"{_STRONG}{_unsigned(inner)}{_NOT_STRONG}",
    bullet="•",
)


def segments(content: Content) -> list[Segment]:
    """A part as readers of Markdown see it: strong words, links by their label, names; hashtags are words there."""
    text = _SIGNS.sub("", whole(content))
    shown = _blocks(SyntaxTreeNode(_MARKDOWN.parse(text)), _PREVIEW, "\n\n")
    found: list[Segment] = []
    at = 0
    for match in _APART.finditer(shown):
        found += _words(content, shown[at : match.start()])
        strong, label, url = match.groups()
        found.append(Segment(strong, "strong") if strong is not None else Segment(label, "link", url))
        at = match.end()
    return [each for each in [*found, *_words(content, shown[at:])] if each.text]


def _words(content: Content, text: str) -> list[Segment]:
    """Names told apart from the rest; a name that is an id there is shown by its handle."""
    shown = {each.text: f"@{each.handle}" for each in content.mentions if each.handle}
    return [
        Segment(shown.get(each.text, each.text), "mention") if each.kind == "mention" else Segment(each.text)
        for each in pieces(dataclasses.replace(content, text=text))
    ]


class MarkupConnector(PostConnector):
    """A platform with a markup of its own."""

    def in_markup(self, content: Content) -> str:
        """The text as it is counted."""
        return whole(content)

    def measures(self, content: Content, limits: Limits) -> list[Measure]:
        """With the page it is about, in the platform's markup."""
        return super().measures(dataclasses.replace(content, text=self.in_markup(content)), limits)

    def segments(self, content: Content) -> list[Segment]:
        """As its readers see it: without the signs of the markup."""
        return segments(content)


def mrkdwn(text: str) -> str:
    """For Slack: ``&``, ``<`` and ``>`` escaped, links as ``<url|text>``, mentions kept."""
    return _blocks(SyntaxTreeNode(_MARKDOWN.parse(text)), _SLACK, "\n\n")


def plain(text: str) -> str:
    """Without markup: links with their address behind them, lists with dashes."""
    return _blocks(SyntaxTreeNode(_MARKDOWN.parse(text)), _PLAIN, "\n\n")


def markdown(text: str) -> str:
    """For Discourse and GitHub, which read the same Markdown and HTML besides: what would be HTML there is escaped."""
    found: list[str] = []
    at = 0
    for block in _WITH_HTML.parse(text):
        for token in block.children or [block]:
            if token.type not in (*_AS_TYPED, *_HTML):
                continue
            for line in filter(str.strip, token.content.splitlines()):
                start = text.find(line, at)
                if start < 0:
                    continue
                end = start + len(line)
                found += [text[at:start], _OPENS.sub(r"\\<", line) if token.type in _HTML else line]
                at = end
    return "".join(found) + text[at:]


#: Tokens whose content stands in the text as it is: code, in which nothing is escaped, and HTML.
_AS_TYPED = ("code_inline", "fence", "code_block")
_HTML = ("html_inline", "html_block")
_OPENS = re.compile(r"(?<!\\)<")


def _blocks(node: SyntaxTreeNode, style: _Style, between: str) -> str:
    return between.join(filter(None, (_block(each, style) for each in node.children)))


def _block(node: SyntaxTreeNode, style: _Style) -> str:
    if node.type in ("bullet_list", "ordered_list"):
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
        return "\n".join(
            _led(f"{first + number}. " if node.type == "ordered_list" else f"{style.bullet} ", each, style)
            for number, each in enumerate(node.children)
        )
    if node.type == "blockquote":
        return "\n".join(f"{style.quote}{line}" for line in _blocks(node, style, "\n\n").split("\n"))
    if node.type in ("fence", "code_block"):
        return style.fence(node.content.rstrip("\n"))
    if node.type == "hr":
        return "———"
    if node.type == "heading":
        return style.strong(_inline(node, style))
    return _inline(node, style)


def _led(lead: str, item: SyntaxTreeNode, style: _Style) -> str:
    """A point of a list; what follows its first line is indented."""
    lines = _blocks(item, style, "\n").split("\n")
    return "\n".join((lead if not number else " " * len(lead)) + line for number, line in enumerate(lines))


def _inline(node: SyntaxTreeNode, style: _Style) -> str:
    return "".join(_piece(each, style) for each in node.children)


def _piece(node: SyntaxTreeNode, style: _Style) -> str:
    if node.type in ("softbreak", "hardbreak"):
        return "\n"
    if node.type == "code_inline":
        return style.code(node.content)
    if node.type == "address":
        return style.address(node.content)
    if node.type == "link":
        return style.link(_inline(node, style), str(node.attrs.get("href", "")))
    if node.type == "image":
        return style.link(style.text(node.content), str(node.attrs.get("src", "")))
    if node.type in ("strong", "em"):
        return (style.strong if node.type == "strong" else style.em)(_inline(node, style))
    if node.type == "s":
        return style.strike(_inline(node, style))
    return _inline(node, style) if node.children else style.text(node.content)
