"""What the databases reckon by themselves, each in its own words: days and months in UTC, long lists of numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Func


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


class IsOneOf(Func):
    """Whether a column holds one of many numbers: handed over as one value, so that there may be hundreds of thousands.

    PostgreSQL then looks each number up in the column's index; for a list or a subquery it would read the whole table.
    """

    output_field = models.BooleanField()

    def __init__(self, column: str, numbers: Iterable[int]) -> None:
        super().__init__(F(column))
        self._numbers = sorted(numbers)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        numbers = "(SELECT value FROM json_each(%s))"
        return f"{sql} IN {numbers}", [*params, json.dumps(self._numbers)]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"{sql} = ANY(%s::bigint[])", [*params, self._numbers]
