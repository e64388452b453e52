"""Days as the databases reckon them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func


class DayPlus(Func):
    """A day so many days later; both may be expressions."""

    arity = 2
    output_field = models.DateField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "DATE(%(expressions)s || ' days')"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ", **context)
