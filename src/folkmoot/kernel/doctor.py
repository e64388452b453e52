"""Looks an installation over: every setting and its surroundings; for each what is wrong and how to mend it.

Each check answers for itself and never raises: whatever happens inside one is its finding.
"""

from __future__ import annotations

import datetime as dt
import difflib
import os
import platform
import shutil
import socket
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from folkmoot.environment import ENVIRONMENT, PROBLEMS, Setting
from folkmoot.kernel import clock, installation
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import queries as jobs
from folkmoot.kernel.ops import scheduled

#: Work that has waited longer than this, in seconds, has no worker.
WAITED_TOO_LONG = 60
#: Free space in the data folder below which to worry, and below which things fail, in bytes.
LITTLE_SPACE, NO_SPACE = 1_000_000_000, 100_000_000
#: How far clocks may be apart, in seconds.
CLOCKS_APART = 5
#: Oldest versions that are supported (sqlite: FTS5 with ``remove_diacritics 2`` and UPSERT with several targets).
OLDEST_SQLITE, OLDEST_POSTGRESQL = (3, 35), 15
TIMEOUT_SECONDS = 3


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was found of one thing.

    Attributes:
        name: the setting or the thing.
        says: how it is, in one sentence or a value; never a secret.
        mend: what to do; empty when all is well.
    """

    name: str
    state: State
    says: str
    mend: str = ""


def ok(name: str, says: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, says)


def warning(name: str, says: str, mend: str) -> Finding:
    """It works, and should not stay so."""
    return Finding(name, State.WARNING, says, mend)


def wrong(name: str, says: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(name, State.WRONG, says, mend)


def examine(more: Iterable[Callable[[], list[Finding]]] = ()) -> list[Finding]:
    """Look at everything, and do ``more`` checks beside."""
    found = [_setting(setting) for setting in ENVIRONMENT]
    found += unknown_settings()
    for check in (*CHECKS, *more):
        try:
            found += check()
        except Exception as error:  # a check that fails is a finding, not the end
            name = check.__name__.replace("_", " ")
            found.append(
                wrong(name, f"could not be checked: {_line(error)}", "Mend what is named above first.")
            )
    return found


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__


def is_public() -> bool:
    """Whether people reach it from elsewhere, by its address."""
    return urlsplit(settings.BASE_URL).hostname not in ("localhost", "127.0.0.1", "::1")


def _setting(setting: Setting) -> Finding:
    if setting.name in PROBLEMS:
        return wrong(setting.name, PROBLEMS[setting.name], f"Set {setting.name} anew, or unset it.")
    value = os.environ.get(setting.name, "").strip()
    if not value:
        return ok(setting.name, f"{setting.default} (not set)" if setting.default else "not set")
    return ok(setting.name, "set (secret)" if setting.secret else value)


def unknown_settings() -> list[Finding]:
    """Variables that look like a setting with a typing error."""
    known = {setting.name for setting in ENVIRONMENT}
    found = []
    for name in sorted(os.environ):
        if name.startswith("FOLKMOOT_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if near:
                found.append(warning(name, "is no setting, so it does nothing", f"Was {near[0]} meant?"))
    return found


def python() -> list[Finding]:
    """The Python that runs."""
    return [ok("Python", f"{platform.python_version()} at {sys.executable}")]


def database() -> list[Finding]:
    """The database answers, is new enough, and has the tables of this version."""
    if "FOLKMOOT_DATABASE_URL" in PROBLEMS:
        return []
    name = f"Database {installation.database_name()}"
    if connection.vendor == "sqlite":
        version = sqlite3.sqlite_version_info
        if version < OLDEST_SQLITE:
            return [
                wrong(
                    name,
                    f"SQLite {sqlite3.sqlite_version} is too old",
                    "Use a Python built with 3.35 or newer.",
                )
            ]
        path = Path(str(connection.settings_dict["NAME"]))
        if not path.exists():
            return [wrong(name, "is not there yet", "Run `folkmoot init`.")]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        behind = installation.pending_migrations()
    except DatabaseError as error:
        return [
            wrong(
                name,
                f"does not answer: {_line(error)}",
                "Check FOLKMOOT_DATABASE_URL and that the server runs.",
            )
        ]
    found = []
    if connection.vendor == "postgresql":
        major = int(connection.pg_version) // 10_000  # type: ignore[attr-defined]
        if major < OLDEST_POSTGRESQL:
            found.append(
                wrong(name, f"PostgreSQL {major} is too old", f"Move to {OLDEST_POSTGRESQL} or newer.")
            )
    if behind:
        found.append(wrong(name, f"is {behind} steps behind this version", "Run `folkmoot init`."))
    else:
        found.append(ok(name, "answers and is up to date"))
    return found


def data_folder() -> list[Finding]:
    """The data folder can be written to, and there is room."""
    folder = Path(settings.DATA_DIR)
    name = f"Data folder {folder}"
    if "FOLKMOOT_DATA_DIR" in PROBLEMS:
        return []
    if not folder.is_dir():
        return [wrong(name, "is not there yet", "Run `folkmoot init`.")]
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        return [
            wrong(
                name,
                f"cannot be written to: {error.strerror}",
                "Give this user the right, or set FOLKMOOT_DATA_DIR.",
            )
        ]
    free = shutil.disk_usage(folder).free
    says = f"{free / 1e9:.1f} GB free"
    if free < NO_SPACE:
        return [wrong(name, says, "Make room: nothing more can be saved soon.")]
    if free < LITTLE_SPACE:
        return [warning(name, says, "Make room before it runs out.")]
    return [ok(name, f"can be written to, {says}")]


def secret_key() -> list[Finding]:
    """The key that signs sessions is long enough, and nobody else reads its file."""
    if os.environ.get("FOLKMOOT_SECRET_KEY", "").strip():
        if len(settings.SECRET_KEY) < 32:
            return [
                warning(
                    "Secret key",
                    "is shorter than 32 characters",
                    "Set a longer FOLKMOOT_SECRET_KEY, or none.",
                )
            ]
        return [ok("Secret key", "given")]
    path = Path(settings.DATA_DIR) / "secret-key"
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return [warning("Secret key", f"{path} can be read by other users", f"Run `chmod 600 {path}`.")]
    return [ok("Secret key", "kept in the data folder")]


def address() -> list[Finding]:
    """The address people type fits how it is served."""
    if "FOLKMOOT_BASE_URL" in PROBLEMS:
        return []
    parts = urlsplit(settings.BASE_URL)
    found = []
    if is_public() and parts.scheme != "https":
        found.append(
            warning(
                "Address",
                f"{settings.BASE_URL} is not encrypted, so passwords travel in the open",
                "Put a proxy with a certificate before it and set FOLKMOOT_BASE_URL to https://…",
            )
        )
    odd = [
        h for h in settings.ALLOWED_HOSTS if "/" in h or " " in h or ":" in h.strip("[]").replace("::1", "")
    ]
    if odd:
        found.append(
            wrong(
                "Address",
                f"{', '.join(odd)}: no host name",
                "FOLKMOOT_ALLOWED_HOSTS takes names only: no scheme, no port.",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            warning("Address", "every host name is answered", "Name the hosts in FOLKMOOT_ALLOWED_HOSTS.")
        )
    return found or [ok("Address", settings.BASE_URL)]


def debug() -> list[Finding]:
    """Error details are shown to nobody in public."""
    if settings.DEBUG and is_public():
        return [wrong("Debug", "error details are shown to everybody", "Unset FOLKMOOT_DEBUG.")]
    if settings.DEBUG:
        return [
            warning(
                "Debug", "error details are shown in the browser", "Unset FOLKMOOT_DEBUG when you are done."
            )
        ]
    return [ok("Debug", "off")]


def redis() -> list[Finding]:
    """Redis answers, where one is set."""
    if not settings.REDIS_URL or "FOLKMOOT_REDIS_URL" in PROBLEMS:
        return []
    from redis import Redis, RedisError

    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
    try:
        client.ping()
    except (RedisError, OSError, ValueError) as error:
        return [
            wrong("Redis", f"does not answer: {_line(error)}", "Check FOLKMOOT_REDIS_URL and that it runs.")
        ]
    finally:
        client.close()
    return [ok("Redis", "answers")]


def browser_assets() -> list[Finding]:
    """What pages load is there and collected."""
    if settings.DEBUG:
        missing = installation.assets_missing()
        if missing:
            return [wrong("Browser assets", f"{len(missing)} folders are missing", "Run `make setup`.")]
        return [ok("Browser assets", "read in place (debug)")]
    collected = (Path(settings.STATIC_ROOT) / ".stamp").is_file()
    if installation.assets_missing():
        if collected:
            return [ok("Browser assets", "collected")]
        return [
            wrong(
                "Browser assets",
                "are not here: pages have no style",
                "Run `make setup`, then `folkmoot init`.",
            )
        ]
    if not installation.assets_collected():
        says = "have changed since they were collected" if collected else "are not collected"
        return [wrong("Browser assets", says, "Run `folkmoot init`.")]
    return [ok("Browser assets", "collected")]


def mail() -> list[Finding]:
    """Mail can leave."""
    if "FOLKMOOT_MAIL_URL" in PROBLEMS:
        return []
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        if is_public():
            return [
                warning(
                    "Mail", "leaves nowhere: it is only printed or kept", "Set FOLKMOOT_MAIL_URL to smtp://…"
                )
            ]
        return [ok("Mail", "is only printed or kept")]
    host, port = settings.EMAIL_HOST or "localhost", settings.EMAIL_PORT or 25
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS):
            pass
    except OSError as error:
        return [wrong("Mail", f"{host}:{port} does not answer: {_line(error)}", "Check FOLKMOOT_MAIL_URL.")]
    if is_public() and settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        return [
            warning("Mail", "the sender is at localhost, so mails are refused", "Set FOLKMOOT_MAIL_FROM.")
        ]
    return [ok("Mail", f"{host}:{port} answers")]


def worker() -> list[Finding]:
    """Work that is due is taken up."""
    if not installation.has_tables():
        return []
    backlog = jobs.backlog(clock.now())
    if backlog.oldest_seconds > WAITED_TOO_LONG:
        return [
            wrong(
                "Worker",
                f"nobody takes up due jobs ({backlog.jobs}); the oldest waits for {backlog.oldest_seconds:,.0f} s",
                "Start `folkmoot serve`, or `folkmoot worker` beside it.",
            )
        ]
    return [ok("Worker", f"{backlog.jobs} jobs are due" if backlog.jobs else "no job waits")]


def time() -> list[Finding]:
    """This machine's clock agrees with the database's."""
    if not installation.has_tables():
        return []
    now = clock.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            row = cursor.fetchone()
        theirs: dt.datetime = row[0] if row else now
        if abs((theirs - now).total_seconds()) > CLOCKS_APART:
            return [
                wrong(
                    "Clock",
                    f"differs from the database's ({theirs:%H:%M:%S} UTC there)",
                    "Let both follow a time server.",
                )
            ]
    newest = (
        MigrationRecorder(connection)
        .migration_qs.order_by("-applied")
        .values_list("applied", flat=True)
        .first()
    )
    if newest and (newest - now).total_seconds() > CLOCKS_APART:
        return [
            wrong(
                "Clock",
                f"is behind: the database was set up at {newest:%Y-%m-%d %H:%M} UTC",
                "Set this machine's clock.",
            )
        ]
    return [ok("Clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")]


def backups() -> list[Finding]:
    """Backups are taken, and the newest is not old."""
    if not settings.BACKUP_DIR:
        if is_public():
            return [
                warning(
                    "Backups",
                    "none are taken by themselves",
                    "Set FOLKMOOT_BACKUP_DIR to a folder elsewhere.",
                )
            ]
        return [ok("Backups", "none are taken by themselves")]
    folder = Path(settings.BACKUP_DIR)
    if not os.access(folder, os.W_OK):
        return [
            wrong(
                "Backups",
                f"{folder} is missing or cannot be written to",
                "Make it, or set FOLKMOOT_BACKUP_DIR.",
            )
        ]
    newest = scheduled.newest()
    if newest is None:
        return [
            warning(
                "Backups",
                "none has been taken yet",
                "The first is taken after 02:00 UTC, or with `folkmoot backup`.",
            )
        ]
    if clock.now() - newest > dt.timedelta(days=2):
        return [
            wrong(
                "Backups",
                f"the newest is of {newest:%Y-%m-%d}",
                "Look at the job “Nightly backup” for the reason.",
            )
        ]
    return [ok("Backups", f"the newest is of {newest:%Y-%m-%d %H:%M} UTC")]


def users() -> list[Finding]:
    """Somebody can sign in."""
    if not installation.has_tables():
        return []
    if not User.objects.filter(is_active=True).exists():
        return [
            warning("Users", "nobody can sign in yet", "Run `folkmoot user add you@example.org --admin`.")
        ]
    return [ok("Users", f"{User.objects.filter(is_active=True).count()} may sign in")]


Check = Callable[[], list[Finding]]
CHECKS: tuple[Check, ...] = (
    python,
    database,
    data_folder,
    secret_key,
    address,
    debug,
    redis,
    browser_assets,
    mail,
    worker,
    time,
    backups,
    users,
)


def worst(findings: list[Finding]) -> State:
    """The worst of the states found."""
    order = list(State)
    return max((finding.state for finding in findings), key=order.index, default=State.OK)


def amiss(findings: list[Finding]) -> Iterator[Finding]:
    """What is not all right, the wrong things first."""
    for state in (State.WRONG, State.WARNING):
        yield from (finding for finding in findings if finding.state == state)
