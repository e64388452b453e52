#!/usr/bin/env python3
"""Finds in templates what the content security policy blocks and what cotton swallows.

A page's script and style come from files. So a template has no code between `<script>` tags, no `<style>`, no
`style=` and no `on…=` attribute. Mail is the exception: its readers know nothing but inline styles, so templates
in a folder named `mail` or `email` may have them (never scripts).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

DATA_TYPES = {"application/json", "application/ld+json", "importmap", "text/plain"}
COMMENT = re.compile(r"{%-?\s*comment\b.*?%}.*?{%-?\s*endcomment\s*%}|{#.*?#}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    line: int
    message: str


def blank(match: re.Match[str]) -> str:
    """As many line breaks as what is taken out had, so that line numbers stay true."""
    return " " + "\n" * match.group().count("\n")


class Reader(HTMLParser):
    """Collects findings while it reads one template."""

    def __init__(self, *, mail: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.mail = mail
        self.findings: list[Finding] = []
        self.in_script = False

    def note(self, message: str) -> None:
        self.findings.append(Finding(self.getpos()[0], message))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for name, value in attrs:
            if name == "style" and not self.mail:
                self.note("style= is blocked: use a class")
            elif re.fullmatch(r"on[a-z]+", name):
                self.note(f"{name}= is blocked: use x-on:{name[2:]} or hx-on from a file")
            elif name.startswith(":") and not tag.startswith("c-"):
                self.note(f"cotton swallows {name}: write x-bind{name}")
            elif name in {"href", "src", "action"} and (value or "").strip().lower().startswith(
                "javascript:"
            ):
                self.note(f"{name}=javascript: is blocked")
        if tag == "style" and not self.mail:
            self.note("<style> is blocked: put it in a stylesheet")
        self.in_script = tag == "script" and (values.get("type") or "").lower() not in DATA_TYPES

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.in_script = False

    def handle_data(self, data: str) -> None:
        if self.in_script and data.strip():
            self.note("code between <script> tags is blocked: put it in a file")


def findings(text: str, *, mail: bool = False) -> list[Finding]:
    """What is wrong with one template's text."""
    reader = Reader(mail=mail)
    reader.feed(TAG.sub(blank, COMMENT.sub(blank, text)))
    reader.close()
    return reader.findings


def main(roots: list[str]) -> int:
    bad = 0
    for root in roots:
        for path in sorted(Path(root).rglob("*.html")):
            for found in findings(path.read_text("utf-8"), mail=not {"mail", "email"}.isdisjoint(path.parts)):
                bad += 1
                print(f"{path}:{found.line}: {found.message}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["src"]))
