"""Which tables there are, and their rows as plain values that either database can hold.

Tables come from the models themselves, so a new one cannot be forgotten. A row is a list in the order of the table's
columns; in a backup it is one line of JSON. Datetimes are ISO 8601 with their zone, decimals and UUIDs text, bytes
base64.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Cast
from django.utils.duration import duration_iso_string

from folkmoot.kernel.ops.rebuild import derived_labels

#: Tables that a backup leaves out, and why. A move takes them along.
LEFT_OUT = {
    "sessions.session": "a session signs its holder in, so a stolen backup would too; people sign in again"
}
#: Rows read from the database in one go.
CHUNK = 2_000
#: How a JSON column's value is written when it would be mistaken for "no value".
_WRAPPED = "$json"
#: Fields whose values JSON holds as they are.
_PLAIN = (
    models.AutoField,
    models.BigAutoField,
    models.BigIntegerField,
    models.BooleanField,
    models.CharField,
    models.EmailField,
    models.FloatField,
    models.IntegerField,
    models.PositiveBigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.SlugField,
    models.SmallAutoField,
    models.SmallIntegerField,
    models.TextField,
    models.URLField,
)
#: Values that may be spelt in more than one way.
_SPELT_VARIOUSLY = frozenset({dict, list, float})
_WRITE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_WRITE_SORTED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


@dataclass
class Tally:
    """How many rows there are, and the sum of their SHA-256 (modulo 2**256): the same rows in any order agree."""

    rows: int = 0
    total: int = 0

    def add(self, row: Sequence[Any], *, line: bytes | None = None) -> None:
        """Count a row; ``line`` is its line in a backup, when that is at hand."""
        self.rows += 1
        canonical = line
        if canonical is None or not _SPELT_VARIOUSLY.isdisjoint(map(type, row)):
            canonical = _canonical(row)
        self.total = (self.total + int.from_bytes(hashlib.sha256(canonical).digest())) % 2**256

    @property
    def digest(self) -> str:
        """The sum in hexadecimal, 64 characters."""
        return f"{self.total:064x}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and (self.rows, self.total) == (other.rows, other.total)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Table:
    """A model's table: reads and writes its rows as plain values."""

    model: type[models.Model]
    columns: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.columns:
            object.__setattr__(self, "columns", tuple(f.column for f in self._all_fields()))

    @property
    def name(self) -> str:
        """The table's name in the database."""
        return str(self.model._meta.db_table)

    @property
    def label(self) -> str:
        """``app.model``, in lower case."""
        return str(self.model._meta.label_lower)

    def _all_fields(self) -> list[models.Field[Any, Any]]:
        fields = self.model._meta.local_concrete_fields
        return [f for f in fields if not getattr(f, "generated", False)]

    @cached_property
    def fields(self) -> list[models.Field[Any, Any]]:
        """The fields behind ``columns``, in their order.

        Raises:
            LookupError: a column that the model does not have.
        """
        known = {f.column: f for f in self._all_fields()}
        missing = [column for column in self.columns if column not in known]
        if missing:
            raise LookupError(f"the table {self.name} has no column {', '.join(missing)}")
        return [known[column] for column in self.columns]

    def count(self, connection: BaseDatabaseWrapper) -> int:
        """How many rows the table holds."""
        return models.QuerySet(self.model, using=connection.alias).count()

    def rows(self, connection: BaseDatabaseWrapper) -> Iterator[list[Any]]:
        """All rows by primary key, a few at a time however many there are."""
        queryset: models.QuerySet[Any] = models.QuerySet(self.model, using=connection.alias).order_by("pk")
        names, raw = [], {}
        for number, each in enumerate(self.fields):
            if _is_raw(each):
                # The column's text as the database holds it: JSON unparsed, secrets still encrypted.
                raw[f"_raw_{number}"] = Cast(models.F(each.attname), models.TextField())
                names.append(f"_raw_{number}")
            else:
                names.append(each.attname)
        documents = [n for n, each in enumerate(self.fields) if isinstance(each, models.JSONField)]
        others = [n for n, each in enumerate(self.fields) if not _is_plain(each) and not _is_raw(each)]
        for found in queryset.annotate(**raw).values_list(*names).iterator(chunk_size=CHUNK):
            row = list(found)
            for n in documents:
                if row[n] is not None:
                    value = json.loads(row[n])
                    row[n] = (
                        {_WRAPPED: value}
                        if value is None or (isinstance(value, dict) and _WRAPPED in value)
                        else value
                    )
            for n in others:
                row[n] = _plain(row[n])
            yield row

    def writers(self, connection: BaseDatabaseWrapper) -> list[tuple[int, Callable[[Any], Any]]]:
        """For each column that needs it: its place, and what turns the plain value into the database's own."""

        def document(value: Any) -> str:
            inner = value[_WRAPPED] if isinstance(value, dict) and _WRAPPED in value else value
            return json.dumps(inner)

        def prepare(each: models.Field[Any, Any]) -> Callable[[Any], Any]:
            target = _target(each)
            return lambda value: target.get_db_prep_save(target.to_python(value), connection)

        found: list[tuple[int, Callable[[Any], Any]]] = []
        for n, each in enumerate(self.fields):
            if isinstance(each, models.JSONField):
                found.append((n, document))
            elif not _is_raw(each) and not _is_plain(each):
                found.append((n, prepare(each)))
        return found


def all_tables(apps: Apps) -> list[Table]:
    """Every table that the models manage: histories and many-to-many tables too."""
    found = [
        Table(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    return sorted(found, key=lambda table: table.label)


def kept_tables(apps: Apps) -> list[Table]:
    """What a backup holds: all tables but :data:`LEFT_OUT` and those that can be rebuilt from the others."""
    skipped = LEFT_OUT.keys() | derived_labels()
    return [table for table in all_tables(apps) if table.label not in skipped]


def moved_tables(apps: Apps) -> list[Table]:
    """What a move copies: all tables but those that can be rebuilt from the others."""
    skipped = derived_labels()
    return [table for table in all_tables(apps) if table.label not in skipped]


def line_of(row: Sequence[Any]) -> bytes:
    """The row as a line of JSON, newline included."""
    return _encoded(_WRITE(row))


def _encoded(text: str) -> bytes:
    # Half of a surrogate pair, which UTF-8 cannot hold, is written as JSON writes it in ASCII.
    return (text + "\n").encode(errors="backslashreplace")


def rows_of(lines: Iterable[bytes], tally: Tally) -> Iterator[list[Any]]:
    """The rows of a backup's lines, counted as they pass."""
    for line in lines:
        row = json.loads(line)
        tally.add(row, line=line)
        yield row


def _canonical(row: Sequence[Any]) -> bytes:
    """One spelling of a row's values: keys sorted, whole numbers as such (PostgreSQL keeps JSON by meaning)."""
    return _encoded(_WRITE_SORTED([_whole(v) if type(v) in _SPELT_VARIOUSLY else v for v in row]))


def _whole(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is dict:
        return {key: _whole(each) if type(each) in _SPELT_VARIOUSLY else each for key, each in value.items()}
    if kind is list:
        return [_whole(each) if type(each) in _SPELT_VARIOUSLY else each for each in value]
    return value


def _target(each: models.Field[Any, Any]) -> models.Field[Any, Any]:
    while isinstance(each, models.ForeignKey):
        each = each.target_field
    return each


def _is_plain(each: models.Field[Any, Any]) -> bool:
    return type(_target(each)) in _PLAIN


def _is_raw(each: models.Field[Any, Any]) -> bool:
    return isinstance(each, models.JSONField) or bool(getattr(each, "kept_as_stored", False))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return duration_iso_string(value)
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return str(value)
