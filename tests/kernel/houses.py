"""Whole databases for tests of operations: each is one of its own, of the kind that the tests run on (or the other)."""

from __future__ import annotations

import copy
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections
from django.db.utils import ConnectionHandler
from django.test import override_settings
from django.utils.functional import empty

from folkmoot import environment


@dataclass
class House:
    """A database and a folder of files. Inside ``with house.inside():`` they are the installation."""

    url: str
    folder: Path

    @contextmanager
    def inside(self, **settings: Any) -> Iterator[House]:
        before = connections["default"]
        connection = ConnectionHandler({"default": environment.database(self.url)}).create_connection(
            "default"
        )
        connection.settings_dict = copy.deepcopy(connection.settings_dict)
        connections["default"] = connection
        with override_settings(DATA_DIR=self.folder, MEDIA_ROOT=self.folder / "media", **settings):
            default_storage._wrapped = empty
            try:
                yield self
            finally:
                connection.close()
                connections["default"] = before
        default_storage._wrapped = empty


class Houses:
    """Builds them, quickly: a database is migrated once and copied."""

    def __init__(self, folder: Path, vendor: str) -> None:
        self.folder, self.vendor = folder, vendor
        self._made: list[str] = []
        self._templates: dict[str, str] = {}
        self._lent: list[str] = []
        self._free: list[str] = []

    def sqlite(self, *, migrated: bool = True) -> House:
        folder = self._folder()
        if migrated:
            shutil.copy(self._template("sqlite"), folder / "house.sqlite3")
        return House(f"sqlite:///{folder / 'house.sqlite3'}", folder)

    def postgresql(self, *, migrated: bool = True) -> House:
        if not migrated:
            return House(self._create("template0"), self._folder())
        url = self._free.pop() if self._free else self._create(self._template("postgresql"))
        self._lent.append(url)
        return House(url, self._folder())

    def new(self, *, migrated: bool = True) -> House:
        """One of the kind that the tests run on."""
        return (
            self.sqlite(migrated=migrated) if self.vendor == "sqlite" else self.postgresql(migrated=migrated)
        )

    def other(self, *, migrated: bool = True) -> House:
        """One of the other kind (only where there is PostgreSQL)."""
        return (
            self.postgresql(migrated=migrated) if self.vendor == "sqlite" else self.sqlite(migrated=migrated)
        )

    def lend(self) -> None:
        """A test begins: what is made from now on comes back with :meth:`take_back`."""
        self._lent = []

    def take_back(self) -> None:
        """It ends: empty its PostgreSQL databases for others, since to make and drop one takes seconds."""
        for url in self._lent:
            with House(url, self.folder).inside():
                connection = connections["default"]
                names = [
                    name for name in connection.introspection.table_names() if name != "django_migrations"
                ]
                with connection.cursor() as cursor:
                    for statement in connection.ops.sql_flush(no_style(), names, reset_sequences=True):
                        cursor.execute(statement)
            self._free.append(url)
        self._lent = []

    def _folder(self) -> Path:
        folder = self.folder / uuid.uuid4().hex
        (folder / "media").mkdir(parents=True)
        return folder

    def _template(self, kind: str) -> str:
        if kind not in self._templates:
            folder = self._folder()
            path = folder / "house.sqlite3"
            url = f"sqlite:///{path}" if kind == "sqlite" else self._create("template0")
            with House(url, folder).inside():
                call_command("migrate", verbosity=0, interactive=False)
                if kind == "sqlite":
                    with connections["default"].cursor() as cursor:
                        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._templates[kind] = str(path) if kind == "sqlite" else url.rpartition("/")[2]
        return self._templates[kind]

    def _create(self, template: str) -> str:
        name = f"folkmoot_test_{uuid.uuid4().hex}"
        self._on_server(lambda cursor: cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        self._made.append(name)
        config = connections["default"].settings_dict
        password = f":{config['PASSWORD']}" if config["PASSWORD"] else ""
        return f"postgres://{config['USER']}{password}@{config['HOST']}:{config['PORT'] or 5432}/{name}"

    def _on_server(self, what: Callable[[Any], Any]) -> None:
        handler = ConnectionHandler(
            {"default": dict(connections["default"].settings_dict) | {"NAME": "postgres"}}
        )
        server = handler.create_connection("default")
        try:
            with server.cursor() as cursor:
                what(cursor)
        finally:
            server.close()

    def tear_down(self) -> None:
        for name in self._made:
            with suppress(Exception):
                self._on_server(
                    lambda cursor, name=name: cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
                )
