"""Declaring what is watched, putting the triggers in place, taking what they noted."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from folkmoot.kernel.changes.models import ChangedRow
from folkmoot.kernel.registry import Registry

#: What the names of our triggers begin with.
PREFIX = "watch_"
_TABLE = "kernel_changedrow"
_FUNCTION = "folkmoot_note_change"
#: One function for all triggers: it is told listener, source and column.
_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    EXECUTE format('INSERT INTO {_TABLE} (listener, source, object_id)'
      ' SELECT %L, %L, id FROM (SELECT %I AS id FROM was UNION SELECT %I FROM now_is) found WHERE id IS NOT NULL',
      TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[2]);
  ELSE
    EXECUTE format('INSERT INTO {_TABLE} (listener, source, object_id)'
      ' SELECT DISTINCT %L, %L, %I FROM now_is WHERE %I IS NOT NULL',
      TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[2]);
  END IF;
  RETURN NULL;
END $$
"""  # noqa: S608 - our own names only
_TRANSITIONS = {
    "INSERT": "NEW TABLE AS now_is",
    "UPDATE": "OLD TABLE AS was NEW TABLE AS now_is",
    "DELETE": "OLD TABLE AS now_is",
}


@dataclass(frozen=True)
class Watch:
    """A listener hears of every row of a table: by the value of one of its columns.

    Attributes:
        model: whose rows.
        column: ``id`` for the row itself, or the column that names what it belongs to (``event_id``).
    """

    listener: str
    model: type[models.Model]
    column: str = "id"

    @property
    def source(self) -> str:
        """What noted changes are known by."""
        return f"{self.model._meta.db_table}.{self.column}"

    @property
    def key(self) -> str:
        """Its key in the registry."""
        return f"{self.listener}:{self.source}"

    @property
    def order(self) -> int:
        """For the registry: one is as good as another."""
        return 0


watches: Registry[Watch] = Registry("watched table")


def watch(listener: str, model: type[models.Model], column: str = "id") -> str:
    """Declare it, once; returns the source by which :func:`take` tells of it."""
    found = Watch(listener, model, column)
    if found.key not in watches:
        watches.register(found)
    return found.source


def install(using: str = "default") -> int:
    """Put the triggers in place that are declared, and take away those that are no more; twice is as good as once.

    It runs after every ``migrate``: a migration that builds a SQLite table anew drops the table's triggers.

    Returns:
        how many were made or taken away.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if _TABLE not in tables:
        return 0
    wanted = {
        name: statement
        for one in watches
        if one.model._meta.db_table in tables
        for name, statement in _statements(connection.vendor, one)
    }
    there = _there(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not wanted.keys() <= there.keys():
            cursor.execute(_POSTGRESQL)
        for name in sorted(there.keys() - wanted.keys()):
            on = f" ON {connection.ops.quote_name(there[name])}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
        for name in sorted(wanted.keys() - there.keys()):
            cursor.execute(wanted[name])
    return len(wanted.keys() ^ there.keys())


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Signal receiver: the tables are as they should be."""
    install(using)


def _there(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Our triggers, and the table that each stands on."""
    asked = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
        if connection.vendor == "sqlite"
        else "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) AND t.tgname LIKE %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            asked, [PREFIX.replace("_", "\\_") + "%" if connection.vendor != "sqlite" else PREFIX + "%"]
        )
        return dict(cursor.fetchall())


def _statements(vendor: str, one: Watch) -> list[tuple[str, str]]:
    """Name and statement of each trigger; another statement has another name."""
    found = []
    for what in ("INSERT", "UPDATE", "DELETE"):
        text = _sqlite(one, what) if vendor == "sqlite" else _postgresql(one, what)
        digest = hashlib.sha256(f"{text}{_POSTGRESQL}".encode()).hexdigest()[:12]
        name = f"{PREFIX}{one.model._meta.db_table[:30]}_{what.lower()}_{digest}"
        found.append((name, text.replace("{name}", name)))
    return found


def _sqlite(one: Watch, what: str) -> str:
    table, column = one.model._meta.db_table, one.column
    note = f"INSERT INTO {_TABLE} (listener, source, object_id) SELECT '{one.listener}', '{one.source}', "
    new = f'{note}NEW."{column}" WHERE NEW."{column}" IS NOT NULL;'
    old = f'{note}OLD."{column}" WHERE OLD."{column}" IS NOT NULL'
    body = {
        "INSERT": new,
        "UPDATE": f'{new} {old} AND OLD."{column}" IS NOT NEW."{column}";',
        "DELETE": f"{old};",
    }[what]
    return f'CREATE TRIGGER IF NOT EXISTS {{name}} AFTER {what} ON "{table}" BEGIN {body} END'


def _postgresql(one: Watch, what: str) -> str:
    told = f"'{one.listener}', '{one.source}', '{one.column}'"
    return (
        f'CREATE TRIGGER {{name}} AFTER {what} ON "{one.model._meta.db_table}" REFERENCING {_TRANSITIONS[what]} '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}({told})"
    )


def is_anything_new(listener: str) -> bool:
    """Whether something waits for this listener; one query."""
    return ChangedRow.objects.filter(listener=listener).exists()


def take(listener: str, most: int = 500) -> dict[str, set[int]]:
    """Take the oldest notes in the caller's transaction: whoever stumbles over them leaves them for the next.

    By their numbers, not by a range: one that was noted earlier may be committed later.

    Returns:
        by source the values; empty when there are none.
    """
    rows = ChangedRow.objects.filter(listener=listener).order_by("id")
    if connections["default"].features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    found: dict[str, set[int]] = defaultdict(set)
    taken = []
    for pk, source, object_id in rows.values_list("pk", "source", "object_id")[:most]:
        taken.append(pk)
        found[source].add(object_id)
    if taken:
        ChangedRow.objects.filter(pk__in=taken).delete()
    return dict(found)


def forget(listener: str) -> None:
    """Nobody wants to hear of what waits."""
    ChangedRow.objects.filter(listener=listener).delete()
