"""``folkmoot export``: the register and the ledger as files for other systems. Apps add their own commands to it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from folkmoot.kernel.cli import cli, console, stop
from folkmoot.kernel.exports import SiteFile, sites

export_cli = typer.Typer(help="Write files for other systems.", no_args_is_help=True)
cli.add_typer(export_cli, name="export")


@export_cli.command("website")
def website(
    folder: Annotated[Path, typer.Argument(help="Where to; made when it is missing.")],
    site: Annotated[
        str,
        typer.Option(
            help="Only this website's files: pyopensci, pybamm, events, hugo, jekyll.", show_default=False
        ),
    ] = "",
) -> None:
    """Write the files that the community's website is built from; what is the same stays untouched."""
    try:
        chosen = [sites.get(site)] if site else [one for one in sites if not one.only_asked]
    except LookupError as problem:
        stop(str(problem.args[0]))
    if folder.exists() and not folder.is_dir():
        stop(f"{folder} is no folder.")
    files = [file for one in chosen for file in one.files()]
    if not files:
        stop(
            "There is nothing to write: import the website's files first, or give people roles that it shows."
        )
    for file in files:
        try:
            changed = put(folder, file)
        except OSError as error:
            stop(f"{folder / file.name} cannot be written: {error.strerror}.")
        console.print(
            f"{file.name}: {file.entries:,} entries, {'written' if changed else 'as it was'}", markup=False
        )
        for remark in file.remarks:
            console.print(f"  {remark}", style="dim", markup=False)


def put(folder: Path, file: SiteFile) -> bool:
    """Write a file whole or not at all.

    Returns:
        whether its content is another than before.
    """
    path = folder / file.name
    content = file.content.encode()
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True
