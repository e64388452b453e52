"""Every read of connections that pages and Today share."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from folkmoot.connectors.github.problems import Trouble
from folkmoot.kernel.jobs.models import UNFINISHED, Job
from folkmoot.kernel.rows import Rows
from folkmoot.ledger.github.models import GithubConnection, GithubRepository, Stream, SyncState
from folkmoot.ledger.github.sync import KIND, connections
from folkmoot.people.public import repository_key

__all__ = ["GithubConnection"]


def with_counts() -> QuerySet[GithubConnection]:
    """Connections with how many repositories they read, how many of these are stale, when something was last read."""
    found: QuerySet[GithubConnection] = connections().select_related("created_by")
    return found.annotate(
        repository_count=Count("read_repositories", distinct=True),
        stale_count=Count(
            "read_repositories",
            filter=Q(read_repositories__states__stale_since__isnull=False),
            distinct=True,
        ),
        last_read_at=Max("read_repositories__states__last_good_at"),
    ).order_by("name", "pk")


def repositories_of(connection: GithubConnection) -> QuerySet[GithubRepository]:
    """The repositories that a connection reads, with when all of each was last read and since when something is not."""
    return (
        GithubRepository.objects.filter(connection=connection)
        .select_related("project")
        .annotate(
            last_good=Min("states__last_good_at"),
            stale=Min("states__stale_since"),
        )
    )


def states_of(repositories: list[GithubRepository]) -> dict[int, list[SyncState]]:
    """Their streams' states, in the order of reading; one query."""
    found: dict[int, list[SyncState]] = defaultdict(list)
    for state in SyncState.objects.filter(repository__in=repositories).order_by("pk"):
        found[state.repository_id].append(state)
    return found


def failing_connections() -> Rows:
    """Connections that something stands in the way of as a whole, the longest first; paused ones rest."""
    found = connections().exclude(error="").filter(is_paused=False).order_by("failing_since", "pk")
    return Rows(found, "pk", "name", "error", "error_detail", "failing_since")


def stale_by_connection() -> Rows:
    """Connections with streams that could not be read, the longest first: how many repositories (``repositories``), and
    the stream that waits longest. Those that fail as a whole are told of by that.
    """
    stale = SyncState.objects.filter(stale_since__isnull=False)
    of_one = stale.filter(repository__connection=OuterRef("repository__connection"))
    number = (
        of_one.order_by()
        .values("repository__connection")
        .annotate(number=Count("repository", distinct=True))
        .values("number")
    )
    longest = stale.filter(
        pk=Subquery(of_one.order_by("stale_since", "pk").values("pk")[:1]),
        repository__connection__is_paused=False,
        repository__connection__error__in=["", Trouble.GONE],
    )
    return Rows(
        longest.order_by("stale_since", "pk"),
        *("stream", "error", "error_detail", "stale_since"),
        connection="repository__connection_id",
        name="repository__connection__name",
        repository="repository__full_name",
        repositories=Subquery(number),
    )


def expiring_tokens(now: dt.datetime, days: int) -> Rows:
    """Connections whose token ends within so many days, the first to end first; not those that fail anyway."""
    found = connections().filter(
        token_expires_at__lt=now + dt.timedelta(days=days), is_paused=False, error__in=["", Trouble.GONE]
    )
    return Rows(found.order_by("token_expires_at", "pk"), "pk", "name", "token_expires_at")


def job_of(connection: GithubConnection) -> Job | None:
    """The reading that runs or waits: the one that began, or is due, first."""
    jobs = Job.objects.filter(kind=KIND, state__in=UNFINISHED, arguments__connection=connection.pk)
    return jobs.order_by("-started_at", "due_at", "pk").first()


def job_url(job: Job) -> str | None:
    """The page of the connection that a job reads."""
    pk = job.arguments.get("connection")
    exists = pk and GithubConnection.objects.filter(pk=pk).exists()
    return reverse("github:connection", args=[pk]) if exists else None


def lendable() -> list[tuple[str, str]]:
    """The connections whose token a channel may use, by number and name."""
    return [(str(pk), name) for pk, name in GithubConnection.objects.values_list("pk", "name")]


@dataclass(frozen=True)
class TrackerState:
    """How a repository is read whose issues somebody wants to hear of in full."""

    connection: GithubConnection | None
    last_good_at: dt.datetime | None = None
    stale_since: dt.datetime | None = None
    error: str = ""
    error_detail: str = ""
    left_out: tuple[str, ...] = ()


def tracker_states(keys: Collection[str]) -> dict[str, TrackerState]:
    """By key (``github.com/org/repo``) how these are read; those that no connection reads are missing. One query."""
    if not keys:
        return {}
    rows: Any = (
        GithubRepository.objects.filter(
            connection__isnull=False, is_facts_only=False, host__in={key.partition("/")[0] for key in keys}
        )
        .annotate(thread=FilteredRelation("states", condition=Q(states__stream=Stream.THREADS)))
        .annotate(
            **{
                name: F(f"thread__{name}")
                for name in ("last_good_at", "stale_since", "error", "error_detail")
            },
            left_out=F("thread__left_out"),
        )
        .select_related("connection")
        .defer("connection__token", "connection__webhook_secret")
    )
    return {
        key: TrackerState(
            row.connection,
            row.last_good_at,
            row.stale_since,
            row.error or "",
            row.error_detail or "",
            tuple(row.left_out or ()),
        )
        for row in rows
        if (key := repository_key(f"https://{row.host}/{row.full_name}")) in keys
    }


def hosts_read() -> set[str]:
    """The GitHubs that connections read which are not paused; one query."""
    return {connection.host for connection in connections().filter(is_paused=False)}
