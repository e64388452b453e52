"""The database's own note of when a consent changed, on SQLite and PostgreSQL: whoever keeps a copy must hear of it.

``auto_now`` notes what is made and saved. Merges, imports and their undo write many rows at once and save none: for
them the database itself sets ``updated_at``, from its own clock (UTC). Beside the row, those of the group that it
leaves change as well (the same person and kind), since another one of them may be the newest word now. Nothing is done
when a row comes, so that a backup is put back letter by letter: what a new row changes in its group is read
(:func:`folkmoot.people.queries.consents.with_change`).

A migration that makes SQLite build one of the tables anew drops its triggers: call :func:`install` at its end
(``tests/people/test_consents_changed.py`` fails when they are gone).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_NOW = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'",  # as Django writes a moment
    "postgresql": "clock_timestamp()",
}


@dataclass(frozen=True)
class Touch:
    """What happens to a row of a table, and which consents that changes."""

    name: str
    happens: str
    table: str
    changes: str
    when: str = ""

    def made(self, vendor: str) -> Iterator[str]:
        """The statements that put the trigger in place."""
        sets = f"UPDATE people_consent SET updated_at = {_NOW[vendor]} WHERE {self.changes};"  # noqa: S608 - our own names only
        if vendor == "sqlite":
            when = f"WHEN {self.when.format(distinct='IS NOT')} " if self.when else ""
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {self.name} AFTER {self.happens} ON {self.table} {when}"
                f"BEGIN {sets} END"
            )
            return
        when = f"WHEN ({self.when.format(distinct='IS DISTINCT FROM')}) " if self.when else ""
        yield (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {sets} RETURN NULL; END $$"
        )
        yield f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}"
        yield (
            f"CREATE TRIGGER {self.name} AFTER {self.happens} ON {self.table} FOR EACH ROW {when}"
            f"EXECUTE FUNCTION {self.name}()"
        )

    def gone(self, vendor: str) -> Iterator[str]:
        """The statements that take it away."""
        if vendor == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {self.name}"
        else:
            yield f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}"
            yield f"DROP FUNCTION IF EXISTS {self.name}()"


_GROUP = "person_id = OLD.person_id AND kind_id = OLD.kind_id"
TOUCHES = (
    Touch(
        "people_consent_changed",
        # Not of updated_at, which would call it again.
        "UPDATE OF person_id, kind_id, text_id, is_given, decided_at, source",
        "people_consent",
        f"id = NEW.id OR ({_GROUP})",
    ),
    Touch("people_consent_removed", "DELETE", "people_consent", _GROUP),
    Touch(
        "people_consent_archived",
        "UPDATE OF archived_at",
        "people_consentkind",
        "kind_id = NEW.id",
        "OLD.archived_at {distinct} NEW.archived_at",
    ),
)


def install(apps: Any, schema_editor: Any) -> None:
    """For ``migrations.RunPython``: put the triggers in place; twice is as good as once."""
    for touch in TOUCHES:
        for statement in touch.made(schema_editor.connection.vendor):
            schema_editor.execute(statement)


def remove(apps: Any, schema_editor: Any) -> None:
    """For ``migrations.RunPython``: take them away."""
    for touch in TOUCHES:
        for statement in touch.gone(schema_editor.connection.vendor):
            schema_editor.execute(statement)
