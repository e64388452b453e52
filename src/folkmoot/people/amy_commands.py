"""``folkmoot amy-report``: AMY and this house side by side."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict

import typer
from rich.table import Table

from folkmoot.kernel.cli import cli, console, stop
from folkmoot.people.queries import amy_report


@cli.command("amy-report")
def report(
    run: int = typer.Argument(
        None, metavar="RUN", help="The import's number; the last one from AMY when absent."
    ),
    as_csv: bool = typer.Option(False, "--csv", help="Print CSV, with every record that differs."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON on standard output."),
) -> None:
    """Compare AMY with what is here: how many records of each kind, and what of those that are not here.

    Ends with status 1 when something is missing and nothing says why.
    """
    runs = amy_report.runs_to_report()
    chosen = next((one for one in runs if run is None or one.pk == run), None)
    if chosen is None:
        stop("there is no applied import from AMY of this number: `folkmoot imports` lists them.")
    found = amy_report.report(chosen)
    if as_csv:
        csv.writer(sys.stdout).writerows(amy_report.rows(found))
    elif as_json:
        lines = [{**asdict(line), "state": line.state} for line in found.lines]
        told = {"run": chosen.pk, "there": found.there, "here": found.here, "is_whole": found.is_whole}
        sys.stdout.write(json.dumps({**told, "models": lines}, ensure_ascii=False, indent=2) + "\n")
    else:
        table = Table(
            "in AMY", "listed", "came", "missing", "rejected", "removed here", "not listed", "result",
            box=None, pad_edge=False,
        )  # fmt: skip
        for line in found.lines:
            numbers = (len(line.missing), len(line.rejected), len(line.removed), len(line.unlisted))
            table.add_row(line.model, f"{line.there:,}", f"{line.here:,}", *map(str, numbers), line.state)
        console.print(table)
        for line in found.lines:
            for one in line.missing[: amy_report.NAMED]:
                typer.echo(f"{line.model}/{one.pk}: {one.why}")
        typer.echo(f"Import {chosen.pk}: AMY listed {found.there:,} records, {found.here:,} are here.")
    if not found.is_whole:
        raise typer.Exit(1)
