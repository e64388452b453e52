"""Whole databases for tests of operations: each is one of its own, of the kind that the tests run on (or the other)."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.test import override_settings
from django.utils.functional import empty

from tests import databases


@dataclass
class House:
    """A database and a folder of files. Inside ``with house.inside():`` they are the installation."""

    url: str
    folder: Path

    @contextmanager
    def inside(self, **settings: Any) -> Iterator[House]:
        with (
            databases.other_database(self.url),
            override_settings(DATA_DIR=self.folder, MEDIA_ROOT=self.folder / "media", **settings),
        ):
            default_storage._wrapped = empty
            yield self
        default_storage._wrapped = empty


class Houses:
    """Builds them, quickly: as copies of a database that was migrated once."""

    def __init__(self, folder: Path, vendor: str) -> None:
        self.folder, self.vendor = folder, vendor
        self._made: list[str] = []
        self._lent: list[str] = []
        self._free: list[str] = []

    def sqlite(self, *, migrated: bool = True) -> House:
        folder = self._folder()
        if migrated:
            databases.copy_sqlite(folder / "house.sqlite3")
        return House(f"sqlite:///{folder / 'house.sqlite3'}", folder)

    def postgresql(self, *, migrated: bool = True) -> House:
        if not migrated:
            return House(self._create("template0"), self._folder())
        url = self._free.pop() if self._free else self._create(self.server.template())
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
            with databases.other_database(url) as there:
                databases.empty(there, sequences=True)
            self._free.append(url)
        self._lent = []

    def _folder(self) -> Path:
        folder = self.folder / uuid.uuid4().hex
        (folder / "media").mkdir(parents=True)
        return folder

    def _create(self, template: str) -> str:
        name = f"folkmoot_test_{uuid.uuid4().hex}"
        self.server.create(name, template)
        self._made.append(name)
        return f"{self.server.url}/{name}"

    @functools.cached_property
    def server(self) -> databases.Server:
        return databases.Server()

    def tear_down(self) -> None:
        for name in self._made:
            with suppress(Exception):
                self.server.drop(name)
