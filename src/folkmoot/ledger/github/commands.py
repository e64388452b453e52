"""``folkmoot github sync``: read GitHub in this terminal."""

from __future__ import annotations

import json
import sys

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from folkmoot.connectors.github.problems import what_happened, what_to_do
from folkmoot.kernel.cli import cli, console, stop
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.ledger.github import sync
from folkmoot.ledger.github.models import GithubConnection, GithubRepository

github_app = typer.Typer(help="Read GitHub: people, projects and activity.", no_args_is_help=True)
cli.add_typer(github_app, name="github")


@github_app.callback()
def root() -> None:
    """Read GitHub: people, projects and activity."""


@github_app.command("sync")
def sync_command(
    connection: str = typer.Option("", help="Only this connection, by its name; else every one not paused."),
    repository: str = typer.Option("", help="Only this repository: owner/name."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON on standard output."),
) -> None:
    """Read what is new on GitHub, in this terminal. Interrupted, it goes on where it stopped."""
    outcomes = {}
    for one in _chosen(connection):
        row = _repository(one, repository) if repository else None
        if repository and row is None:
            continue
        outcomes[one.name] = _read(one, row)
    if repository and not outcomes:
        stop(
            f"no connection reads {repository}: choose it in Settings, GitHub, and read once without --repository."
        )
    if as_json:
        sys.stdout.write(json.dumps(outcomes, ensure_ascii=False, indent=2) + "\n")
    for name, outcome in outcomes.items():
        console.print(_told(name, outcome), markup=False)
    if any("problem" in outcome or outcome.get("failed") for outcome in outcomes.values()):
        raise typer.Exit(1)


def _chosen(name: str) -> list[GithubConnection]:
    known = list(sync.connections().order_by("name"))
    if not known:
        stop("there is no connection with GitHub: make one in Settings, GitHub.")
    if not name:
        return [one for one in known if not one.is_paused]
    found = [one for one in known if one.name.casefold() == name.casefold()]
    if not found:
        stop(f"there is no connection {name!r}; known: {', '.join(one.name for one in known)}.")
    if found[0].is_paused:
        stop(f"{found[0].name} is paused: read it again in Settings, GitHub, first.")
    return found


def _repository(connection: GithubConnection, name: str) -> GithubRepository | None:
    return GithubRepository.objects.filter(connection=connection, full_name__iexact=name).first()


def _read(connection: GithubConnection, row: GithubRepository | None) -> dict[str, object]:
    job = sync.ask(connection, repository=row, finds=row is None, hold=True)
    assert job is not None  # noqa: S101 - held jobs are always made
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task(connection.name, total=None)

        def tell(done: int, total: int | None, note: str) -> None:
            bar.update(task, completed=done, total=total, description=note or connection.name)

        outcome = run_in_foreground(Job.objects.get(pk=job.pk), tell).outcome
    return dict(outcome or {})


def _told(name: str, outcome: dict[str, object]) -> str:
    problem = str(outcome.get("problem", ""))
    if problem:
        return f"{name}: {what_happened(problem)} {what_to_do(problem)}"
    said = f"{name}: {outcome.get('rows', 0)} rows in {outcome.get('pages', 0)} pages"
    failed = outcome.get("failed")
    if isinstance(failed, list):
        said += f"; not read: {', '.join(map(str, failed))}"
    if until := outcome.get("waits_until"):
        said += f"; GitHub asks to wait: a job goes on at {until}"
    return said
