"""How many rows match, kept until something changes: where there are tens of thousands, counting takes longer than the
page that says the number.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet

from folkmoot.kernel import clock

#: Numbers below this are counted anew each time.
MANY = 1000
#: Seconds for which a number is kept at most.
KEPT = 3600


def kept(rows: QuerySet[Any], *counted_by: type[models.Model]) -> int:
    """How many rows there are; two queries, of which the longer one is left out while nothing has changed.

    Args:
        counted_by: models with a history, on whose rows the number depends; a change of any of them counts anew.
    """
    key = _key(rows, counted_by)
    known = cache.get(key) if key else None
    if known is not None:
        return int(known)
    number = rows.count()
    if key and number >= MANY:
        cache.set(key, number, KEPT)
    return number


def _key(rows: QuerySet[Any], counted_by: tuple[type[models.Model], ...]) -> str:
    """One for each question, day and state of the tables: their newest rows and newest entries of history."""
    try:
        asked = rows.query.sql_with_params()
    except EmptyResultSet:
        return ""
    quote = connection.ops.quote_name
    newest = []
    for model in counted_by:
        history: Any = model.history.model  # type: ignore[attr-defined]
        for table, column in ((model._meta.db_table, "id"), (history._meta.db_table, "history_id")):
            newest.append(f"(SELECT MAX({quote(column)}) FROM {quote(table)})")  # noqa: S608 - our own names only
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(newest)}")
        state = cursor.fetchone()
    said = repr((connection.settings_dict["NAME"], asked, state, clock.today()))
    return f"training.count.{hashlib.sha256(said.encode()).hexdigest()}"
