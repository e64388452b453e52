"""How an importer writes: everything it makes or changes is remembered, so that the import can be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, bulk, clock
from folkmoot.kernel.imports.models import ImportChange, ImportRun
from folkmoot.kernel.imports.sources import Part, Rejection, Row

M = TypeVar("M", bound=models.Model)
if TYPE_CHECKING:
    Field = models.Field[Any, Any]

Counts = dict[str, dict[str, int]]
WHAT = ("created", "updated", "unchanged")


def no_counts(counters: Iterable[str] = ()) -> Counts:
    """Counts with 0 for each counter."""
    return {what: dict.fromkeys(counters, 0) for what in WHAT}


def counters_of(parts: Iterable[Part]) -> list[str]:
    """What these parts count, in their order, each once."""
    return list(dict.fromkeys(counter for part in parts for counter in part.counters))


def add_counts(counts: Counts, more: Counts) -> Counts:
    """The sum of two counts, as a new one."""
    total = {what: dict(counts.get(what, {})) for what in WHAT}
    for what in WHAT:
        for counter, number in more.get(what, {}).items():
            total[what][counter] = total[what].get(counter, 0) + number
    return total


def reason_for(run: ImportRun) -> str:
    """What the history of a row says about why an import touched it."""
    return f"import {run.pk} ({run.source})"


class Changes:
    """Handed to :meth:`Part.apply`; lives for one chunk, in the chunk's transaction.

    Attributes:
        run: the import.
        source: its source's key, for ``source`` columns.
        now: one moment for the whole chunk (UTC).
        options: what the person said beside the files.
        counts: ``{"created": {counter: n}, "updated": …, "unchanged": …}`` of this chunk.
        rejections: rows or values left out in this chunk.
        touched: primary keys of rows made or changed in this chunk, by model.
    """

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.source = run.source
        self.options: Mapping[str, Any] = run.options
        self.now: dt.datetime = clock.now()
        self.reason = reason_for(run)
        self.counts: Counts = no_counts()
        self.rejections: list[Rejection] = []
        self.touched: dict[type[models.Model], set[int]] = {}

    def create(self, model: type[M], rows: Sequence[M], *, counter: str) -> list[M]:
        """Insert rows (with history), remember them for the undo, count them under ``counter`` (``""``: not counted).

        Fields that ``save`` would reckon (folded names and the like) must be set: rows are inserted in bulk.
        Rows of a many-to-many relation are made the same way, through its ``through`` model.

        Raises:
            ValidationError: a text is longer than its column; the engine then tries the chunk's rows one by one
                and lists the row that does not fit.
        """
        if not rows:
            return []
        for row in rows:
            for field in _bounded(model):
                check_length(field, getattr(row, field.attname))
        made = audit.bulk_create(model, rows, reason=self.reason, user=self.run.created_by)
        label = model._meta.label_lower
        bulk.insert_values(
            ImportChange,
            ["run_id", "model", "object_id", "action", "before", "after", "kept_reason", "undone"],
            ([self.run.pk, label, row.pk, ImportChange.CREATED, None, None, "", False] for row in made),
        )
        self.touched.setdefault(model, set()).update(row.pk for row in made)
        self._count("created", counter, len(made))
        return made

    def update(self, model: type[M], rows: Iterable[tuple[M, Mapping[str, Any]]], *, counter: str) -> int:
        """Set values on existing rows where they differ; remember what was before; count.

        Rows whose values are all the same already count as unchanged. What a later part of the same import adds to
        a row that this import made is part of its making: neither counted again nor remembered apart.

        Args:
            rows: pairs of a row and its wanted values by field name (foreign keys by ``name_id``).

        Returns:
            how many rows changed.

        Raises:
            ValidationError: a value is not of its field's kind, or a text longer than its column.
        """
        changed: dict[int, M] = {}
        remembered: list[ImportChange] = []
        fields: set[str] = set()
        same = 0
        for given, values in rows:
            row = changed.get(given.pk, given)  # the same row may come twice, as two objects
            wanted = {name: typed(model, name, value) for name, value in values.items()}
            before = {
                name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value
            }
            if not before:
                same += 1
                continue
            for name in before:
                check_length(field_of(model, name), wanted[name])
                setattr(row, name, wanted[name])
            fields |= {field_of(model, name).name for name in before}
            changed[row.pk] = row
            remembered.append(
                ImportChange(
                    run=self.run,
                    model=model._meta.label_lower,
                    object_id=row.pk,
                    action=ImportChange.UPDATED,
                    before={name: to_json(model, name, value) for name, value in before.items()},
                    after={name: to_json(model, name, wanted[name]) for name in before},
                )
            )
        if changed:
            audit.bulk_update(
                model, list(changed.values()), sorted(fields), reason=self.reason, user=self.run.created_by
            )
            made = self._made_here(model, changed)
            bulk.insert(ImportChange, [change for change in remembered if change.object_id not in made])
            self.touched.setdefault(model, set()).update(changed)
            self._count("updated", counter, len(changed) - len(made))
        self._count("unchanged", counter, same)
        return len(changed)

    def unchanged(self, counter: str, number: int = 1) -> None:
        """Count rows that were there already."""
        self._count("unchanged", counter, number)

    def reject(self, row: Row, field: str, reason: str) -> None:
        """List a row, or one value of it that is left out while the rest is used."""
        self.rejections.append(Rejection(row.file, row.line, field, reason, dict(row.payload)))

    def _made_here(self, model: type[models.Model], ids: Iterable[int]) -> set[int]:
        """Which of these rows this very import made."""
        made = ImportChange.objects.filter(
            run=self.run,
            model=model._meta.label_lower,
            action=ImportChange.CREATED,
            object_id__in=list(ids),
        )
        return set(made.values_list("object_id", flat=True))

    def absorb(self, other: Changes) -> None:
        """Add what another ``Changes`` of the same run and chunk did."""
        self.counts = add_counts(self.counts, other.counts)
        self.rejections += other.rejections
        for model, ids in other.touched.items():
            self.touched.setdefault(model, set()).update(ids)

    def _count(self, what: str, counter: str, number: int = 1) -> None:
        if counter and number:
            self.counts[what][counter] = self.counts[what].get(counter, 0) + number


@cache
def _fields(model: type[models.Model]) -> dict[str, Field]:
    concrete = cast("list[Field]", list(model._meta.concrete_fields))
    return {field.attname: field for field in concrete} | {field.name: field for field in concrete}


@cache
def _bounded(model: type[models.Model]) -> tuple[Field, ...]:
    return tuple(f for f in _fields(model).values() if f.max_length and isinstance(f, models.CharField))


def field_of(model: type[models.Model], name: str) -> Field:
    """The field with this name or column name.

    Raises:
        LookupError: the model has none.
    """
    try:
        return _fields(model)[name]
    except KeyError:
        raise LookupError(f"{model._meta.label} has no field {name!r}") from None


def check_length(field: Field, value: Any) -> None:
    """Refuse a text that its column cannot hold (SQLite would take it, PostgreSQL not).

    Raises:
        ValidationError: it is too long; the message names the field.
    """
    most = field.max_length if isinstance(field, models.CharField) else None
    if most and isinstance(value, str) and len(value) > most:
        raise ValidationError(
            _("%(field)s has %(length)d characters; %(most)d fit")
            % {"field": field.name, "length": len(value), "most": most}
        )


def typed(model: type[models.Model], name: str, value: Any) -> Any:
    """A value in the type of its field; foreign keys by their column name (``host_id``) as the key.

    Raises:
        ValidationError: it is not of the field's kind.
    """
    field = field_of(model, name)
    if isinstance(field, models.ForeignKey):
        return value if name == field.name else field.target_field.to_python(value)
    return value if isinstance(field, models.JSONField) else field.to_python(value)


def to_json(model: type[models.Model], name: str, value: Any) -> Any:
    """A field's value as JSON can hold it; :func:`from_json` gives it back."""
    field = field_of(model, name)
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if value is None or isinstance(field, models.JSONField) or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    holder = model()
    setattr(holder, field.attname, value)
    return field.value_to_string(holder)


def from_json(model: type[models.Model], name: str, value: Any) -> Any:
    """The value of a field as :func:`to_json` kept it, in the field's own type."""
    field = field_of(model, name)
    if value is None or isinstance(field, models.JSONField):
        return value
    return (
        field.target_field.to_python(value)
        if isinstance(field, models.ForeignKey)
        else field.to_python(value)
    )
