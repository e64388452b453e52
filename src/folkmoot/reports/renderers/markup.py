"""The Markdown that people write in notes, read once into a small tree that each renderer writes in its own way.

HTML inside is text, links lead only to web and mail addresses, pictures become their description, so a note can carry
nothing into a page or a document but words.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Node = dict[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("strikethrough")
_ALLOWED_LINK = re.compile(r"^(https?://|mailto:)", re.IGNORECASE)


def parse(source: str) -> list[Node]:
    """The note as nodes ``{"kind", "children"}`` or ``{"kind": "text", "text"}``.

    Kinds: paragraph, heading, list (``ordered``), item, quote, code, rule; and within lines text, strong, emphasis,
    strike, code-span, link (``href``), break.
    """
    root = SyntaxTreeNode(_MARKDOWN.parse(source))
    return [node for child in root.children for node in _block(child)]


def _block(node: SyntaxTreeNode) -> list[Node]:
    kind = node.type
    if kind in ("paragraph", "heading"):
        return [{"kind": kind, "children": _inline(node)}]
    if kind in ("bullet_list", "ordered_list"):
        items = [{"kind": "item", "children": _blocks(child)} for child in node.children]
        start = int(node.attrs.get("start", 1)) if kind == "ordered_list" else 1
        return [{"kind": "list", "ordered": kind == "ordered_list", "start": start, "children": items}]
    if kind == "blockquote":
        return [{"kind": "quote", "children": _blocks(node)}]
    if kind in ("fence", "code_block"):
        return [{"kind": "code", "text": node.content.rstrip("\n")}]
    if kind == "hr":
        return [{"kind": "rule"}]
    return _blocks(node)


def _blocks(node: SyntaxTreeNode) -> list[Node]:
    return [made for child in node.children for made in _block(child)]


def _inline(node: SyntaxTreeNode) -> list[Node]:
    made: list[Node] = []
    for child in node.children:
        kind = child.type
        if kind == "text":
            made.append({"kind": "text", "text": child.content})
        elif kind == "softbreak":
            made.append({"kind": "text", "text": " "})
        elif kind == "hardbreak":
            made.append({"kind": "break"})
        elif kind == "code_inline":
            made.append({"kind": "code-span", "text": child.content})
        elif kind == "image":
            made.append({"kind": "text", "text": child.content})
        elif kind in ("strong", "em", "s"):
            name = {"strong": "strong", "em": "emphasis", "s": "strike"}[kind]
            made.append({"kind": name, "children": _inline(child)})
        elif kind == "link" and _ALLOWED_LINK.match(str(child.attrs.get("href", ""))):
            made.append({"kind": "link", "href": str(child.attrs["href"]), "children": _inline(child)})
        else:
            made.extend(_inline(child))
    return [node for node in made if node.get("text") != ""]


_TAGS = {
    "paragraph": "p",
    "heading": "h4",
    "item": "li",
    "quote": "blockquote",
    "strong": "strong",
    "emphasis": "em",
    "strike": "s",
}


def to_html(nodes: list[Node]) -> SafeString:
    """The nodes as HTML, everything that a person wrote escaped."""
    return mark_safe("".join(_html(node) for node in nodes))  # noqa: S308 - joined from escaped parts


def _html(node: Node) -> SafeString:
    kind = node["kind"]
    inner = format_html_join("", "{}", ((_html(child),) for child in node.get("children", ())))
    if kind == "text":
        return format_html("{}", node["text"])
    if kind == "break":
        return mark_safe("<br>")
    if kind == "rule":
        return mark_safe("<hr>")
    if kind == "code":
        return format_html("<pre><code>{}</code></pre>", node["text"])
    if kind == "code-span":
        return format_html("<code>{}</code>", node["text"])
    if kind == "link":
        return format_html('<a href="{}" rel="noopener nofollow">{}</a>', node["href"], inner)
    if kind == "list":
        if node["ordered"]:
            return format_html('<ol start="{}">{}</ol>', node["start"], inner)
        return format_html("<ul>{}</ul>", inner)
    tag = mark_safe(_TAGS[kind])  # noqa: S308 - from the table above
    return format_html("<{}>{}</{}>", tag, inner, tag)


_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$@=-])")
_LINE_START = re.compile(r"^(\d+)([.)])")


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is, on one line and within a table's cell."""
    flat = " ".join(text.split())
    # Within words these mean nothing; leaving them keeps names and addresses readable.
    escaped = re.sub(r"\\([-=()+.])", r"\1", _SPECIAL.sub(r"\\\1", flat))
    escaped = _LINE_START.sub(r"\1\\\2", escaped)
    return "\\" + escaped if escaped[:1] in ("-", "+", "=") else escaped


def to_markdown(nodes: list[Node], indent: str = "") -> str:
    """The nodes as Markdown again, headings as strong lines so that they do not disturb the document's own."""
    parts: list[str] = []
    for node in nodes:
        kind = node["kind"]
        if kind == "paragraph":
            parts.append(_line(node["children"]))
        elif kind == "heading":
            parts.append(f"**{_line(node['children'])}**")
        elif kind == "list":
            lines = []
            for number, item in enumerate(node["children"], node["start"]):
                mark = f"{number}. " if node["ordered"] else "- "
                lines.append(mark + to_markdown(item["children"], " " * len(mark)).lstrip())
            parts.append("\n".join(lines))
        elif kind == "quote":
            quoted = to_markdown(node["children"])
            parts.append("\n".join(f"> {line}".rstrip() for line in quoted.splitlines()))
        elif kind == "code":
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", node["text"])), default=0))
            parts.append(f"{fence}\n{node['text']}\n{fence}")
        elif kind == "rule":
            parts.append("---")
    text = "\n\n".join(parts)
    return "\n".join((indent + line).rstrip() for line in text.splitlines()) if indent else text


def _line(nodes: list[Node]) -> str:
    made = []
    for node in nodes:
        kind = node["kind"]
        if kind == "text":
            edges = node["text"]
            lead, tail = edges[: len(edges) - len(edges.lstrip())], edges[len(edges.rstrip()) :]
            made.append(
                (" " if lead else "") + escape_markdown(edges) + (" " if tail and edges.strip() else "")
            )
        elif kind == "break":
            made.append("\\\n")
        elif kind == "code-span":
            fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", node["text"])), default=0))
            pad = " " if node["text"][:1] == "`" or node["text"][-1:] == "`" else ""
            made.append(f"{fence}{pad}{node['text']}{pad}{fence}")
        elif kind == "link":
            made.append(f"[{_line(node['children'])}](<{node['href']}>)")
        else:
            mark = {"strong": "**", "emphasis": "*", "strike": "~~"}[kind]
            made.append(f"{mark}{_line(node['children'])}{mark}")
    return "".join(made)
