"""The command line's root. Each area adds its commands in its ``commands.py`` with ``@cli.command()``."""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console

from folkmoot import __version__

cli = typer.Typer(
    name="folkmoot",
    help="Run an open-science community from one place.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
#: What a person reads; standard output stays clean for ``--json`` and files.
console = Console(stderr=True, highlight=False, emoji=False)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"folkmoot {__version__}")
        raise typer.Exit


@cli.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Run an open-science community from one place."""


class Problem(Exception):
    """Something a person can mend: its text is the one sentence they read (exit code 2)."""


def stop(sentence: str) -> NoReturn:
    """End the command with one plain sentence on standard error and exit code 2."""
    raise Problem(sentence)
