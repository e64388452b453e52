"""Moving to another database: from SQLite to PostgreSQL when a community outgrows it, or back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from folkmoot import environment
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.ops import fresh, load
from folkmoot.kernel.ops.archive import Progress, silent
from folkmoot.kernel.ops.snapshot import another, applied, snapshot
from folkmoot.kernel.ops.tables import Table, Tally, moved_tables


@dataclass(frozen=True)
class Moved:
    """What was copied: rows by table; ``target`` is the database as a person knows it."""

    target: str
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def move(url: str, *, on_progress: Progress = silent, alias: str = "default") -> Moved:
    """Copy everything into another, empty database, read it back there and compare. The present one is not touched.

    Rows written to the present database after the beginning are not in the copy: stop Folkmoot first.

    Args:
        url: as in ``FOLKMOOT_DATABASE_URL``.

    Raises:
        Problem: the target cannot be reached, is the same database, or holds something; or a row does not fit.
    """
    try:
        config = environment.database(url)
    except ValueError:
        raise Problem(
            "Name the target as sqlite:////absolute/path.db or postgres://user:password@host/name."
        ) from None
    source = connections[alias]
    if _place(source.settings_dict) == _place(config):
        raise Problem("The target is the database in use: name another one.")
    _, nodes = applied(source)
    with another(alias, "target", config) as target:
        shown = named(target)
        try:
            target.ensure_connection()
        except DatabaseError as error:
            raise Problem(
                f"The target {shown} cannot be reached: {load.one_line(error)}. Make it first."
            ) from None
        _prepare(source, target, nodes, shown)
        with snapshot(alias) as reader, transaction.atomic(using=target.alias):
            return Moved(shown, _copy(reader, target, on_progress))


def named(connection: BaseDatabaseWrapper) -> str:
    """A database as a person knows it: the file, or name and server; never the password."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(config["NAME"])
    return f"{config['NAME']} on {config['HOST'] or 'this machine'}"


def _copy(reader: BaseDatabaseWrapper, target: BaseDatabaseWrapper, on_progress: Progress) -> dict[str, int]:
    tables = moved_tables(installed)
    keys = load.last_keys(reader, tables)
    total = sum(table.count(reader) for table in tables)
    load.begin(target)
    load.clear(target, installed)
    done = 0
    tallies: list[tuple[Table, Tally]] = []
    for table in tables:
        tally = Tally()

        def tell(rows: int, before: int = done, name: str = table.name) -> None:
            on_progress(before + rows, total, name)

        done += load.insert(target, table, _counted(table.rows(reader), tally), tell)
        tallies.append((table, tally))
    load.finish(target, installed, keys, tables)
    for table, tally in tallies:
        on_progress(done, total, f"reading back {table.name}")
        load.compare(target, table, tally)
    return {table.name: tally.rows for table, tally in tallies}


def _counted(rows: Iterator[list[Any]], tally: Tally) -> Iterator[Sequence[Any]]:
    for row in rows:
        tally.add(row)
        yield row


def _prepare(
    source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, nodes: set[tuple[str, str]], shown: str
) -> None:
    """See that the source is up to date and the target empty; make the target's tables."""
    executor = MigrationExecutor(target)
    wanted = executor.loader.graph.leaf_nodes()
    if nodes != set(executor.loader.graph.nodes):
        raise Problem("The database in use is behind the code: run `folkmoot init` first.")
    there = executor.loader.applied_migrations
    if not there and target.introspection.table_names():
        raise Problem(f"The target {shown} holds tables that are not Folkmoot's: name an empty database.")
    if not fresh.create(target):
        executor.migrate(wanted)
    if held := load.holdings(target, installed):
        raise Problem(
            f"The target {shown} is not empty, it holds {load.in_words(held)}: name an empty database."
        )


def _place(config: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(config.get(name) or "") for name in ("ENGINE", "NAME", "HOST", "PORT"))
