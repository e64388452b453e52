"""Writing what a source says outside of an import: the same words as :class:`Changes`, without an undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models

from folkmoot.kernel import audit, clock
from folkmoot.kernel.imports.changes import Changes, check_length, field_of, no_counts
from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.imports.sources import Row

M = TypeVar("M", bound=models.Model)


class Direct(Changes):
    """For readers of live sources: whatever takes ``Changes`` writes at once. Call :meth:`finish` at the end.

    Args:
        source: for ``source`` columns, and why a row was touched in its history.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.options: Mapping[str, Any] = {}
        self.now = clock.now()
        self.reason = source
        self.counts = no_counts()
        self.rejections = []
        self.touched = {}

    def create(self, model: type[M], rows: Sequence[M], *, counter: str) -> list[M]:
        """Insert rows, with history.

        Raises:
            ValidationError: a text is longer than its column.
        """
        if not rows:
            return []
        for row in rows:
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField):
                    check_length(field, getattr(row, field.attname))
        made = audit.bulk_create(model, rows, reason=self.reason)
        self.touched.setdefault(model, set()).update(row.pk for row in made)
        self._count("created", counter, len(made))
        return made

    def update(self, model: type[M], rows: Iterable[tuple[M, Mapping[str, Any]]], *, counter: str) -> int:
        """Set values where they differ.

        Raises:
            ValidationError: a text is longer than its column.
        """
        changed: dict[int, M] = {}
        fields: set[str] = set()
        for row, values in rows:
            differ = {name for name, value in values.items() if getattr(row, name) != value}
            for name in differ:
                check_length(field_of(model, name), values[name])
                setattr(row, name, values[name])
            if differ:
                changed[row.pk] = row
                fields |= {field_of(model, name).name for name in differ}
        if changed:
            audit.bulk_update(model, list(changed.values()), sorted(fields), reason=self.reason)
            self.touched.setdefault(model, set()).update(changed)
            self._count("updated", counter, len(changed))
        return len(changed)

    def reject(self, row: Row, field: str, reason: str) -> None:
        """Nobody lists rows here; what cannot be read is flagged."""

    def finish(self) -> None:
        """Tell the search index what was touched."""
        done: dict[str, set[int]] = {}
        for model, ids in self.touched.items():
            rows_changed.send(sender=model, model=model, ids=sorted(ids), done=done)
