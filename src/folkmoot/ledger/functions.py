"""Days and months of a stored time, in UTC, as the databases reckon them without a detour through Python."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func


class UtcDay(Func):
    """The UTC day of a time. (Django's ``TruncDate`` calls Python for each row on SQLite.)"""

    arity = 1
    output_field = models.DateField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, 10)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="(%(expressions)s AT TIME ZONE 'UTC')::date", **context
        )


class UtcMonth(Func):
    """The UTC month of a time as text, ``2026-04``."""

    arity = 1
    output_field = models.CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, 7)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM')", **context
        )


class Unindexed(Func):
    """A column as it is, by which SQLite must not choose an index (the unary "+" of its query planner's manual).

    PostgreSQL always has statistics and is left to its own choice.
    """

    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(+%(expressions)s)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)
