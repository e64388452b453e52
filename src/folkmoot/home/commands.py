"""``folkmoot demo``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer
from django.conf import settings

from folkmoot.home import demo as sample
from folkmoot.kernel import installation
from folkmoot.kernel.cli import cli, console
from folkmoot.kernel.jobs import serve


@cli.command()
def demo(
    fresh: bool = typer.Option(False, "--fresh", help="Start over: remove what was done in the demo before."),
    port: int = typer.Option(0, help="Port; 8000 or the next one that is free.", show_default=False),
    host: str = typer.Option("127.0.0.1", help="Address to listen on."),
    no_serve: bool = typer.Option(False, "--no-serve", help="Only load the sample community."),
) -> None:
    """Folkmoot with a made-up community in it, in a data folder of its own. A second run keeps what you did."""
    elsewhere = sample.place(os.environ)
    if elsewhere:
        # Settings are read once, at the start: the demo begins again with its own folder.
        command = [sys.executable, "-m", "folkmoot.cli", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **elsewhere})  # noqa: S606 - our own command
    if not no_serve and host != "127.0.0.1" and sample.is_local():
        console.print(
            "The demo's password is known to everybody: do not listen where others can reach it.",
            style="yellow",
        )
    if port and not no_serve:
        serve.need_free(host, port)
    if fresh:
        sample.start_over()
    sample.belongs_to_demo()
    for sentence in installation.prepare():
        console.print(sentence, markup=False, soft_wrap=True)
    if installation.assets_missing():
        console.print(
            "The browser assets are not here, so pages have no style: run `make demo`.", style="yellow"
        )
    password = sample.prepare_user()
    sample.load(lambda step: console.print(step, markup=False))
    if no_serve:
        _tell("", password)
        return
    chosen = port or sample.free_port(host, 8000)
    address = f"http://localhost:{chosen}" if host == "127.0.0.1" else f"http://{host}:{chosen}"
    if not port and chosen != 8000:
        console.print(f"Port 8000 is in use, so the demo takes {chosen}.", style="yellow")
    if host == "127.0.0.1":
        os.environ.setdefault("FOLKMOOT_BASE_URL", address)
    with sample.in_use():
        code = serve.supervise(
            [serve.web(host, chosen), serve.worker()],
            on_ready=lambda: _tell(address, password),
            probe=(host, chosen),
        )
    if code:
        raise typer.Exit(code)


def _tell(address: str, password: str) -> None:
    """Where it is, how to sign in, and how the command line meets the same data."""
    about = sample.description()
    if address:
        console.print(f"\n{about['community']} is at {address}", style="bold")
    else:
        console.print(f"{about['community']} is loaded.", style="bold")
    known = password or "as it was printed the first time, or set since (`folkmoot user add` sets a new one)"
    console.print(f"Sign in with {sample.EMAIL}, password {known}", markup=False, soft_wrap=True)
    folder = os.path.relpath(settings.DATA_DIR)
    shown = folder if not folder.startswith("..") else str(Path(settings.DATA_DIR))
    console.print(
        f"On the command line: FOLKMOOT_DATA_DIR={shown} {_program()} user list", markup=False, soft_wrap=True
    )
    if address:
        console.print("Ctrl-C ends it.")


def _program() -> str:
    inside = Path(sys.executable).with_name("folkmoot")
    return os.path.relpath(inside) if inside.is_relative_to(Path.cwd()) else "folkmoot"
