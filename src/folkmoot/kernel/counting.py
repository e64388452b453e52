"""How many rows a long list has, remembered for a while (docs/decisions/remembered-counts.md)."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)


class ManyRows(QuerySet[M]):
    """Rows whose number is remembered for a while when there are very many, since counting them is what costs."""

    #: From how many rows on, and for how many seconds.
    MANY, SECONDS = 5_000, 30

    def count(self) -> int:
        """How many there are; beyond ``MANY``, how many there were at most ``SECONDS`` ago."""
        try:
            sql, params = self.query.sql_with_params()
        except EmptyResultSet:
            return 0
        asked = repr((connection.settings_dict["NAME"], sql, params))
        key = "kernel.count." + hashlib.sha256(asked.encode()).hexdigest()
        known: int | None = cache.get(key)
        if known is None:
            known = super().count()
            if known > self.MANY:
                cache.set(key, known, self.SECONDS)
        return known
