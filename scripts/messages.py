#!/usr/bin/env python3
"""Reads every translatable text out of code and templates into the catalogues, and compiles these.

What is translated already stays; a new text stands there empty, and a test fails until it is filled in. Needs no
gettext on the machine: Babel reads and writes the files, Django turns templates into what Babel can read.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "folkmoot"
LOCALE = SOURCE / "locale"
#: Each language's forms by number, as gettext counts them. Stated here, since a newer Babel gives Spanish a third form
#: (for millions: "un millón de") that no text of ours needs.
PLURALS = {"es": (2, "(n != 1)")}
LANGUAGES = tuple(PLURALS)
#: Which functions take texts, and which of their arguments are one. ``_now`` is gettext beside a lazy ``_``.
KEYWORDS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CALL = re.compile(r"""(?<=\s)(?:(?:n?p?gettext)\(u|_\()(?=["'])""")
HEADER = """\
# Folkmoot's texts. Which word to use for what: docs/translating.md.
# `make messages` brings new texts in; each needs its translation here, and no other tool's guess (no "fuzzy")."""


class Steady(Catalog):
    """A catalogue whose header names neither dates nor tools, so that it changes only when a text does."""

    def __init__(self, language: str) -> None:
        self.forms = PLURALS[language]
        super().__init__(locale=language, domain="django", header_comment=HEADER, fuzzy=False)

    @property
    def num_plurals(self) -> int:
        return self.forms[0]

    @property
    def plural_expr(self) -> str:
        return self.forms[1]

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", f"nplurals={self.num_plurals}; plural={self.plural_expr};"),
        ]

    @mime_headers.setter
    def mime_headers(self, value: Iterable[tuple[str, str]]) -> None:
        self._set_mime_headers(value)


def set_up() -> None:
    """Settings for reading templates; no database is opened."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "folkmoot.settings")
    import django

    django.setup()


def template_as_code(text: str, origin: str) -> bytes:
    """One call on each line that holds a text of a template: what stands between them is no Python."""
    from django.utils.translation.template import templatize

    lines = []
    for line in templatize(text, origin=origin).split("\n"):
        calls = []
        for match in CALL.finditer(" " + line):
            rest = (" " + line)[match.start() :]
            end = closing(rest)
            calls.append(rest[:end])
        lines.append("; ".join(calls))
    return "\n".join(lines).encode()


def closing(text: str) -> int:
    """Where the first call in a text ends, behind its bracket; brackets inside quotes do not count."""
    depth, quote, skip = 0, "", False
    for place, sign in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return place + 1
    raise ValueError(f"a call without its end: {text[:80]}")


def sources() -> Iterator[tuple[Path, bytes]]:
    """Every file that may hold texts, and what Babel should read of it."""
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield path, path.read_bytes()
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            yield path, template_as_code(path.read_text("utf-8"), str(path))


def extracted(paths: Iterable[tuple[Path, bytes]] | None = None) -> Catalog:
    """Every text of the code and the templates, with the files that hold it."""
    catalog = Catalog(domain="django", charset="utf-8")
    for path, code in paths or sources():
        place = path.relative_to(ROOT).as_posix()
        for _line, message, comments, context in extract(
            "python",
            io.BytesIO(code),
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        ):
            catalog.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return catalog


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str, text: bytes | None = None) -> Catalog:
    """A language's catalogue as it is kept, or from a text like it."""
    catalog = Steady(language)
    for message in read_po(io.BytesIO(text or po_path(language).read_bytes()), locale=language):
        if message.id:
            catalog[message.id] = message
    return catalog


def updated(language: str, template: Catalog) -> Catalog:
    """The kept catalogue with exactly the texts of the code: new ones empty, those gone left out."""
    catalog = read(language) if po_path(language).exists() else Steady(language)
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    """A catalogue as text; places are files without line numbers."""
    out = io.BytesIO()
    write_po(out, catalog, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return out.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """What Django reads at run time."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    set_up()
    template = extracted()
    for language in LANGUAGES:
        catalog = updated(language, template)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_bytes(catalog))
        path.with_suffix(".mo").write_bytes(mo_bytes(read(language)))
        empty = sum(1 for message in catalog if message.id and not all(strings(message)))
        print(f"{path.relative_to(ROOT)}: {len(catalog)} texts, {empty} of them without a translation")
    return 0


def strings(message: Message) -> tuple[str, ...]:
    """A translation's forms: one, or one for each number."""
    value = message.string or ""
    return (value,) if isinstance(value, str) else tuple(value)


if __name__ == "__main__":
    sys.exit(main())
