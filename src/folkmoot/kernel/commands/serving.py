"""``folkmoot serve`` and ``folkmoot worker``: the processes."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import typer
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import cli, console, stop
from folkmoot.kernel.jobs import serve as supervisor
from folkmoot.kernel.jobs import worker as workers
from folkmoot.kernel.welcome import gate


def _need_database() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        stop("the database is empty or older than this version: run `folkmoot init` first.")
    connection.close()


@cli.command()
def serve(
    host: str = typer.Option("127.0.0.1", help="Address to listen on; 0.0.0.0 for every network."),
    port: int = typer.Option(0, help="Port; that of FOLKMOOT_BASE_URL, else 8000.", show_default=False),
    worker: bool = typer.Option(True, help="Also run a worker for jobs (--no-worker: they run elsewhere)."),
) -> None:
    """Run the web and worker processes, and start again what crashes. Ctrl-C ends them all."""
    chosen = port or urlsplit(settings.BASE_URL).port or 8000
    _need_database()
    supervisor.need_free(host, chosen)
    is_new = not User.objects.exists()
    connection.close()
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104 - only compared
    address = f"http://{shown}:{chosen}"
    # Links in mails lead to where it really listens, unless a public address was set.
    os.environ.setdefault("FOLKMOOT_BASE_URL", address)
    services = [supervisor.web(host, chosen)]
    if worker:
        services.append(supervisor.worker())
    code = supervisor.supervise(
        services,
        on_ready=lambda: _ready(address, is_new),
        probe=(host, chosen),
    )
    if code:
        stop("a process ended again and again: the lines above say why.")


def _ready(address: str, is_new: bool) -> None:
    console.print(f"Folkmoot is at {address}  (Ctrl-C ends it)")
    if is_new:
        console.print("Nobody can sign in yet. This link lets its first visitor set the community up:")
        console.print(gate.link(), markup=False, soft_wrap=True)


@cli.command()
def worker(
    threads: int = typer.Option(
        0, help="Jobs at the same time; FOLKMOOT_JOB_THREADS when absent.", show_default=False
    ),
) -> None:
    """Run a worker: it takes jobs that are due and watches the schedule. Any number may run, on any machine."""
    _need_database()
    console.print(f"worker {os.getpid()} waits for jobs (Ctrl-C ends it)")
    workers.main(threads or settings.JOB_THREADS)
