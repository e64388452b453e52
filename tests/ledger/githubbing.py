"""What tests of reading GitHub share: a server, a connection to it, and running the job to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from folkmoot.connectors.github import client
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.ledger.github import sync
from folkmoot.ledger.models import GithubConnection
from tests.github_server import Thing, User, World, serving


def at(text: str) -> dt.datetime:
    """``2026-05-04 10:11:12`` in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def thing(number: int, author: User | None, opened: str, title: str = "Fix the docs", **more: Any) -> Thing:
    """An issue, last changed when it was opened unless ``updated`` says otherwise."""
    updated = at(more.pop("updated", opened))
    return Thing(number, title, author, at(opened), updated, **more)


@contextmanager
def connected(world: World, settings: Any, monkeypatch: Any, **fields: Any) -> Iterator[GithubConnection]:
    """A connection to a server with this world, which stands for github.com."""
    monkeypatch.setattr(client, "WAITS", (0.0, 0.0))
    monkeypatch.setattr("folkmoot.ledger.github.models.web_host", lambda url: "github.com")
    with serving(world) as address:
        settings.HTTP_ALLOW = [address.removeprefix("http://")]
        values: dict[str, Any] = {"organizations": ["pyOpenSci"], "reads_register": False, **fields}
        yield GithubConnection.objects.create(
            name="pyOpenSci", api_url=address, token=world.token, webhook_secret="a secret", **values
        )


def read(connection: GithubConnection, **arguments: Any) -> dict[str, Any]:
    """Read everything once; what the job came to."""
    job = sync.ask(connection, finds=True, hold=True, **arguments)
    assert job is not None
    outcome: dict[str, Any] = run_in_foreground(Job.objects.get(pk=job.pk)).outcome
    return outcome
