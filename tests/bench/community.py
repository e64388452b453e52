"""Databases that hold the made-up community, made once for each state of the tables and copied from then on."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection, connections

from folkmoot.environment import sqlite_url
from folkmoot.kernel.changes import watching
from tests import databases
from tests.bench import generate, training_generator

_SOURCES = (Path(generate.__file__), Path(training_generator.__file__))
#: PostgreSQL databases are called this, a digest and the size.
PREFIX = "bench_training_"


def _digest() -> str:
    told = b"".join(path.read_bytes() for path in _SOURCES)
    return hashlib.sha256(databases.digest().encode() + told).hexdigest()[:16]


@contextmanager
def community(size: int, folder: Path) -> Iterator[None]:
    """Inside, the default database holds the community of this size; what is written there is gone afterwards."""
    if connection.vendor == "sqlite":
        url = sqlite_url(_copied_file(size, folder))
        with databases.other_database(url):
            yield
        return
    server = databases.Server()
    name = _copied_database(server, size)
    try:
        with databases.other_database(f"{server.url}/{name}"):
            _settle()
            yield
    finally:
        server.drop(name)


def _copied_file(size: int, folder: Path) -> Path:
    kept = databases.CACHE / f"training-{_digest()}-{size}.sqlite3"
    if not kept.exists():
        for old in databases.CACHE.glob(f"training-*-{size}.sqlite3"):
            old.unlink()
        making = databases.copy_sqlite(folder / "making.sqlite3")
        with databases.other_database(sqlite_url(making)):
            watching.install()
            training_generator.fill(size)
        with closing(sqlite3.connect(making)) as made:
            made.execute("ANALYZE")
            made.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        shutil.move(making, kept)
    return Path(shutil.copy(kept, folder / "community.sqlite3"))


def _copied_database(server: databases.Server, size: int) -> str:
    kept = f"{PREFIX}{_digest()}_{size}"
    with server.session() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        known = {name for (name,) in cursor.fetchall()}
    if kept not in known:
        for old in known:
            if old.endswith(f"_{size}"):
                server.drop(old)
        making = f"{PREFIX}making_{size}"
        server.create(making, server.template())
        with databases.other_database(f"{server.url}/{making}"):
            watching.install()
            training_generator.fill(size)
        with server.session() as cursor:
            cursor.execute(f'ALTER DATABASE "{making}" RENAME TO "{kept}"')
    copied = f"{PREFIX}copy_{size}"
    server.create(copied, kept)
    return copied


def _settle() -> None:
    """A copied database knows its statistics already; what each session asks once is asked."""
    for each in dir(connections["default"].features):
        getattr(connections["default"].features, each)
