"""A text as somebody will read it: Markdown as HTML, a website's own shortcodes shown as what they are."""

from __future__ import annotations

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_WITH_HTML = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_TAGS = {
    *("p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "h2", "h3", "h4", "h5", "h6", "blockquote"),
    *("code", "pre", "hr", "table", "thead", "tbody", "tr", "th", "td"),
}
#: Hugo's ``{{< figure … >}}`` and Jekyll's ``{% include … %}``: on a line of their own they are a block.
_SHORTCODE = re.compile(r"^[ \t]*(\{\{[<%].*?[>%]\}\}|\{%.*?%\})[ \t]*$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_SCROLLED = (
    ("<pre>", '<pre tabindex="0">'),
    ("<table>", '<div class="table-scroll" tabindex="0"><table>'),
    ("</table>", "</table></div>"),
)
_WORD = re.compile(r"\w+")
#: Words that people read in a minute (Brysbaert 2019, a meta-analysis: 238 of English non-fiction).
PACE = 238


def as_html(text: str) -> SafeString:
    """The text as HTML: no HTML of its own, no pictures from elsewhere, headings one level below the page's."""
    shown = text if _FENCE.search(text) else _SHORTCODE.sub(lambda found: f"\n```\n{found[1]}\n```\n", text)
    return _safe(_MARKDOWN.render(shown))


def for_everybody(text: str) -> SafeString:
    """The same for who never sees the website's files: without shortcodes, and of its HTML only the words and links."""
    bare = text if _FENCE.search(text) else _SHORTCODE.sub("", text)
    return _safe(_WITH_HTML.render(bare))


def _safe(rendered: str) -> SafeString:
    """Only harmless elements, headings one level below the page's."""
    rendered = re.sub(r"<(/?)h1>", r"<\1h2>", rendered)
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    # What may be wider than its place is scrolled with the keyboard too.
    for plain, scrolled in _SCROLLED:
        clean = clean.replace(plain, scrolled)
    return mark_safe(clean)  # noqa: S308 - nh3 has left only these tags


def minutes(text: str) -> int:
    """How long it takes to read, in minutes, at least one."""
    return max(1, round(len(_WORD.findall(text)) / PACE))
