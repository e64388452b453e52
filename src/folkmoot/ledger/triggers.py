"""The database's own refusal to change an activity, on SQLite and PostgreSQL.

A migration that makes SQLite build the table anew drops its triggers: call :func:`install` at its end
(``tests/ledger/test_append_only.py`` fails when they are gone).
"""

from __future__ import annotations

from typing import Any

#: What an activity is: never changed. Item and project are references that a merge may repoint.
FIXED_COLUMNS = ("kind", "identity_id", "occurred_at", "source", "external_id")
NAME = "ledger_activity_append_only"
MESSAGE = "the ledger is append-only: an activity never changes"

_CHANGED = " OR ".join(f"OLD.{column} IS {{distinct}} NEW.{column}" for column in FIXED_COLUMNS)
_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS {NAME} BEFORE UPDATE OF {', '.join(FIXED_COLUMNS)} ON ledger_activity "
    f"WHEN {_CHANGED.format(distinct='NOT')} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
)
_POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"DROP TRIGGER IF EXISTS {NAME} ON ledger_activity",
    f"CREATE TRIGGER {NAME} BEFORE UPDATE OF {', '.join(FIXED_COLUMNS)} ON ledger_activity FOR EACH ROW "
    f"WHEN ({_CHANGED.format(distinct='DISTINCT FROM')}) EXECUTE FUNCTION {NAME}()",
)


def install(apps: Any, schema_editor: Any) -> None:
    """For ``migrations.RunPython``: put the triggers in place; twice is as good as once."""
    for statement in {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps: Any, schema_editor: Any) -> None:
    """For ``migrations.RunPython``: take them away."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}")
    else:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON ledger_activity")
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()")
