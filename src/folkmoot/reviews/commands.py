"""``folkmoot reviews parse``: what the header of a submission's issue says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from folkmoot.kernel.cli import cli, stop
from folkmoot.reviews.header.parsing import Parsed, parse

reviews_app = typer.Typer(no_args_is_help=True, help="Peer review.")
cli.add_typer(reviews_app, name="reviews")


@reviews_app.callback()
def _reviews() -> None:
    """Peer review."""


@reviews_app.command("parse")
def parse_header(
    file: Annotated[str, typer.Argument(help="The issue's text in Markdown; - reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Read the header of a submission's issue: every value that can be read, and each that cannot, with its line."""
    parsed = parse(_text(file))
    if as_json:
        sys.stdout.write(json.dumps(parsed.as_json(), ensure_ascii=False, indent=2) + "\n")
        return
    _show(parsed)


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        stop(f"{file}, line {line}: is not UTF-8. Save it as UTF-8.")


def _show(parsed: Parsed) -> None:
    console = Console(highlight=False)
    table = Table("field", "value", box=None, pad_edge=False)
    for name, value in parsed.fields.items():
        table.add_row(name, str(value))
    for role, named in parsed.people.items():
        table.add_row(role, ", ".join(f"@{one.login}" for one in named) or "nobody yet")
    for name, words in (("categories", parsed.categories), ("partners", parsed.partners)):
        if words:
            table.add_row(name, ", ".join(words))
    if parsed.reviews_due is not None:
        table.add_row("reviews_due", parsed.reviews_due.isoformat())
    for key in parsed.unknown:
        table.add_row(f"({key})", parsed.raw[key])
    console.print(table, markup=False)
    for problem in parsed.problems:
        where = f"line {problem.line}: " if problem.line else ""
        console.print(f"{where}{problem.field}: {problem.reason}", markup=False, soft_wrap=True)
