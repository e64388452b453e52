"""How an importer writes: everything it makes or changes is remembered, so that the import can be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models

from folkmoot.kernel import audit, clock
from folkmoot.kernel.imports.models import ImportChange, ImportRun
from folkmoot.kernel.imports.sources import Rejection, Row

M = TypeVar("M", bound=models.Model)


class Changes:
    """Handed to :meth:`Part.apply`; lives for one chunk, in the chunk's transaction.

    Attributes:
        run: the import.
        source: its source's key, for ``source`` columns.
        now: one moment for the whole chunk (UTC).
        options: what the person said beside the files.
        counts: ``{"created": {counter: n}, "updated": …, "unchanged": …}`` of this chunk.
        rejections: rows or values left out in this chunk.
    """

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.source = run.source
        self.options: Mapping[str, Any] = run.options
        self.now: dt.datetime = clock.now()
        self.reason = f"import {run.pk} ({run.source})"
        self.counts: dict[str, dict[str, int]] = {"created": {}, "updated": {}, "unchanged": {}}
        self.rejections: list[Rejection] = []

    def _count(self, what: str, counter: str, number: int = 1) -> None:
        if counter and number:
            self.counts[what][counter] = self.counts[what].get(counter, 0) + number

    def create(self, model: type[M], rows: Sequence[M], *, counter: str) -> list[M]:
        """Insert rows (with history), remember them for the undo, count them under ``counter`` (``""``: not counted).

        Fields that ``save`` would reckon (folded names and the like) must be set: rows are inserted in bulk.
        """
        if not rows:
            return []
        made = audit.bulk_create(model, rows, reason=self.reason, user=self.run.created_by)
        ImportChange.objects.bulk_create(
            [
                ImportChange(run=self.run, model=model._meta.label_lower, object_id=row.pk, action=ImportChange.CREATED)
                for row in made
            ],
            batch_size=500,
        )
        self._count("created", counter, len(made))
        return made

    def update(self, model: type[M], rows: Iterable[tuple[M, Mapping[str, Any]]], *, counter: str) -> int:
        """Set values on existing rows where they differ; remember what was before; count.

        Rows whose values are all the same already count as unchanged.

        Args:
            rows: pairs of a row and its wanted values by field name (foreign keys by ``name_id``).

        Returns:
            how many rows changed.
        """
        changed: list[M] = []
        remembered: list[ImportChange] = []
        fields: set[str] = set()
        same = 0
        for row, values in rows:
            before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
            if not before:
                same += 1
                continue
            for name in before:
                setattr(row, name, values[name])
            fields |= set(before)
            changed.append(row)
            remembered.append(
                ImportChange(
                    run=self.run,
                    model=model._meta.label_lower,
                    object_id=row.pk,
                    action=ImportChange.UPDATED,
                    before={name: _plain(model, name, value) for name, value in before.items()},
                    after={name: _plain(model, name, values[name]) for name in before},
                )
            )
        if changed:
            names = sorted({model._meta.get_field(name.removesuffix("_id")).name if name.endswith("_id") else name for name in fields})
            audit.bulk_update(model, changed, names, reason=self.reason, user=self.run.created_by)
            ImportChange.objects.bulk_create(remembered, batch_size=500)
        self._count("updated", counter, len(changed))
        self._count("unchanged", counter, same)
        return len(changed)

    def unchanged(self, counter: str, number: int = 1) -> None:
        """Count rows that were there already."""
        self._count("unchanged", counter, number)

    def reject(self, row: Row, field: str, reason: str) -> None:
        """List a row, or one value of it that is left out while the rest is used."""
        self.rejections.append(Rejection(row.file, row.line, field, reason, dict(row.payload)))


def _plain(model: type[models.Model], name: str, value: Any) -> Any:
    """A field's value as JSON can hold it."""
    field = model._meta.get_field(name.removesuffix("_id") if name.endswith("_id") else name)
    if value is None or isinstance(value, (str, int, float, bool, list, dict)):
        return value
    return field.value_to_string(type("Holder", (), {field.attname: value})())
