"""The database's own refusal to change an attempt that has ended, on SQLite and PostgreSQL.

A migration that makes SQLite build the table anew drops its triggers: call :func:`install` at its end
(``tests/outbox/test_models.py`` fails when they are gone).
"""

from __future__ import annotations

from typing import Any

NAME = "outbox_attempt_append_only"
MESSAGE = "an attempt that has ended never changes"
#: Who spoke is a reference, set to nothing when the account goes; what was said is blanked when somebody is forgotten.
_FIXED = ("delivery_id", "number", "kind", "outcome", "payload_sha256", "began_at", "ended_at")
_COLUMNS = ", ".join((*_FIXED, "words"))
_CHANGED = " OR ".join(f"OLD.{column} IS {{distinct}} NEW.{column}" for column in _FIXED)
_WHEN = f"OLD.ended_at IS NOT NULL AND ({_CHANGED} OR NEW.words NOT IN (OLD.words, ''))"
_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS {NAME} BEFORE UPDATE OF {_COLUMNS} ON outbox_attempt "
    f"WHEN {_WHEN.format(distinct='NOT')} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
)
_POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"DROP TRIGGER IF EXISTS {NAME} ON outbox_attempt",
    f"CREATE TRIGGER {NAME} BEFORE UPDATE OF {_COLUMNS} ON outbox_attempt FOR EACH ROW "
    f"WHEN ({_WHEN.format(distinct='DISTINCT FROM')}) EXECUTE FUNCTION {NAME}()",
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
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON outbox_attempt")
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()")
