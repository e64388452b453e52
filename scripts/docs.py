#!/usr/bin/env python3
"""Writes the tables in ``docs/`` that the code knows itself: settings, commands, metrics, sources, scheduled jobs.

Each stands between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->``; the text around it is written by hand. A test
fails when a table is not what the code says: run this script again.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
#: Which file holds which tables.
PLACES = {
    "settings": "settings.md",
    "commands": "commands.md",
    "metrics": "metrics.md",
    "sources": "imports.md",
    "schedule": "operations.md",
}


def set_up() -> None:
    """Load the house, with a database that nobody uses."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "folkmoot.settings")
    os.environ.setdefault("FOLKMOOT_DATA_DIR", tempfile.mkdtemp(prefix="folkmoot-docs-"))
    import django
    from django.utils.module_loading import autodiscover_modules

    django.setup()
    autodiscover_modules("commands")


def tables() -> dict[str, str]:
    """Every table by its name, as Markdown."""
    from django.utils import translation

    with translation.override("en"):
        return {
            "settings": settings(),
            "commands": commands(),
            "metrics": metrics(),
            "sources": sources(),
            "schedule": schedule(),
        }


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def settings() -> str:
    from folkmoot.environment import ENVIRONMENT

    lines = [row("variable", "without it", "what it does"), "|---|---|---|\n"]
    for setting in ENVIRONMENT:
        default = f"`{setting.default}`" if setting.default else "nothing"
        secret = " **Secret:** never shown or logged." if setting.secret else ""
        lines.append(row(f"`{setting.name}`", default, setting.help + secret))
    return "".join(lines)


def each_command() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""
    import typer

    from folkmoot.kernel.cli import cli

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "list_commands", None)
        if inner is None:
            yield " ".join(words), command
            return
        context = typer.Context(command)
        for name in inner(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from walk(found, (*words, name))

    yield from sorted(walk(typer.main.get_command(cli), ("folkmoot",)), key=lambda pair: pair[0])


def commands() -> str:
    parts = []
    for name, command in each_command():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        names = [(p.metavar or p.name).strip("[]").upper() for p in arguments]
        usage = " ".join(
            [name, *(n if p.required else f"[{n}]" for n, p in zip(names, arguments, strict=True))]
        )
        parts.append(
            f"### `{name}`\n\n`{usage}{' [OPTIONS]' if options else ''}`\n\n{_text(command.help)}\n\n"
        )
        told = [
            (f"`{n}`", _text(p.help))
            for n, p in zip(names, arguments, strict=True)
            if getattr(p, "help", None)
        ]
        for option in options:
            takes = "" if option.is_flag else f" {(option.metavar or option.name or '').upper()}"
            many = " May be given several times." if option.multiple else ""
            flags = ", ".join(f"`{flag}{takes}`" for flag in (option.opts[0], *option.secondary_opts))
            told.append((flags, _text(option.help) + many))
        if told:
            parts.append("| | |\n|---|---|\n" + "".join(row(*pair) for pair in told) + "\n")
    return "".join(parts).rstrip() + "\n"


def _text(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split())


def metrics() -> str:
    from folkmoot.kernel.metrics import metrics as registered

    parts = []
    for metric in registered:
        source = f" After {metric.source}." if metric.source else ""
        parts.append(
            f"### `{metric.key}`\n\n**{metric.label}.** {metric.definition}{source}\n\n"
            f"*Never counted:* {str(metric.excludes)[0].lower() + str(metric.excludes)[1:]}\n\n"
        )
    return "".join(parts).rstrip() + "\n"


def sources() -> str:
    from folkmoot.kernel.imports.sources import sources as registered

    parts = []
    for source in registered:
        files = ", ".join(f"`{pattern}`" for pattern in source.files)
        parts.append(f"### `{source.key}`\n\n{source.help} Reads a {source.takes}: {files}.")
        parts.append(f" Needs `{source.permission}`.\n\n")
        if source.options:
            parts.append("| option | |\n|---|---|\n")
            parts += [row(f"`--{option.name}`", option.help) for option in source.options]
            parts.append("\n")
        if source.columns:
            parts.append("| field | headings that are recognised |\n|---|---|\n")
            for column in source.columns:
                known = ", ".join((column.name, *column.known_as))
                parts.append(row(f"`{column.name}`{' (required)' if column.required else ''}", known))
            parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def schedule() -> str:
    from folkmoot.kernel.plugs import schedule as registered

    lines = [row("job", "what it does"), "|---|---|\n"]
    return "".join(lines + [row(f"`{entry.key}`", entry.help) for entry in registered])


def fill(text: str, name: str, table: str) -> str:
    """The page with this table in its place.

    Raises:
        ValueError: the page has no such place.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no place for the table {name!r}: write {begin} and {end} into the page")
    return pattern.sub(lambda _match: f"{begin}\n{table}{end}", text)


def main() -> int:
    set_up()
    for name, table in tables().items():
        path = DOCS / PLACES[name]
        before = path.read_text(encoding="utf-8")
        after = fill(before, name, table)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote the {name} in docs/{PLACES[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
