"""``folkmoot import``, ``imports`` and ``import-undo``: a community's files in, and out again."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from django.utils import timezone
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from typer.core import TyperGroup

from folkmoot.kernel.cli import Problem, cli, console, stop
from folkmoot.kernel.imports import actions, columns, files, queries, undo
from folkmoot.kernel.imports.models import ImportRun, RunState
from folkmoot.kernel.imports.sources import Fetch, Fetched, FileProblem, Source, sources
from folkmoot.kernel.imports.words import counter_label
from folkmoot.kernel.jobs.context import JobRefused
from folkmoot.kernel.jobs.context import Progress as OnProgress
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.runner import run_in_foreground

#: How many rejected rows the summary names before it points to the rest.
NAMED = 20


class _Sources(TyperGroup):
    """One command for each registered source, with the source's own options."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [source.key for source in sources]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in sources:
            return _command(sources.get(cmd_name))
        known = ", ".join(source.key for source in sources)
        return ctx.fail(f"There is no import called “{cmd_name}”: there are {known}.")


import_app = typer.Typer(cls=_Sources, invoke_without_command=True, subcommand_metavar="SOURCE PATH")


@import_app.callback()
def import_(
    ctx: typer.Context,
    show: bool = typer.Option(False, "--list", help="Name what can be imported, and stop."),
) -> None:
    """Read a community's files. The same files twice change nothing; `folkmoot import-undo` takes an import back."""
    if ctx.invoked_subcommand is None:
        table = Table("source", "what it reads", "files", box=None, pad_edge=False)
        for source in sources:
            table.add_row(source.key, str(source.help), ", ".join(source.files))
        console.print(table)
        if not show:
            stop(
                "say what to import, for example `folkmoot import SOURCE PATH`; the list above names the sources."
            )


cli.add_typer(import_app, name="import")


def _command(source: Source) -> Any:
    """The source's command, its options made from what the source declares."""
    names = {option.name.replace("-", "_"): option for option in source.options}
    fetch = source.fetch
    given = typer.Argument(help=f"The {source.takes} to read.", show_default=False)
    if fetch is not None:
        first = fetch.options[0].name
        given = typer.Argument(
            None, help=f"The {source.takes} to read; or give --{first}.", show_default=False
        )
    parameters = [_argument("path", Path if fetch is None else Path | None, given)]
    for option in fetch.options if fetch is not None else ():
        said_by = typer.Option("", f"--{option.name}", help=str(option.help), show_default=False)
        parameters.append(_argument(f"fetch_{option.name}", str, said_by))
    for name, option in names.items():
        kind: Any = list[str] if option.many else str
        default: Any = ... if option.required else ([] if option.many else "")
        flag = "--" + option.name.replace("_", "-")
        parameters.append(
            _argument(name, kind, typer.Option(default, flag, help=str(option.help), show_default=False))
        )
    if source.columns:
        fields = ", ".join(column.name for column in source.columns)
        text = f"Which column holds a field: FIELD=HEADING. Fields: {fields}. Known headings need no word."
        flag_map = typer.Option([], "--map", help=text, show_default=False)
        parameters.append(_argument("columns_said", list[str], flag_map))
        flag_sheet = typer.Option(
            "", "--sheet", help="Which sheet of a workbook to read.", show_default=False
        )
        parameters.append(_argument("sheet", str, flag_sheet))
    for name, flag, text in (
        ("dry_run", "--dry-run", "Say what would happen and change nothing."),
        ("as_json", "--json", "Print the result as JSON on standard output."),
        ("yes", "--yes", "Go on without asking when most rows cannot be read."),
    ):
        parameters.append(_argument(name, bool, typer.Option(False, flag, help=text)))

    def command(**said: Any) -> None:
        options = {option.name: said[name] for name, option in names.items()}
        if said.get("sheet"):
            options["sheet"] = said["sheet"]
        path, origin = said["path"], ""
        if fetch is not None and path is None:
            fetched = _fetch(source, fetch, {one.name: said[f"fetch_{one.name}"] for one in fetch.options})
            path, origin = fetched.path, fetched.origin
            options |= fetched.options
        _import(
            source,
            path,
            options,
            said.get("columns_said", []),
            dry_run=said["dry_run"],
            as_json=said["as_json"],
            yes=said["yes"],
            origin=origin,
        )

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    one = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    one.command(name=source.key, help=str(source.help))(command)
    return typer.main.get_command(one)


def _argument(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _import(
    source: Source,
    path: Path,
    options: dict[str, Any],
    columns_said: list[str],
    *,
    dry_run: bool,
    as_json: bool,
    yes: bool,
    origin: str = "",
) -> None:
    path = path.expanduser().resolve()
    if not path.exists():
        stop(f"{path} is not there: give the {source.takes} to read.")
    if path.is_dir() != (source.takes == "folder"):
        stop(f"{source.key} reads a {source.takes}; {path} is a {'folder' if path.is_dir() else 'file'}.")
    try:
        mapping = _mapping(source, path, columns_said, str(options.get("sheet", "")))
        ask = not (yes or dry_run or as_json) and sys.stdin.isatty() and console.is_terminal
        run, resumed = actions.start(
            source=source,
            path=path,
            actor=None,
            origin=origin,
            options=options,
            mapping=mapping,
            apply_at_once=not (dry_run or ask),
            keep=not dry_run,
            hold=True,
        )
    except FileProblem as problem:
        _refused(source, _as_error(problem), as_json=as_json)
    if resumed:
        _aside(f"Going on with import {run.pk}, begun {timezone.localtime(run.created_at):%Y-%m-%d %H:%M}.")
    try:
        _work(run.job, "Importing" if not dry_run else "Trying out")
        run.refresh_from_db()
        if run.state == RunState.REFUSED:
            _refused(source, run.error, as_json=as_json)
        if run.state == RunState.STAGED and not dry_run:
            _ask(run)
            actions.confirm(run=run, actor=None, hold=True)
            run.refresh_from_db()
            _work(run.job, "Importing")
            run.refresh_from_db()
        _tell(run, as_json=as_json, dry_run=dry_run)
    finally:
        if dry_run and ImportRun.objects.filter(pk=run.pk).exists():
            actions.discard(run=run, actor=None)


def _fetch(source: Source, fetch: Fetch, said: Mapping[str, str]) -> Fetched:
    """Get the files from where they are, with a bar in a terminal."""
    if not said[fetch.options[0].name]:
        stop(f"give the {source.takes} to read, or --{fetch.options[0].name}.")
    try:
        with _bar("Fetching") as on_progress:
            return fetch.fetch(said, lambda number, what: on_progress and on_progress(number, None, what))
    except FileProblem as problem:
        raise Problem(str(problem)) from problem


def _mapping(source: Source, path: Path, said: list[str], sheet: str) -> dict[str, str]:
    if not source.columns:
        return {}
    pairs: dict[str, str] = {}
    for pair in said:
        name, equals, heading = pair.partition("=")
        if not equals:
            stop(f"--map {pair}: write FIELD=HEADING, for example --map name='Full name'.")
        pairs[name.strip()] = heading.strip()
    return columns.settle(source, files.headings(path, sheet=sheet), pairs, file=path.name)


def _ask(run: ImportRun) -> None:
    """Ask only when something looks wrong: more rows rejected than read."""
    rejected = run.rejected.count()
    if rejected <= run.staged - rejected:
        return
    _aside(f"{rejected:,} of {run.staged + rejected:,} rows or values cannot be read:")
    _name_rejected(queries.result(run)["rejected"])
    if not typer.confirm("Import the others?", err=True):
        actions.discard(run=run, actor=None)
        stop("nothing was imported.")


def _work(job: Job | None, label: str) -> None:
    """Run the job here, with a bar in a terminal."""
    if job is None:
        return
    with _bar(label) as on_progress:
        try:
            ended = run_in_foreground(job, on_progress)
        except KeyboardInterrupt:
            raise Problem("stopped. Run the same command again and it goes on where it stopped.") from None
        except JobRefused as refusal:
            raise Problem(str(refusal)) from refusal
    if ended.state == JobState.CANCELLED:
        stop("it was cancelled. Run the same command again and it goes on where it stopped.")
    if ended.state == JobState.FAILED:
        stop(f"{ended.error.splitlines()[0]} Run the same command again to go on.")


@contextmanager
def _bar(label: str) -> Iterator[OnProgress | None]:
    if not console.is_terminal:
        yield None
        return
    shape = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*shape, console=console, transient=True) as progress:
        task = progress.add_task(label, total=None)

        def on_progress(done: int, total: int | None, note: str) -> None:
            progress.update(task, completed=done, total=total, description=(note or label)[:60])

        yield on_progress


def _as_error(problem: FileProblem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "field": problem.field, "reason": problem.reason}


def _refused(source: Source, error: dict[str, Any] | None, *, as_json: bool) -> None:
    error = error or {"file": "", "line": None, "field": "", "reason": "the files could not be read"}
    if as_json:
        _print({"created": {}, "updated": {}, "unchanged": {}, "rejected": [error]})
    stop(f"{_where(error)}: {error['reason']}. Nothing was imported.")


def _tell(run: ImportRun, *, as_json: bool, dry_run: bool) -> None:
    result = queries.result(run)
    if as_json:
        _print(result)
        return
    counts = "; ".join(f"{what}: {_words(result[what])}" for what in ("created", "updated", "unchanged"))
    if dry_run:
        _say(f"{run.source}: this would happen, nothing was changed. {counts}")
    else:
        _say(f"Import {run.pk} of {run.source} done. {counts}")
    for note in run.options.get("notes") or ():
        _say(note)
    if result["rejected"]:
        _say(f"rejected: {len(result['rejected']):,}")
        _name_rejected(result["rejected"])


def _say(line: str) -> None:
    """One line of the answer, whole, on standard output; progress and problems go to standard error."""
    typer.echo(line)


def _aside(line: str) -> None:
    """A line beside the answer, on standard error."""
    console.print(line, markup=False, soft_wrap=True)


def _words(counts: dict[str, int]) -> str:
    told = [f"{number:,} {counter_label(counter)}" for counter, number in counts.items() if number]
    return ", ".join(told) or "nothing"


def _name_rejected(rejected: list[dict[str, Any]]) -> None:
    for row in rejected[:NAMED]:
        _say(f"  {_where(row)}: {row['reason']}")
    if len(rejected) > NAMED:
        _say(f"  and {len(rejected) - NAMED:,} more; --json lists all")


def _where(row: dict[str, Any]) -> str:
    line = f", line {row['line']}" if row["line"] else ""
    return f"{row['file']}{line}{', field ' + row['field'] if row['field'] else ''}"


def _print(result: Any) -> None:
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, default=str) + "\n")


@cli.command("imports")
def imports(
    limit: int = typer.Option(20, help="How many, the newest first."),
    as_json: bool = typer.Option(False, "--json", help="Print the list as JSON."),
) -> None:
    """List the imports; the number in front is what `folkmoot import-undo` asks for."""
    runs = ImportRun.objects.order_by("-created_at", "-pk")[:limit]
    if as_json:
        _print(
            [
                {
                    "run": run.pk,
                    "source": run.source,
                    "origin": run.origin,
                    "state": run.state,
                    "created_at": run.created_at.isoformat(),
                    "applied_at": run.applied_at.isoformat() if run.applied_at else None,
                    "counts": run.counts,
                }
                for run in runs
            ]
        )
        return
    table = Table("run", "source", "from", "when", "state", "created", "updated", box=None, pad_edge=False)
    for run in runs:
        counts = run.counts or {}
        table.add_row(
            str(run.pk),
            run.source,
            run.origin,
            f"{timezone.localtime(run.created_at):%Y-%m-%d %H:%M}",
            str(run.get_state_display()),
            f"{sum(counts.get('created', {}).values()):,}",
            f"{sum(counts.get('updated', {}).values()):,}",
        )
    console.print(table)


@cli.command("import-undo")
def import_undo(
    number: int = typer.Argument(metavar="RUN", help="The import's number, as `folkmoot imports` lists it."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would happen and change nothing."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON on standard output."),
) -> None:
    """Take a whole import back. What others have built on since stays, and is listed with the reason."""
    run = ImportRun.objects.filter(pk=number).first()
    if run is None:
        stop(f"there is no import {number}: `folkmoot imports` lists them.")
    if dry_run:
        foretold = undo.foretell_undo(run)
        _tell_undo(
            foretold.undone.as_json(), queries.describe(list(foretold.kept)), as_json=as_json, dry_run=True
        )
        return
    if not yes and not as_json and sys.stdin.isatty():
        changes = run.changes.filter(undone=False).count()
        if not typer.confirm(f"Take back {changes:,} changes of import {run.pk} ({run.origin})?", err=True):
            stop("nothing was changed.")
    try:
        run = actions.undo(run=run, actor=None, hold=True)
    except actions.ImportStateError as error:
        raise Problem(str(error)) from error
    job = run.job
    _work(job, "Undoing")
    if job is not None:
        job.refresh_from_db()
    outcome = (job.outcome if job is not None else None) or {}
    _tell_undo(outcome, queries.describe(list(queries.kept_of(run)[:NAMED])), as_json=as_json, dry_run=False)


def _tell_undo(outcome: dict[str, Any], kept: list[dict[str, str]], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        _print({**{name: outcome.get(name) for name in ("removed", "restored")}, "kept": kept})
        return
    removed = (
        ", ".join(f"{number:,} {what}" for what, number in (outcome.get("removed") or {}).items())
        or "nothing"
    )
    verb = "Would be removed" if dry_run else "Removed"
    _say(f"{verb}: {removed}; put back: {outcome.get('restored', 0):,}; kept: {outcome.get('kept', 0):,}")
    for row in kept[:NAMED]:
        _say(f"  {row['kind']} {row['name']}: {row['reason']}")
