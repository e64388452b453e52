"""The tables of an empty database are made at once: what comes out is what all migrations would have made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db import DatabaseError, connections, migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from folkmoot.kernel.ops import fresh
from folkmoot.ledger import triggers
from tests.kernel.houses import House, Houses

#: What PostgreSQL knows about the tables, besides their rows.
CATALOGUE = {
    "columns": "SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,"
    " attgenerated, attcollation, pg_get_expr(adbin, adrelid),"
    " row_number() OVER (PARTITION BY attrelid ORDER BY attnum)"
    " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef"
    " ON adrelid = attrelid AND adnum = attnum"
    " WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped",
    "constraints": "SELECT conrelid::regclass::text, conname, contype, condeferrable, condeferred,"
    " pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "sequences": "SELECT * FROM pg_sequences WHERE schemaname = 'public'",
    "views": "SELECT * FROM pg_views WHERE schemaname = 'public'",
    "types": "SELECT typname, typtype, typcategory FROM pg_type WHERE typnamespace = 'public'::regnamespace",
    "extensions": "SELECT extname, extversion FROM pg_extension",
}


def described(there: BaseDatabaseWrapper) -> dict[str, Any]:
    """Everything about a database that anybody could notice later, but for the moment when it was made."""
    about: dict[str, Any] = {}
    with there.cursor() as cursor:
        if there.vendor == "postgresql":
            for name, statement in CATALOGUE.items():
                cursor.execute(statement)
                about[name] = sorted(cursor.fetchall(), key=repr)
        else:
            cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
            about |= {f"{kind} {name}": (table, parts(sql)) for kind, name, table, sql in cursor.fetchall()}
            cursor.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")
            about["sequences"] = sorted(cursor.fetchall())
        for table in there.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            about[f"rows of {table}"] = [
                {name: cell for name, cell in zip(names, row, strict=True) if name != "applied"}
                for row in cursor.fetchall()
            ]
    return about


def parts(sql: str | None) -> list[str]:
    """What a statement of SQLite says, in any order: it puts a column that was altered behind the others."""
    return sorted(re.split(r", (?=\"|CONSTRAINT)|\((?=\")|\)$", sql or ""))


@pytest.mark.slow
def test_both_ways_lead_to_the_same_database(houses: Houses) -> None:
    """Fails when a migration does what only ``migrate`` gets right: then ``kernel.ops.fresh`` has to learn it."""
    house = houses.new(migrated=False)
    # Elsewhere: all the models of all the steps would stay in this process, and make whatever comes later slower.
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
            "FOLKMOOT_DATABASE_URL": house.url,
            "FOLKMOOT_DATA_DIR": str(house.folder),
        },
        check=True,
    )
    with house.inside():
        stepwise = described(connections["default"])
    with houses.new(migrated=False).inside():
        assert fresh.create(connections["default"])
        call_command("migrate", verbosity=0, interactive=False)
        once = described(connections["default"])
    assert len(stepwise["rows of django_migrations"]) == len(MigrationLoader(None).disk_migrations)
    assert once.keys() == stepwise.keys()
    assert {name: told for name, told in once.items() if told != stepwise[name]} == {}


def test_it_knows_every_operation_of_every_migration() -> None:
    executor = MigrationExecutor(None)
    assert fresh.obstacles(fresh.plan(executor, executor.loader.graph.leaf_nodes())) == []


def nothing(apps: Any, editor: Any) -> None:
    """For ``RunPython``."""


def test_what_it_does_not_know_is_named() -> None:
    def made(name: str, *operations: Any, atomic: bool = True) -> migrations.Migration:
        migration = migrations.Migration(name, "shop")
        migration.operations, migration.atomic = list(operations), atomic
        return migration

    index = models.Index(fields=["name"], name="by_name")
    assert fresh.obstacles(
        [
            made(
                "0001",
                migrations.AddIndex("cake", index),
                migrations.RunPython(nothing),
                migrations.RunSQL(""),
            ),
            made("0002", AddIndexConcurrently("cake", index)),
            made("0003", migrations.SeparateDatabaseAndState()),
            made("0004", migrations.RunPython(nothing, atomic=False)),
            made("0005", atomic=False),
        ]
    ) == [
        "shop.0005 (not in one transaction)",
        "shop.0002: AddIndexConcurrently",
        "shop.0003: SeparateDatabaseAndState",
        "shop.0004: RunPython",
    ]


def tables(house: House) -> list[str]:
    with house.inside():
        return connections["default"].introspection.table_names(include_views=True)


def test_an_operation_that_it_does_not_know_is_left_to_migrate(
    houses: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "RUN", frozenset())
    house = houses.new(migrated=False)
    with house.inside():
        assert not fresh.create(connections["default"])
    assert tables(house) == []


@pytest.mark.parametrize("there", ["TABLE recipes (id integer)", "VIEW recipes AS SELECT 1"])
def test_a_database_that_holds_anything_is_left_alone(houses: Houses, there: str) -> None:
    house = houses.new(migrated=False)
    with house.inside(), connections["default"].cursor() as cursor:
        cursor.execute(f"CREATE {there}")
        assert not fresh.create(connections["default"])
    assert tables(house) == ["recipes"]


def test_all_tables_or_none(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last thing to do fails: the next try begins with an empty database."""
    house = houses.new(migrated=False)
    with house.inside(), monkeypatch.context() as broken:
        for name in ("_SQLITE", "_POSTGRESQL"):
            broken.setattr(triggers, name, ("CREATE NONSENSE",))
        with pytest.raises(DatabaseError):
            fresh.create(connections["default"])
    assert tables(house) == []
    with house.inside():
        assert fresh.create(connections["default"])
        assert not fresh.create(connections["default"])
