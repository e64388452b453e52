"""Reading everything as it was at one moment, while others go on writing."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler

Node = tuple[str, str]


@contextlib.contextmanager
def snapshot(alias: str = "default") -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own that may only read, and sees one moment: SQLite by a read transaction (WAL), PostgreSQL
    by REPEATABLE READ READ ONLY.
    """
    with another(alias, "snapshot") as connection:
        if connection.vendor == "sqlite":
            connection.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
        else:
            from psycopg import IsolationLevel

            connection.settings_dict["OPTIONS"]["isolation_level"] = IsolationLevel.REPEATABLE_READ
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.execute("PRAGMA query_only = ON")
                    cursor.execute(
                        "PRAGMA mmap_size = 0"
                    )  # read once from end to end: a map only fills memory
                    cursor.execute(
                        "SELECT count(*) FROM sqlite_master"
                    )  # the moment is that of the first read
                else:
                    cursor.execute("SET TRANSACTION READ ONLY")
            yield connection


@contextlib.contextmanager
def another(alias: str, name: str, config: dict[str, Any] | None = None) -> Iterator[BaseDatabaseWrapper]:
    """A further connection under an alias of its own: to the same database, or to the one ``config`` tells."""
    if config is None:
        connection = connections[alias].copy(f"{alias}-{name}")
    else:
        connection = ConnectionHandler({"default": copy.deepcopy(config)}).create_connection("default")
        connection.alias = name
    connection.settings_dict = copy.deepcopy(connection.settings_dict)
    connection.settings_dict["OPTIONS"].pop("pool", None)  # it is one of its own
    connections[connection.alias] = connection
    try:
        yield connection
    finally:
        connection.close()
        del connections[connection.alias]


def applied(connection: BaseDatabaseWrapper) -> tuple[MigrationLoader, set[Node]]:
    """The migrations that the code knows, and those of them that the database has."""
    loader = MigrationLoader(connection)
    return loader, {node for node in loader.graph.nodes if node in loader.applied_migrations}


def tips(loader: MigrationLoader, nodes: set[Node]) -> list[Node]:
    """Those of a set of migrations on which none of the others rests."""
    children = loader.graph.node_map
    return sorted(node for node in nodes if not any(c.key in nodes for c in children[node].children))


def apps_at(loader: MigrationLoader, nodes: set[Node]) -> Apps:
    """The models as they were with exactly these migrations; the installed ones when nothing is missing."""
    if nodes == set(loader.graph.nodes):
        return installed
    return loader.project_state(tips(loader, nodes)).apps  # type: ignore[no-any-return, unused-ignore]
