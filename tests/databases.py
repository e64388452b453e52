"""Databases for tests: made once for each state of the migrations, copied from then on.

The SQLite template is a file in pytest's cache folder, the PostgreSQL template a database of the server, shared by all
checkouts whose migrations are the same. Each is named by a digest over every migration and the code that migrations
import. Templates that nobody copied for a week are removed when a new one is made.
"""

from __future__ import annotations

import ast
import datetime as dt
import fcntl
import functools
import hashlib
import importlib.util
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler
from django.test import TransactionTestCase

from folkmoot import environment
from folkmoot.kernel.changes import watching
from folkmoot.kernel.ops import fresh

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".pytest_cache" / "databases"
KEPT = dt.timedelta(days=7)
#: PostgreSQL templates are called this and a digest.
PREFIX = "folkmoot_template_"
#: Tables whose rows Django makes when it migrates.
BY_DJANGO = {"django_content_type", "auth_permission"}
#: Held on the server while a template is made: any number that nobody else uses.
_LOCK = 20_260_711


@functools.cache
def digest() -> str:
    """Of everything that decides what a new database holds: the migrations, and our modules that they lead to."""
    modules = {type(each).__module__ for each in MigrationLoader(None).disk_migrations.values()} | {
        fresh.__name__
    }
    files = {path for module in modules if (path := _source(module))}
    todo = [path for path in files if (ROOT / "src") in path.parents]
    while todo:
        found = {path for name in _imported(todo.pop()) if (path := _source(name))} - files
        files |= found
        todo += found
    told = [str(django.VERSION), *sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)]
    return hashlib.sha256("".join(told).encode()).hexdigest()[:20]


def _imported(path: Path) -> Iterator[str]:
    """The names of our modules (and of what is taken from them) that a file imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] == "folkmoot")


def _source(name: str) -> Path | None:
    """The file of a module; ``None`` for a name that is none."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


@contextmanager
def other_database(url: str) -> Iterator[Any]:
    """Inside, ``connections["default"]`` leads to the database with this address."""
    before = connections["default"]
    there = ConnectionHandler({"default": environment.database(url)}).create_connection("default")
    connections["default"] = there
    try:
        yield there
    finally:
        there.close()
        connections["default"] = before


def sqlite_template() -> Path:
    """A migrated SQLite file to copy from."""
    path = CACHE / f"{digest()}.sqlite3"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            made = CACHE / f"{uuid.uuid4().hex}.making"
            with other_database(environment.sqlite_url(made)) as there:
                fresh.create(there)
                call_command("migrate", verbosity=0, interactive=False)
            with closing(sqlite3.connect(made)) as database:
                database.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
            oldest = (dt.datetime.now() - KEPT).timestamp()
            for each in CACHE.iterdir():
                if each != made and each.name != "lock" and each.stat().st_mtime < oldest:
                    each.unlink()
            made.rename(path)
    path.touch()
    return path


def copy_sqlite(to: Path) -> Path:
    """A migrated SQLite file of one's own."""
    return Path(shutil.copy(sqlite_template(), to))


class Server:
    """The PostgreSQL server that the tests run on."""

    def __init__(self) -> None:
        config = connections["default"].settings_dict
        self.config = {**config, "NAME": "postgres"}
        password = f":{config['PASSWORD']}" if config["PASSWORD"] else ""
        self.url = f"postgres://{config['USER']}{password}@{config['HOST']}:{config['PORT'] or 5432}"

    @contextmanager
    def session(self) -> Iterator[Any]:
        """A cursor outside of the databases of tests."""
        there = ConnectionHandler({"default": self.config}).create_connection("default")
        try:
            with there.cursor() as cursor:
                yield cursor
        finally:
            there.close()

    def create(self, name: str, template: str = "template0") -> None:
        """Make a database, instead of one of that name that an interrupted run left."""
        with self.session() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            # Nothing here has to outlive the server.
            cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')

    def drop(self, name: str) -> None:
        with self.session() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def template(self) -> str:
        """The name of a migrated database to copy from."""
        name, making = f"{PREFIX}{digest()}", f"{PREFIX}making_{uuid.uuid4().hex}"
        today = dt.datetime.now(dt.UTC).date()
        with self.session() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            cursor.execute(
                "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE %s",
                [f"{PREFIX}%"],
            )
            known: dict[str, str | None] = dict(cursor.fetchall())
            if name not in known:
                cursor.execute(f'CREATE DATABASE "{making}" TEMPLATE template0')
                with other_database(f"{self.url}/{making}") as there:
                    fresh.create(there)
                    call_command("migrate", verbosity=0, interactive=False)
                for each, used in known.items():
                    if (used or "") < (today - KEPT).isoformat():
                        cursor.execute(f'DROP DATABASE IF EXISTS "{each}"')
                cursor.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
            if known.get(name) != today.isoformat():
                cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{today.isoformat()}'")
        return name


def empty(there: Any, *, sequences: bool = False) -> None:
    """Take out all rows but those that Django makes by itself, with new numbers for new ones where wanted.

    Only tables that hold any are touched: to truncate them all takes PostgreSQL more than a second.
    """
    names = sorted(set(there.introspection.django_table_names(only_existing=True)) - BY_DJANGO)
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    with transaction.atomic(), there.cursor() as cursor:
        cursor.execute(asked)
        for (name,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{name}"')
        cursor.execute("DELETE FROM kernel_changedrow")  # what triggers noted of just that
        if sequences and there.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence")
        elif sequences:
            cursor.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE last_value IS NOT NULL"
            )


def set_up() -> None:
    """Make the test database, as Django would, from the template."""
    TransactionTestCase._fixture_teardown = lambda _test: empty(connection)
    creation = connection.creation
    name = creation._get_test_db_name()
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(sqlite_template())) as template:
            template.backup(connection.connection)
    else:
        server = Server()
        server.create(name, server.template())
    watching.install()  # the template's are those of whoever made it
    # What Django asks a database once, such as whether it knows JSON, is no query of whichever test comes first.
    for each in dir(connection.features):
        getattr(connection.features, each)


def tear_down() -> None:
    """Remove the test database."""
    name = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "postgresql":
        Server().drop(name)
