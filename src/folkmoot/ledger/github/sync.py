"""The job that reads GitHub: one connection, stream by stream, page by page.

It stops at any moment and goes on where it stopped. When the limit is spent it ends, and a new job waits for the moment
that GitHub named: no worker sleeps meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.github.apps import App
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble, what_happened
from folkmoot.connectors.github.tokens import Lent
from folkmoot.kernel import clock
from folkmoot.kernel.jobs import actions as jobs
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.secrets import CannotDecrypt
from folkmoot.ledger.github import finding, profiles, readers, threads
from folkmoot.ledger.github.models import (
    FACTS_ONLY,
    GithubConnection,
    GithubRepository,
    Stream,
    SyncState,
)
from folkmoot.ledger.github.streams import LEFT_OUT, READERS, Fetched
from folkmoot.ledger.github.threads import fetch_threads, key_of, put_threads
from folkmoot.people.public import mark_facts_stale

log = structlog.get_logger(__name__)

KIND = "github.sync"
READERS[Stream.THREADS] = (fetch_threads, put_threads)
#: The lists of repositories are read anew so often; a person who asks to read now does not wait.
FIND_EVERY = dt.timedelta(hours=6)
_WELL: dict[str, Any] = {"error": "", "error_detail": "", "failing_since": None}
#: Troubles of the token: nothing else need be tried with it.
_OF_TOKEN = (Trouble.TOKEN, Trouble.KEYS, Trouble.APP, Trouble.ADDRESS)


@dataclass
class Run:
    """What one job read."""

    rows: int = 0
    pages: int = 0
    unchanged: int = 0
    failed: list[str] = field(default_factory=list)
    waits_until: dt.datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As the job's outcome keeps it."""
        told: dict[str, Any] = {"rows": self.rows, "pages": self.pages, "unchanged": self.unchanged}
        if self.failed:
            told["failed"] = self.failed[:20]
        if self.waits_until:
            told["waits_until"] = self.waits_until.isoformat()
        return told


def connections() -> Any:
    """Connections without their secrets, which only the reading itself needs."""
    return GithubConnection.objects.defer("token", "private_key", "webhook_secret")


def open_github(connection: GithubConnection) -> GitHub:
    """A client with the connection's token; that of an App is renewed whenever its hour is over.

    Raises:
        GitHubProblem: there is no token, or it cannot be decrypted, or GitHub gives the App none.
    """
    try:
        token, key = GithubConnection.objects.values_list("token", "private_key").get(pk=connection.pk)
    except CannotDecrypt as error:
        raise GitHubProblem(Trouble.KEYS, str(error)) from None
    if not connection.is_app:
        if not token:
            raise GitHubProblem(Trouble.TOKEN)
        return GitHub(token, connection.api_url)
    app = App(connection.app_id, key, connection.installation_id, connection.api_url)

    def renew() -> tuple[str, dt.datetime]:
        fresh = app.new_token()
        connections().filter(pk=connection.pk).update(token=fresh.value, app_token_until=fresh.until)
        return fresh.value, fresh.until

    return GitHub(token, connection.api_url, renew=renew, token_until=connection.app_token_until)


def lend(number: str) -> Lent:
    """The token of a connection, for a channel of the outbox.

    Raises:
        LookupError: there is no such connection any more, or its token cannot be read.
    """
    connection = connections().filter(pk=number).first() if number.isdecimal() else None
    if connection is None:
        raise LookupError(_("The connection to GitHub whose token this channel uses is not there any more."))
    try:
        token = GithubConnection.objects.values_list("token", flat=True).get(pk=connection.pk)
    except CannotDecrypt:
        raise LookupError(what_happened(Trouble.KEYS)) from None
    if not token:
        raise LookupError(what_happened(Trouble.TOKEN))
    return Lent(token, connection.api_url)


def run(context: JobContext) -> dict[str, Any]:
    """The job. Without a connection in its arguments it queues one for each that is not paused."""
    pk = context.arguments.get("connection")
    if pk is None:
        return plan()
    connection = connections().filter(pk=pk).first()
    if connection is None:
        return {"gone": True}
    if connection.is_paused:
        return {"paused": True}
    done = Run()
    if connection.resume_at and connection.resume_at > clock.now():
        return _wait(connection, context, done, connection.resume_at)
    try:
        with open_github(connection) as github:
            try:
                _read(context, github, connection, done)
            finally:
                _note_token(connection, github)
    except GitHubProblem as problem:
        if problem.trouble == Trouble.LIMIT:
            return _wait(connection, context, done, problem.until or clock.now() + dt.timedelta(minutes=15))
        fail_connection(connection, problem)
        return {**done.as_json(), "problem": problem.trouble.value}
    return done.as_json()


def plan() -> dict[str, Any]:
    """Queue a reading of every connection that is not paused and has none waiting."""
    queued = [ask(connection) for connection in connections().filter(is_paused=False)]
    return {"queued": sum(job is not None for job in queued)}


def ask(
    connection: GithubConnection,
    *,
    actor: Any = None,
    repository: GithubRepository | None = None,
    streams: tuple[str, ...] = (),
    finds: bool = False,
    hold: bool = False,
) -> Job | None:
    """Queue a reading; none when the same one waits already.

    Args:
        repository: only this one.
        streams: only these.
        finds: read the lists of repositories, too, whenever they were read last.
        hold: as for :func:`folkmoot.kernel.jobs.actions.enqueue`.
    """
    arguments: dict[str, Any] = {"connection": connection.pk}
    if repository is not None:
        arguments["repository"] = repository.pk
    if streams:
        arguments["streams"] = sorted(streams)
    if finds:
        arguments["finds"] = True
    waiting = Job.objects.filter(kind=KIND, state=JobState.QUEUED)
    if not hold and any({**job.arguments, "after": 0} == {**arguments, "after": 0} for job in waiting[:500]):
        return None
    return jobs.enqueue(kind=KIND, arguments=arguments, created_by=actor, hold=hold)


def _wait(connection: GithubConnection, context: JobContext, done: Run, until: dt.datetime) -> dict[str, Any]:
    """End here, and let another job go on when GitHub may be asked again."""
    done.waits_until = until + dt.timedelta(seconds=1)
    cursor = context.cursor or {}
    arguments = {**context.arguments, **({"after": cursor["after"]} if "after" in cursor else {})}
    if cursor.get("found"):
        arguments.pop("finds", None)
    with transaction.atomic():
        connections().filter(pk=connection.pk).update(resume_at=until)
        jobs.enqueue(
            kind=KIND,
            arguments=arguments,
            due_at=done.waits_until,
            created_by=context.job.created_by,
            unique_key=f"{KIND}:after:{context.job.pk}",
        )
    return done.as_json()


def _read(context: JobContext, github: GitHub, connection: GithubConnection, done: Run) -> None:
    only = context.arguments.get("repository")
    if only is None:
        _find(context, github, connection, done)
    rows = GithubRepository.objects.filter(connection=connection).select_related("project").order_by("pk")
    if only is not None:
        rows = rows.filter(pk=only)
    after = (context.cursor or {}).get("after") or context.arguments.get("after") or [0, 0]
    heard = readers.wanted([key_of(row) for row in rows])
    wanted = [
        (row, stream) for row in rows for stream in _streams(context, connection, row, key_of(row) in heard)
    ]
    total = len(wanted)
    for place, (row, stream) in enumerate(wanted, 1):
        if [row.pk, list(Stream).index(stream)] <= after:
            continue  # read by the job before this one, or before this one's worker died
        _read_stream(context, github, row, stream, done, place, total)
    if only is None:
        profiles.name_people(context, github, connection)
    rows_of = connections().filter(pk=connection.pk)
    rows_of.update(resume_at=None)
    rows_of.exclude(error=Trouble.GONE.value).update(**_WELL)


def _streams(
    context: JobContext, connection: GithubConnection, row: GithubRepository, is_heard: bool
) -> Iterator[Stream]:
    asked = context.arguments.get("streams")
    for stream in Stream:
        if row.is_facts_only and stream not in FACTS_ONLY:
            continue
        is_read = is_heard if stream == Stream.THREADS else stream in connection.streams
        if is_read and (not asked or stream in asked):
            yield stream


def _find(context: JobContext, github: GitHub, connection: GithubConnection, done: Run) -> None:
    """Read the lists of repositories, when it is time."""
    found_at = connection.found_at
    if found_at and clock.now() - found_at < FIND_EVERY and not context.arguments.get("finds"):
        return
    if (context.cursor or {}).get("found"):
        return
    context.tell(0, None, _("Looking for repositories"))
    found = finding.find(github, connection)
    done.failed += found.missing
    with transaction.atomic():
        connections().filter(pk=connection.pk).update(found_at=clock.now())
        if found.missing:
            fail_connection(connection, GitHubProblem(Trouble.GONE, ", ".join(found.missing)))
        else:
            connections().filter(pk=connection.pk, error=Trouble.GONE.value).update(**_WELL)
        context.checkpoint({**(context.cursor or {}), "found": True})


def _read_stream(
    context: JobContext,
    github: GitHub,
    row: GithubRepository,
    stream: Stream,
    done: Run,
    place: int,
    total: int,
) -> None:
    """All pages of one stream; a trouble that is this stream's alone is noted, and the others are read.

    Raises:
        GitHubProblem: the token, or the limit, stands in the way of everything.
    """
    begun_again = collided = False
    while True:
        state, _made = SyncState.objects.get_or_create(repository=row, stream=stream.value)
        try:
            fetched = READERS[stream][0](github, row, dict(state.cursor), state.etag)
        except GitHubProblem as problem:
            if problem.trouble == Trouble.LIMIT or problem.trouble in _OF_TOKEN:
                raise
            if problem.trouble == Trouble.CURSOR and not begun_again:
                begun_again = True
                SyncState.objects.filter(pk=state.pk, version=state.version).update(cursor={}, etag="")
                continue
            fail_stream(row, state, problem)
            done.failed.append(f"{row.full_name}: {stream.value}")
            return
        try:
            is_mine = _write(context, row, state, stream, fetched, place, total)
        except IntegrityError as error:
            # Another reader wrote the same account or item at this very moment: now it is known.
            if collided:
                raise
            log.info("read again after a collision", repository=row.full_name, error=str(error))
            collided = True
            continue
        if not is_mine:
            continue
        done.rows += len(fetched.rows)
        done.pages += 1
        done.unchanged += fetched.is_unchanged
        if fetched.is_end:
            return


@transaction.atomic
def _write(
    context: JobContext,
    row: GithubRepository,
    state: SyncState,
    stream: Stream,
    fetched: Fetched,
    place: int,
    total: int,
) -> bool:
    """One page and the cursor after it; ``False`` when another reader went on from here meanwhile."""
    held = SyncState.objects.select_for_update().get(pk=state.pk)
    if held.version != state.version:
        return False
    READERS[stream][1](row, fetched.rows)
    held.cursor, held.etag, held.version = fetched.cursor, fetched.etag[:200], held.version + 1
    held.rows_read += len(fetched.rows)
    if fetched.left_out:
        held.left_out = [*fetched.left_out, *held.left_out][:LEFT_OUT]
    if fetched.is_end:
        held.last_good_at, held.stale_since, held.error, held.error_detail = clock.now(), None, "", ""
        if stream == Stream.THREADS:
            threads.fresh(row, held.last_good_at)
    held.save()
    cursor = dict(context.cursor or {})
    if fetched.is_end:
        cursor["after"] = [row.pk, list(Stream).index(stream)]
    context.checkpoint(cursor, done=place if fetched.is_end else place - 1, total=total, note=row.full_name)
    return True


@transaction.atomic
def fail_stream(row: GithubRepository, state: SyncState, problem: GitHubProblem) -> None:
    """Note why a stream could not be read; what was read stays, marked as stale from its first failure on."""
    now = clock.now()
    held = SyncState.objects.select_for_update().get(pk=state.pk)
    held.stale_since = held.stale_since or now
    held.error, held.error_detail = problem.trouble.value, problem.detail
    held.save(update_fields=["stale_since", "error", "error_detail"])
    if state.stream == Stream.FACTS:
        mark_facts_stale(source=row.source, number=row.number, since=now)
    if state.stream == Stream.THREADS:
        threads.stale([row], held.stale_since)
    log.warning("not read", repository=row.full_name, stream=state.stream, trouble=problem.trouble.value)


def fail_connection(connection: GithubConnection, problem: GitHubProblem) -> None:
    """Note what stands in the way of a whole connection."""
    if problem.trouble in _OF_TOKEN:
        rows = GithubRepository.objects.filter(connection=connection, is_facts_only=False)
        threads.stale(rows, connection.failing_since or clock.now())
    connections().filter(pk=connection.pk).update(
        error=problem.trouble.value,
        error_detail=problem.detail,
        failing_since=connection.failing_since or clock.now(),
    )
    log.warning("connection fails", connection=connection.name, trouble=problem.trouble.value)


def _note_token(connection: GithubConnection, github: GitHub) -> None:
    """Keep what GitHub said of the token."""
    connections().filter(pk=connection.pk).update(
        scopes=github.scopes[:300], token_expires_at=github.expires_at or connection.token_expires_at
    )
