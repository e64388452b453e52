"""Filling a database with the rows of another: all or nothing, in the caller's transaction."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import DatabaseError, models
from django.db.backends.base.base import BaseDatabaseWrapper

from folkmoot.kernel.cli import Problem
from folkmoot.kernel.ops.tables import Table, Tally, all_tables

_BATCH = 2_000
#: Tables that Django fills by itself when it makes a database.
_FRAMEWORK = {"contenttypes.contenttype", "auth.permission"}


def holdings(connection: BaseDatabaseWrapper, apps: Apps) -> list[tuple[Table, int]]:
    """The tables that hold rows, with their number; what Django puts into every new database does not count."""
    existing = set(connection.introspection.table_names())
    found = [
        (table, table.count(connection))
        for table in all_tables(apps)
        if table.label not in _FRAMEWORK and table.name in existing
    ]
    return [(table, rows) for table, rows in found if rows]


def in_words(held: Sequence[tuple[Table, int]], *, most: int = 8) -> str:
    """``12 activities, 3 people and 4 tables more``, the largest first."""
    ordered = sorted(held, key=lambda each: -each[1])
    parts = [
        f"{rows:,} {table.model._meta.verbose_name if rows == 1 else table.model._meta.verbose_name_plural}"
        for table, rows in ordered[:most]
    ]
    rest = len(ordered) - most
    return ", ".join(parts) + (f" and {rest} more {'table' if rest == 1 else 'tables'}" if rest > 0 else "")


def clear(connection: BaseDatabaseWrapper, apps: Apps) -> None:
    """Take every row out of every table."""
    names = [table.name for table in all_tables(apps)]
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(
            no_style(), names, reset_sequences=False, allow_cascade=False
        ):
            cursor.execute(statement)


def insert(
    connection: BaseDatabaseWrapper,
    table: Table,
    rows: Iterable[Sequence[Any]],
    on_rows: Callable[[int], None],
) -> int:
    """Add rows of plain values: by COPY on PostgreSQL, in batches on SQLite.

    Returns:
        how many.

    Raises:
        Problem: the database refuses a row; the message names the table and what the database says.
    """
    prepared = _prepared(connection, table, rows)
    columns = ", ".join(connection.ops.quote_name(name) for name in table.columns)
    name = connection.ops.quote_name(table.name)
    done = 0
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with (
                    connection.wrap_database_errors,
                    cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy,
                ):
                    for row in prepared:
                        copy.write_row(row)
                        done += 1
                        if done % _BATCH == 0:
                            on_rows(done)
            else:
                values = ", ".join(["%s"] * len(table.columns))
                statement = f"INSERT INTO {name} ({columns}) VALUES ({values})"  # noqa: S608 - our own names
                while batch := list(itertools.islice(prepared, _BATCH)):
                    cursor.executemany(statement, batch)
                    done += len(batch)
                    on_rows(done)
    except (DatabaseError, ValueError) as error:
        raise Problem(
            f"The database refuses a row of {table.name}: {one_line(error)}. Nothing was changed."
        ) from error
    on_rows(done)
    return done


def _prepared(
    connection: BaseDatabaseWrapper, table: Table, rows: Iterable[Sequence[Any]]
) -> Iterator[list[Any]]:
    writers = table.writers(connection)
    for each in rows:
        row = list(each)
        for place, write in writers:
            if row[place] is not None:
                row[place] = write(row[place])
        yield row


def begin(connection: BaseDatabaseWrapper) -> None:
    """At the start of the transaction: rows may come before those they point to."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            cursor.execute("PRAGMA mmap_size = 0")
        else:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def finish(
    connection: BaseDatabaseWrapper, apps: Apps, last_keys: dict[str, int], tables: Sequence[Table]
) -> None:
    """At its end: every reference leads somewhere, and new keys continue after the highest ever given.

    Raises:
        Problem: a row points to one that is not there.
    """
    try:
        if connection.vendor == "sqlite":
            connection.check_constraints()
        else:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        raise Problem(
            f"A row points to one that is not there: {one_line(error)}. Nothing was changed."
        ) from error
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [table.model for table in tables]):
            cursor.execute(statement)
        for table in tables:
            last = last_keys.get(table.name)
            if not last:
                continue
            if connection.vendor == "sqlite":
                cursor.execute(
                    "UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, table.name]
                )
                if not cursor.rowcount:
                    cursor.execute(
                        "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, last]
                    )
            else:
                cursor.execute(
                    "SELECT setval(s::regclass, greatest(%s, (SELECT last_value FROM pg_sequences"
                    " WHERE format('%%I.%%I', schemaname, sequencename)::regclass = s::regclass)))"
                    " FROM pg_get_serial_sequence(%s, %s) AS s WHERE s IS NOT NULL",
                    [last, connection.ops.quote_name(table.name), _key_column(table)],
                )


def last_keys(connection: BaseDatabaseWrapper, tables: Sequence[Table]) -> dict[str, int]:
    """The highest number ever given out as a key, by table, where the database counts it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            counted = dict(cursor.fetchall())
            return {table.name: int(counted[table.name]) for table in tables if counted.get(table.name)}
        found: dict[str, int] = {}
        for table in tables:
            if not isinstance(
                table.model._meta.pk, models.AutoField | models.BigAutoField | models.SmallAutoField
            ):
                continue
            cursor.execute(
                "SELECT last_value FROM pg_sequences WHERE format('%%I.%%I', schemaname, sequencename)::regclass ="
                " pg_get_serial_sequence(%s, %s)::regclass",
                [connection.ops.quote_name(table.name), _key_column(table)],
            )
            row = cursor.fetchone()
            if row and row[0] is not None:
                found[table.name] = int(row[0])
        return found


def compare(connection: BaseDatabaseWrapper, table: Table, expected: Tally) -> None:
    """Read a table back and compare it with what should be in it.

    Raises:
        Problem: they differ.
    """
    found = Tally()
    for row in table.rows(connection):
        found.add(row)
    if found.rows != expected.rows:
        raise Problem(
            f"{table.name} holds {found.rows:,} rows and should hold {expected.rows:,}. Nothing was changed."
        )
    if found != expected:
        raise Problem(f"The rows of {table.name} read back are not those written. Nothing was changed.")


def one_line(error: BaseException) -> str:
    """A database's message on one line, without its final full stop."""
    return " ".join(str(error).split()).rstrip(".")


def _key_column(table: Table) -> str:
    key = table.model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    return str(key.column)
