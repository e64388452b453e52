"""``folkmoot identities``: how two records relate, and looking for records that may be one."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer

from folkmoot.kernel.cli import Problem, cli, console, stop
from folkmoot.kernel.jobs.context import JobRefused
from folkmoot.kernel.jobs.models import JobState
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.people import amy_commands as _amy  # noqa: F401 - adds its own command
from folkmoot.people import export_commands as _export  # noqa: F401 - adds its own command
from folkmoot.people import jobs
from folkmoot.people.matching import checking

identities_app = typer.Typer(no_args_is_help=True)
cli.add_typer(
    identities_app, name="identities", help="How records of people relate, and which of them may be one."
)

SAID = "A record's number, a handle (github:ada), an e-mail address, an ORCID iD, or the exact name."


def _print(result: Any) -> None:
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")


@identities_app.command("check")
def check(
    first: str = typer.Argument(help=SAID),
    second: str = typer.Argument(help=SAID),
    as_json: bool = typer.Option(False, "--json", help="Print JSON on standard output."),
) -> None:
    """Say how two people relate: proven to be one, perhaps one (the reasons for and against), decided, or neither."""
    try:
        relation = checking.check(
            checking.somebody(first), checking.somebody(second), least=jobs.least_score()
        )
    except checking.NobodySuch as problem:
        raise Problem(str(problem)) from problem
    if as_json:
        _print(relation.as_json())
        return
    typer.echo(
        f"{relation.first.name} (#{relation.first.pk}) and {relation.second.name} (#{relation.second.pk}): "
        f"{relation.words}"
    )
    if relation.verdict in ("same",):
        return
    typer.echo(f"score {relation.score:.2f} of 1, offered from {jobs.least_score():.2f}")
    for sign, reasons in (("+", relation.reasons_for), ("-", relation.reasons_against)):
        for reason in reasons:
            typer.echo(f"  {sign} {reason.text}")


@identities_app.command("find")
def find(
    everything: bool = typer.Option(
        False, "--all", help="Compare all records, not only what changed since the last time."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON on standard output."),
) -> None:
    """Look for people, organisations and projects that may be one, now; the worker does it each night."""
    job = jobs.find_now(everything=everything, hold=True)
    try:
        ended = run_in_foreground(job, None)
    except KeyboardInterrupt:
        raise Problem("stopped. What was found until then is kept.") from None
    except JobRefused as refusal:
        raise Problem(str(refusal)) from refusal
    if ended.state != JobState.SUCCEEDED:
        stop((ended.error.splitlines() or ["it was cancelled."])[0])
    outcome = ended.outcome or {}
    if as_json:
        _print(outcome)
        return
    for name in ("people", "organizations", "projects"):
        told = outcome.get(name)
        if told is None:
            typer.echo(f"{name}: nothing changed since the last time")
            continue
        order = ("compared", "merged", "new", "changed", "gone")
        counts = ", ".join(f"{told[what]:,} {what}" for what in order if told.get(what))
        typer.echo(f"{name}: {counts or 'nothing new'}")
    console.print("Open the queue to decide: People, Duplicates.", markup=False)
