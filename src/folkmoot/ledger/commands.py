"""``folkmoot metrics``: a period's figures, as a table or as JSON; ``folkmoot export ledger``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from folkmoot.kernel.cli import cli, stop
from folkmoot.kernel.commands.exports import export_cli
from folkmoot.kernel.metrics import COMMUNITY, Measured, Scope, Value, compute_all
from folkmoot.kernel.periods import PeriodProblem
from folkmoot.kernel.reporting import NO_VALUE, Unit, write_number
from folkmoot.ledger import parquet
from folkmoot.ledger.github import commands as _github  # noqa: F401 - adds its own
from folkmoot.ledger.queries.items import ScopeProblem
from folkmoot.ledger.queries.scopes import make_scope


@cli.command()
def metrics(
    period: str = typer.Option(
        "",
        help="2026Q2, 2026, 2026-04, FY2026, FY2026Q1 or 2026-04-01..2026-06-30; else the last full quarter.",
    ),
    as_of: str = typer.Option(
        "", help="Leave out what happened after this day (2026-06-30, UTC); else today."
    ),
    source: str = typer.Option("", help="Only what was seen there, for example github-issues."),
    project: str = typer.Option("", help="Only projects of this name."),
    exclude: list[str] = typer.Option([], help="Leave out: staff."),  # noqa: B008
    metric: list[str] = typer.Option([], help="Only this metric; may be given several times."),  # noqa: B008
    area: str = typer.Option(COMMUNITY, help="Whose figures: community, reviews."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON on standard output."),
) -> None:
    """Print a period's figures with what they were before, how each is counted and on how many rows it rests."""
    try:
        scope = make_scope(period=period, as_of=as_of, source=source, project=project, exclude=exclude)
        found = compute_all(scope, metric or None, area=area.strip().lower())
    except (PeriodProblem, ScopeProblem, LookupError) as problem:
        stop(str(problem.args[0]))
    if as_json:
        sys.stdout.write(json.dumps(as_data(scope, found), ensure_ascii=False, indent=2) + "\n")
    else:
        _show(scope, found)


@export_cli.command("ledger")
def ledger(
    folder: Annotated[Path, typer.Argument(help="Where to; an earlier export there is replaced.")],
) -> None:
    """Write all activity as Parquet files, a folder for each month, for DuckDB, Spark, Trino or ClickHouse."""
    console = Console(highlight=False, stderr=True)
    try:
        with console.status("Reading the ledger") as status:
            counts = parquet.write(folder, lambda table, rows: status.update(f"{table}: {rows:,} rows"))
    except parquet.ExportProblem as problem:
        stop(str(problem))
    except OSError as error:
        stop(f"{error.filename or folder} cannot be written: {error.strerror}.")
    for table, rows in counts.items():
        Console(highlight=False).print(f"{table}: {rows:,} rows", markup=False)


def as_data(scope: Scope, found: Mapping[str, Measured]) -> dict[str, Any]:
    """What ``--json`` prints."""
    return {
        "period": str(scope.period),
        "as_of": scope.as_of.isoformat(),
        "metrics": {key: one.as_json() for key, one in found.items()},
    }


def _show(scope: Scope, found: Mapping[str, Measured]) -> None:
    console = Console(highlight=False)
    limits = [word for word in (scope.source, scope.project) if word] + [
        f"without {word}" for word in sorted(scope.exclude)
    ]
    console.print(
        f"[bold]{scope.period.label}[/], as of {scope.as_of}{''.join(f', {word}' for word in limits)}"
    )
    figures = Table(box=None, pad_edge=False)
    figures.add_column("metric", no_wrap=True)
    for heading in ("value", scope.period.previous_label, "a year before", "rows"):
        figures.add_column(heading, justify="right")
    tables = {key: one for key, one in found.items() if _is_table(one.value)}
    for key, one in found.items():
        if key not in tables:
            cells = [written(value, one.metric.unit) for value in (one.value, one.previous, one.year_before)]
            figures.add_row(key, *cells, write_number(one.rows))
    console.print(figures)
    for key, one in tables.items():
        console.print(_nested(key, one))
    told: dict[str, list[str]] = {}
    for key, one in found.items():
        if why := one.why_unknown:
            told.setdefault(why, []).append(key)
    for why, keys in told.items():
        console.print(f"{', '.join(keys)}: {why}", style="dim", markup=False)
    console.print("How each is counted: folkmoot metrics --json", style="dim")


def _is_table(value: Value) -> bool:
    return isinstance(value, Mapping) and any(isinstance(entry, Mapping) for entry in value.values())


def _nested(key: str, one: Measured) -> Table:
    """A figure that is a table of numbers: its rows and columns."""
    value = one.value if isinstance(one.value, Mapping) else {}
    columns = list(dict.fromkeys(name for entry in value.values() for name in entry))
    table = Table(box=None, pad_edge=False)
    table.add_column(key, no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right")
    for row, entry in value.items():
        table.add_row(row, *(write_number(entry.get(name), one.metric.unit) for name in columns))
    return table


def written(value: Value, unit: Unit) -> str:
    """A figure for a cell of the terminal; several numbers line by line, a whole table not at all."""
    if _is_table(value):
        return NO_VALUE
    if not isinstance(value, Mapping):
        return write_number(value, unit)
    return "\n".join(f"{name} {write_number(number, unit)}" for name, number in value.items()) or NO_VALUE
