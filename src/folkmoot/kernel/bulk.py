"""Many rows at once, as fast as each database takes them, with their primary keys known to the caller.

``QuerySet.bulk_create`` builds one statement with a mark for every cell; Django's SQLite takes 999 of them, so that a
thousand people become a hundred statements. Here keys are taken beforehand and rows go in by ``executemany`` (SQLite)
or ``COPY`` (PostgreSQL). No signals are sent, as with ``bulk_create``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)
Field = Any  # models.Field, whose type parameters say nothing here
#: Values of these types reach both databases as they are.
_AS_THEY_ARE: tuple[tuple[type[Any], type[Any]], ...] = (
    (models.CharField, str),
    (models.TextField, str),
    (models.IntegerField, int),
    (models.BooleanField, bool),
)


def insert(model: type[M], rows: Sequence[M]) -> list[M]:
    """Insert rows in one transaction; each has its primary key afterwards.

    Fields that ``save`` would reckon must be set; ``auto_now`` and ``auto_now_add`` are filled in.

    Raises:
        IntegrityError, DataError: the database refuses one of them; none is inserted.
    """
    rows = list(rows)
    if not rows:
        return rows
    using = router.db_for_write(model)
    connection = connections[using]
    if not _is_plain(model):
        return list(model._base_manager.bulk_create(rows))
    fields: list[Field] = list(model._meta.local_concrete_fields)
    for field in fields:
        if field.is_relation:
            _settle_relation(field, rows)
    with transaction.atomic(using=using, savepoint=False):
        nameless = [row for row in rows if row.pk is None]
        for row, key in zip(nameless, _next_keys(connection, model, len(nameless)), strict=True):
            row.pk = key
        readers = [_reader(field) for field in fields]
        adapt = [_adapter(field, connection) for field in fields]
        cells = ([prepare(read(row)) for read, prepare in zip(readers, adapt, strict=True)] for row in rows)
        copy_rows(connection, model._meta.db_table, [field.column for field in fields], cells)
    for row in rows:
        row._state.adding, row._state.db = False, using
    return rows


def insert_values(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows that nobody needs as objects or by their key, given as values of these columns (``attname``)."""
    connection = connections[router.db_for_write(model)]
    by_name: dict[str, Field] = {field.attname: field for field in model._meta.local_concrete_fields}
    fields = [by_name[name] for name in names]
    adapt = [_adapter(field, connection) for field in fields]
    cells = ([prepare(value) for prepare, value in zip(adapt, row, strict=True)] for row in rows)
    copy_rows(connection, model._meta.db_table, [field.column for field in fields], cells)


def update(model: type[M], rows: Sequence[M], fields: Sequence[str]) -> None:
    """Write the named fields of rows that exist, in one transaction.

    Raises:
        IntegrityError, DataError: the database refuses one of them; none is changed.
    """
    if not rows or not fields:
        return
    using = router.db_for_write(model)
    connection = connections[using]
    chosen: list[Field] = [model._meta.get_field(name) for name in fields]
    for field in chosen:
        if field.is_relation:
            _settle_relation(field, rows)
    quote = connection.ops.quote_name
    adapt = [_adapter(field, connection) for field in chosen]
    key: Field = model._meta.pk
    sets = ", ".join(f"{quote(field.column)} = %s" for field in chosen)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {quote(key.column)} = %s"  # noqa: S608
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        cursor.executemany(
            sql,
            [
                [
                    *(
                        prepare(getattr(row, field.attname))
                        for field, prepare in zip(chosen, adapt, strict=True)
                    ),
                    row.pk,
                ]
                for row in rows
            ],
        )


def copy_rows(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Rows of prepared cells into a table; the names are our own, never a person's words."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", list(rows))  # noqa: S608


@cache
def _is_plain(model: type[models.Model]) -> bool:
    """One table, a key that counts up, nothing that the database reckons itself."""
    return (
        not model._meta.parents
        and isinstance(model._meta.pk, models.AutoField | models.BigAutoField)
        and not any(field.generated or field.has_db_default() for field in model._meta.local_concrete_fields)
    )


def _next_keys(connection: BaseDatabaseWrapper, model: type[models.Model], number: int) -> Sequence[int]:
    """So many keys that nobody else gets: from the sequence, or on SQLite, where one writes at a time, the next."""
    if not number:
        return []
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), column, number],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    last = int(row[0]) if row else 0
    return range(last + 1, last + number + 1)


def _settle_relation(field: Field, rows: Iterable[models.Model]) -> None:
    """Rows that were handed related rows before those had a key take it now."""
    for row in rows:
        if getattr(row, field.attname) is None and field.is_cached(row):
            related = getattr(row, field.name)
            if related is not None:
                setattr(row, field.attname, getattr(related, field.target_field.attname))


def _reader(field: Field) -> Callable[[models.Model], Any]:
    if type(field).pre_save is models.Field.pre_save:
        name = field.attname
        return lambda row: getattr(row, name)
    return lambda row: field.pre_save(row, True)


def _adapter(field: Field, connection: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    """A value as the driver takes it; most need nothing."""
    target = field.target_field if field.is_relation else field
    plain = next((kind for known, kind in _AS_THEY_ARE if isinstance(target, known)), None)

    def adapt(value: Any) -> Any:
        if value is None or type(value) is plain:
            return value
        return field.get_db_prep_save(value, connection)

    last: list[Any] = [None, None]

    def never_plain(value: Any) -> Any:
        """A moment is often that of the row before."""
        if value is not last[0] or value is None:
            last[:] = value, field.get_db_prep_save(value, connection)
        return last[1]

    return never_plain if plain is None else adapt
