"""Rows of many tables in one statement: what several apps show on one page costs one query, however many they are.

Each app says which rows it wants and what of them (:class:`Rows`); :func:`together` joins all of it with ``UNION ALL``.
Every row comes as one JSON object, so the tables need not look alike.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, QuerySet, Value
from django.db.models.functions import JSONObject

#: Rows that are read of each queryset when nothing else is said.
MOST = 200

K = TypeVar("K", bound=Hashable)
#: What is told of a row, by name: text, numbers, yes and no, days, aware moments, parsed JSON.
Row = Mapping[str, Any]


class Rows:
    """Which rows, and what of each is told.

    Args:
        queryset: the rows, in the order in which the first ``most`` of them are taken; it may be grouped
            (``values(…).annotate(…)``).
        fields: told under their own name.
        most: how many at most; ``None``: all of them.
        told: told under another name: the way to a field, or an expression.
    """

    def __init__(
        self, queryset: QuerySet[Any, Any], *fields: str, most: int | None = MOST, **told: Any
    ) -> None:
        self.queryset = queryset
        self.most = most
        self.told: dict[str, Any] = {name: F(name) for name in fields} | told

    def __repr__(self) -> str:
        return f"Rows({self.queryset.model._meta.label}: {', '.join(self.told)})"

    def read(self) -> list[Row]:
        """These rows alone, in their order; one query."""
        return together({"": self})[""]


def whole(queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The queryset as one row, for :class:`Rows` that tell aggregates; it is there even when nothing was counted."""
    return queryset.order_by().select_related(None).values(all_=Value(1))


def together(asked: Mapping[K, Rows | None]) -> dict[K, list[Row]]:
    """What was asked for, each under its key, in one query; none when nothing can be found.

    Rows of one key come in no particular order where more than one was asked for: whoever shows them sorts them.
    """
    found: dict[K, list[Row]] = {key: [] for key in asked}
    arms: list[tuple[K, Callable[[Any], Row]]] = []
    parts: list[str] = []
    values: list[Any] = []
    for key, rows in asked.items():
        if rows is None:
            continue
        query = rows.queryset.annotate(told_=JSONObject(**rows.told)).values_list("told_")
        try:
            sql, params = query[: rows.most].query.sql_with_params()
        except EmptyResultSet:  # nothing can match: nobody is asked
            continue
        number = len(arms)
        parts.append(f"SELECT {number}, q{number}.told_ FROM ({sql}) q{number}")  # noqa: S608 - see below
        values += params
        arms.append((key, _reader(query.query.annotations["told_"])))
    if not parts:
        return found
    with connection.cursor() as cursor:
        # Compiled by Django, the values apart; the numbers are ours.
        cursor.execute(" UNION ALL ".join(parts), values)
        for number, told in cursor:
            key, read = arms[number]
            found[key].append(read(json.loads(told) if isinstance(told, str) else told))
    return found


def _reader(told: Any) -> Callable[[dict[str, Any]], Row]:
    """Turns the JSON of a row into Python's values, by the fields that they come from."""
    expressions = told.get_source_expressions()
    turned = {
        name.value: turn
        for name, expression in zip(expressions[::2], expressions[1::2], strict=True)
        if (turn := _turn(expression.output_field)) is not None
    }

    def read(row: dict[str, Any]) -> Row:
        for name, turn in turned.items():
            if row[name] is not None:
                row[name] = turn(row[name])
        return row

    return read


def _turn(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    if isinstance(field, models.DateTimeField):
        return _moment
    if isinstance(field, models.DateField):
        return dt.date.fromisoformat
    if isinstance(field, models.BooleanField):
        return bool
    if isinstance(field, models.JSONField) and not connection.features.has_native_json_field:
        return json.loads
    return None


def _moment(written: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)  # SQLite keeps UTC without saying so
