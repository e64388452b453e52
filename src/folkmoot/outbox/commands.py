"""``folkmoot outbox``: what waits, the switch for all, a test mail."""

from __future__ import annotations

import typer
from django.core.exceptions import ValidationError
from rich.console import Console
from rich.table import Table

from folkmoot.connectors.posts import MEDIUM as POSTS
from folkmoot.kernel.cli import cli, console, stop
from folkmoot.outbox import actions, asking, queries
from folkmoot.outbox.models import OPEN, STUCK, Channel, Delivery, State
from folkmoot.outbox.testing import send_test_of

outbox = typer.Typer(name="outbox", help="What leaves the house: mail, later posts.", no_args_is_help=True)
cli.add_typer(outbox)


def _channel(name: str) -> Channel:
    found = queries.channels().filter(name=name).first()
    if found is None:
        known = ", ".join(queries.channels().values_list("name", flat=True)) or "none"
        stop(f"there is no channel {name!r}; known: {known}.")
    return found


@outbox.command("list")
def list_(
    state: str = typer.Option("", help="Only this state, such as scheduled, waiting, needs_person, missed."),
    limit: int = typer.Option(50, help="At most so many, those due first."),
) -> None:
    """Show what waits, and what needs a person."""
    if state and state not in State.values:
        stop(f"there is no state {state!r}: choose one of {', '.join(State.values)}.")
    switch = queries.is_paused()
    if switch:
        console.print(f"Nothing leaves: {switch.paused_why}", markup=False)
    rows = Delivery.objects.filter(state__in=[state] if state else [*OPEN, *STUCK]).select_related("channel")
    table = Table("", "leaves (UTC)", "state", "channel", "to", "message")
    for row in rows.order_by("due_at", "pk")[:limit]:
        table.add_row(
            str(row.pk), f"{row.due_at:%Y-%m-%d %H:%M}", row.state, row.channel.name, row.recipient, row.title
        )
    Console(highlight=False, markup=False).print(table)


@outbox.command()
def pause(
    why: str = typer.Argument(help="What the others read: “wrong figures in the newsletter”."),
    channel: str = typer.Option("", help="Only this channel, by its name; else everything."),
) -> None:
    """Let nothing leave any more, until somebody resumes it."""
    if channel:
        actions.pause_channel(channel=_channel(channel), why=why, actor=None)
    else:
        actions.pause_all(why=why, actor=None)
    console.print(f"{channel or 'The outbox'} is paused.", markup=False)


@outbox.command()
def resume(channel: str = typer.Option("", help="Only this channel, by its name.")) -> None:
    """Let messages leave again. What should have left more than its grace ago is missed, not sent late."""
    if channel:
        actions.resume_channel(channel=_channel(channel), actor=None)
    else:
        actions.resume_all(actor=None)
    console.print(f"{channel or 'The outbox'} sends again.", markup=False)


@outbox.command("send-test")
def send_test(
    to: str = typer.Argument(help="Address that gets the test."),
    channel: str = typer.Option("", help="By this channel, by its name; else the usual one for mail."),
) -> None:
    """Queue a mail that says nothing but that the channel works; a worker sends it."""
    chosen = _channel(channel) if channel else queries.usual_channel("mail")
    if chosen is None:
        stop("there is no channel for mail: add one under Settings, Channels.")
    try:
        delivery = send_test_of(channel=chosen, to=to, asked_by=None)
    except ValidationError as error:
        stop(" ".join(error.messages))
    console.print(f"Queued as {delivery.pk} on {chosen.name}.", markup=False)


@outbox.command()
def facts(
    channel: str = typer.Option("", help="Only this channel, by its name; else all for posts."),
) -> None:
    """Ask the servers of channels for posts what they take, and whether our access works. Sends nothing."""
    chosen = [_channel(channel)] if channel else list(queries.channels().filter(medium=POSTS))
    failed = False
    for one in chosen:
        words = asking.refresh_facts(one)
        failed = failed or bool(words)
        told = ", ".join(f"{name} {value}" for name, value in sorted(one.facts.items()))
        console.print(f"{one.name}: {words or told or 'works; it says nothing of its limits'}", markup=False)
    if not chosen:
        console.print("There is no channel for posts.", markup=False)
    if failed:
        raise typer.Exit(1)
