"""Issues with their timelines, for whoever wants to hear of them: asked for only where something happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from folkmoot.connectors.github import shapes
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.connectors.github.timeline import Event, Ticket, event, ticket
from folkmoot.kernel import clock
from folkmoot.ledger.github import readers, writing
from folkmoot.ledger.github.models import GithubRepository
from folkmoot.ledger.github.readers import Reading, Thread, Tracker
from folkmoot.ledger.github.streams import Fetched, issues_page, understood
from folkmoot.ledger.matching import named
from folkmoot.people.public import repository_key

#: Issues in one page: each asks for a timeline of its own, and what was asked for in vain is little.
PER_PAGE = 10
#: At most so many pages of one timeline, of 100 events each.
MOST_PAGES = 30


def key_of(repository: GithubRepository) -> str:
    """As readers name it: ``github.com/org/repo``."""
    return repository_key(f"https://{repository.host}/{repository.full_name}")


def fetch_threads(github: GitHub, repository: GithubRepository, cursor: dict[str, Any], etag: str) -> Fetched:
    """Issues that changed since the last reading, those changed longest ago first, each with its timeline."""
    page = issues_page(github, repository, cursor, etag, per_page=PER_PAGE)
    if page.rows is None:
        return page.fetched([])
    rows, bad = understood(lambda: shapes.each(page.rows, lambda row: (ticket(row), row)))
    threads: list[tuple[Thread, shapes.Issue]] = []
    for read, raw in rows:
        if read is None:
            continue
        events, odd = _timeline(github, repository, read)
        bad += [f"#{read.number}: {one}"[:200] for one in odd]
        threads.append((Thread(read, events, tuple(odd)), shapes.issue(raw)))
    return page.fetched(threads, left_out=bad)


def _timeline(
    github: GitHub, repository: GithubRepository, read: Ticket
) -> tuple[tuple[Event, ...] | None, list[str]]:
    """What happened to an issue, and what of it could not be read.

    Raises:
        GitHubProblem: the token, the limit, or GitHub as a whole stands in the way; what concerns this issue alone is
            told instead.
    """
    try:
        page = github.get(f"/repos/{repository.full_name}/issues/{read.number}/timeline", {"per_page": 100})
        events, bad = understood(lambda: shapes.each(page.data or [], event))
        for _number in range(MOST_PAGES):
            if not page.next_url:
                break
            page = github.get(page.next_url)
            more, odd = understood(lambda page=page: shapes.each(page.data or [], event))  # type: ignore[misc]
            events += more
            bad += odd
        else:
            bad.append("its timeline is longer than what is read of it")
    except GitHubProblem as problem:
        if problem.trouble not in (Trouble.GONE, Trouble.ODD):
            raise
        return None, [f"the timeline cannot be read: {problem.detail or problem.trouble.value}"]
    unique = {(one.kind, one.number): one for one in events}
    return tuple(sorted(unique.values(), key=lambda one: (one.at, int(one.number)))), bad


def put_threads(repository: GithubRepository, rows: Sequence[tuple[Thread, shapes.Issue]]) -> None:
    """Bring the issues into the ledger, and hand them to whoever wants to hear."""
    if not rows:
        return
    writing.put_issues(repository, [issue for _thread, issue in rows])
    keys = {thread.ticket.number: writing.issue_key(repository, thread.ticket.number) for thread, _ in rows}
    items = named(repository.source, set(keys.values()))
    identities = writing.identities_of(repository, _who(thread for thread, _issue in rows))
    key = key_of(repository)
    reading = Reading(
        tracker=Tracker(key, repository.source, repository.number, repository.full_name),
        threads=[
            replace(one, item_id=items[name].pk if (name := keys[one.ticket.number]) in items else None)
            for one, _issue in rows
        ],
        at=clock.now(),
        identities=identities,
    )
    for reader in readers.of(key):
        reader.take(reading)


def _who(threads: Iterable[Thread]) -> list[tuple[shapes.Account | None, dt.datetime]]:
    """Everybody in these, with when they were seen."""
    found: list[tuple[shapes.Account | None, dt.datetime]] = []
    for thread in threads:
        found.append((thread.ticket.author, thread.ticket.opened_at))
        found += [(one, thread.ticket.updated_at) for one in thread.ticket.assignees]
        for happened in thread.events or ():
            found += [(happened.by, happened.at), (happened.whom, happened.at)]
    return found


def stale(repositories: Iterable[GithubRepository], since: dt.datetime) -> None:
    """Tell the readers of these repositories that they cannot be read since then."""
    for repository in repositories:
        key = key_of(repository)
        for reader in readers.of(key):
            reader.is_stale(key, since)


def fresh(repository: GithubRepository, at: dt.datetime) -> None:
    """Tell the readers of a repository that it was read to its end."""
    key = key_of(repository)
    for reader in readers.of(key):
        reader.is_fresh(key, at)
