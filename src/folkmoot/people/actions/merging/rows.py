"""Moving and parking rows, each remembered on the merge, and taking that back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar, cast

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, router, transaction
from django.db.models.deletion import Collector
from django.utils.translation import gettext as _

from folkmoot.kernel import audit
from folkmoot.kernel.imports.changes import from_json, to_json
from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.search.naming import holders
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.merging.links import Relation, movers
from folkmoot.people.models import Merge, MergedRow

R = TypeVar("R")
#: Rows moved in one statement.
CHUNK = 500
#: How the field of a remembered row begins that a mover of its own takes back.
OWN = "own:"


def as_json(row: models.Model) -> dict[str, Any]:
    """A row, field by field."""
    return {
        one.attname: to_json(type(row), one.attname, getattr(row, one.attname))
        for one in row._meta.concrete_fields
    }


def as_row(model: type[models.Model], data: Mapping[str, Any]) -> models.Model:
    """The row that :func:`as_json` kept, unsaved; columns that came later have their defaults."""
    known = {one.attname for one in model._meta.concrete_fields}
    return model(**{name: from_json(model, name, value) for name, value in data.items() if name in known})


@dataclass
class Log:
    """What one merge moves and parks, in its order."""

    merge: Merge
    actor: Actor
    number: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    parked: Counter[str] = field(default_factory=Counter)
    touched: dict[type[models.Model], set[Any]] = field(default_factory=lambda: defaultdict(set))

    @property
    def reason(self) -> str:
        """What the history of a row says about why it was touched."""
        return f"merge {self.merge.pk}"

    def remember(
        self, what: str, model: type[models.Model], rows: Iterable[tuple[Any, dict[str, Any]]], column: str
    ) -> None:
        """Keep on the merge what happened to these rows (primary key and data)."""
        made = []
        for pk, data in rows:
            self.number += 1
            made.append(
                MergedRow(
                    merge=self.merge,
                    number=self.number,
                    what=what,
                    model=model._meta.label_lower,
                    row_id=str(pk),
                    field=column,
                    data=data,
                )
            )
            self.touched[model].add(pk)
        MergedRow.objects.bulk_create(made, batch_size=500)
        (self.moved if what == MergedRow.What.MOVED else self.parked)[model._meta.label_lower] += len(made)

    def move(self, model: type[models.Model], column: str, ids: Sequence[Any], value: Any) -> None:
        """Set one column of these rows; a row that cannot stand beside another one there is parked.

        The whole is tried at once; where the database refuses, halves are, down to the row that it refuses.
        """
        for start in range(0, len(ids), CHUNK):
            self._move(model, column, ids[start : start + CHUNK], value)

    def _move(self, model: type[models.Model], column: str, ids: Sequence[Any], value: Any) -> None:
        try:
            with transaction.atomic():
                put_column(model, column, ids, value, reason=self.reason, actor=self.actor)
        except IntegrityError:
            if len(ids) > 1:
                half = len(ids) // 2
                self._move(model, column, ids[:half], value)
                self._move(model, column, ids[half:], value)
                return
            row = model._base_manager.filter(pk=ids[0]).first()
            if row is not None:
                self.park(row, column)
            return
        self.remember(MergedRow.What.MOVED, model, [(pk, {}) for pk in ids], column)

    def park(self, row: models.Model, column: str) -> None:
        """Keep a row on the merge and remove it, with all that would go with it.

        Raises:
            ValidationError: something holds it that cannot go.
        """
        using = router.db_for_write(type(row))
        collector = Collector(using=using, origin=row)
        try:
            collector.collect([row])
        except (models.ProtectedError, models.RestrictedError):
            raise ValidationError(
                _(
                    "“%(row)s” stands on both records and something refers to it, so it cannot be laid aside. "
                    "Remove one of the two first."
                )
                % {"row": row},
                code="held",
            ) from None
        collector.sort()
        for (target, value), groups in collector.field_updates.items():
            for group in groups:
                self._unlink(target, value, list(cast("Iterable[models.Model]", group)))
        for query in collector.fast_deletes:
            self._lay_aside(query.model, list(query), column)
        for model, rows in pointing_first(collector.data):
            self._lay_aside(model, sorted(rows, key=lambda one: str(one.pk), reverse=True), column)

    def _unlink(self, target: Any, value: Any, rows: Sequence[models.Model]) -> None:
        """What points at a parked row and may point at nothing."""
        for row in rows:
            data = {"before": getattr(row, target.attname), "after": value}
            put_column(target.model, target.name, [row.pk], value, reason=self.reason, actor=self.actor)
            self.remember(MergedRow.What.MOVED, target.model, [(row.pk, data)], target.name)

    def _lay_aside(self, model: type[models.Model], rows: Sequence[models.Model], column: str) -> None:
        kept = [(row.pk, as_json(row)) for row in rows]
        for holder, pk in holders(rows):
            self.touched[holder].add(pk)
        audit.bulk_delete(model, rows, reason=self.reason, user=self.actor)
        self.remember(MergedRow.What.PARKED, model, kept, column)

    def index(self) -> None:
        """Bring the search up to date with what was touched."""
        for model, ids in self.touched.items():
            rows_changed(model, ids)


def pointing_first(found: Mapping[Any, R]) -> Iterator[tuple[Any, R]]:
    """Tables in an order in which each comes before those that it points at, so that they come back after them.

    Django's own order passes over columns that may be empty.
    """
    left = dict(found)
    while left:
        free = next(
            (
                model
                for model in left
                if not any(
                    is_held(field) and field.related_model is model and other is not model
                    for other in left
                    for field in other._meta.concrete_fields
                )
            ),
            next(iter(left)),  # a ring: there is no such order
        )
        yield free, left.pop(free)


def is_held(column: Any) -> bool:
    """Whether the database sees to it that what the column points at is there."""
    return isinstance(column, models.ForeignKey) and bool(getattr(column, "db_constraint", True))


def put_column(
    model: type[models.Model], column: str, ids: Sequence[Any], value: Any, *, reason: str, actor: Actor
) -> None:
    """Set one column of rows, with their history where the model keeps it."""
    target = model._meta.get_field(column)
    rows = model._base_manager.filter(pk__in=ids)
    if not audit.has_history(model):
        rows.update(**{target.attname: value})  # type: ignore[union-attr]
        return
    found = list(rows)
    for row in found:
        setattr(row, target.attname, value)  # type: ignore[union-attr]
    audit.bulk_update(model, found, [target.name], reason=reason, user=actor)


@dataclass
class Back:
    """Taking back what a merge moved and parked.

    Attributes:
        left: remembered rows that could not go back, each with why (a code, see ``queries.merging``).
    """

    merge: Merge
    actor: Actor
    left: list[tuple[MergedRow, str]] = field(default_factory=list)
    touched: dict[type[models.Model], set[Any]] = field(default_factory=lambda: defaultdict(set))

    @property
    def reason(self) -> str:
        """What the history of a row says about why it was touched."""
        return f"undo of merge {self.merge.pk}"

    def walk(self) -> None:
        """Take the remembered rows back, the last one first."""
        rows = MergedRow.objects.filter(merge=self.merge).order_by("-number")
        for key, group in groupby(self._chunks(rows), key=lambda one: (one.what, one.model, one.field)):
            what, label, column = key
            try:
                model = apps.get_model(label)
            except LookupError:
                self.left += [(row, "no_table") for row in group]
                continue
            if column.startswith(OWN):
                mover = movers.get(label)
                for row in group:
                    mover.back(self, row)
            elif what == MergedRow.What.PARKED:
                self.put_back(model, list(group))
            else:
                self._move_back(model, column, list(group))
        for row, why in self.left:
            row.data = {**row.data, "left": why}
        MergedRow.objects.bulk_update([row for row, _why in self.left], ["data"], batch_size=200)

    @staticmethod
    def _chunks(rows: models.QuerySet[MergedRow]) -> Iterator[MergedRow]:
        yield from rows.iterator(chunk_size=2000)

    def _move_back(self, model: type[models.Model], column: str, rows: Sequence[MergedRow]) -> None:
        target: Relation = model._meta.get_field(column)  # type: ignore[assignment]
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            now = dict(
                model._base_manager.filter(pk__in=[row.row_id for row in chunk]).values_list(
                    "pk", target.attname
                )
            )
            there = {str(pk): (pk, value) for pk, value in now.items()}
            going: dict[Any, list[Any]] = defaultdict(list)
            for row in chunk:
                after = row.data.get("after", self.merge.survivor_id)
                before = row.data.get("before", self.merge.gone_id)
                if row.row_id not in there:
                    self.left.append((row, "removed"))
                elif there[row.row_id][1] != after:
                    self.left.append((row, "elsewhere"))
                else:
                    going[before].append(there[row.row_id][0])
            for before, ids in going.items():
                self._put(model, column, ids, before)

    def _put(self, model: type[models.Model], column: str, ids: Sequence[Any], value: Any) -> None:
        try:
            with transaction.atomic():
                put_column(model, column, ids, value, reason=self.reason, actor=self.actor)
        except IntegrityError as error:
            raise _taken(model, model._base_manager.filter(pk__in=ids).first(), error) from error
        self.touched[model].update(ids)

    def put_back(self, model: type[models.Model], rows: Sequence[MergedRow]) -> None:
        """Insert parked rows again, as they were.

        Raises:
            ValidationError: the number or a value of one is another row's by now; the message says which.
        """
        made = []
        for row in rows:
            if not row.data:
                self.left.append((row, "forgotten"))
                continue
            again = as_row(model, row.data)
            if not self._targets_stand(again):
                self.left.append((row, "nowhere"))
                continue
            made.append(again)
        taken = model._base_manager.filter(pk__in=[row.pk for row in made]).first()
        if taken is not None:
            raise _taken(model, taken, None)
        try:
            with transaction.atomic():
                audit.bulk_create(model, made, reason=self.reason, user=self.actor)
        except IntegrityError as error:
            raise _taken(model, made[0], error) from error
        self.touched[model].update(row.pk for row in made)

    def _targets_stand(self, row: models.Model) -> bool:
        """Whether all that the row must point at is there; what it may point at is let go where it is not."""
        for one in row._meta.concrete_fields:
            value = getattr(row, one.attname)
            if not is_held(one) or value is None:
                continue
            target: Any = one.related_model
            if target._base_manager.filter(pk=value).exists():
                continue
            if not one.null:
                return False
            setattr(row, one.attname, None)
        return True

    def index(self) -> None:
        """Bring the search up to date with what was touched."""
        for model, ids in self.touched.items():
            rows_changed(model, ids)


def _taken(
    model: type[models.Model], row: models.Model | None, error: IntegrityError | None
) -> ValidationError:
    """Why a row cannot be what it was, and what to do."""
    why = " ".join(base.in_words(row, error).messages) if row is not None and error is not None else ""
    return ValidationError(
        _(
            "%(what)s “%(row)s” was there before the merge, and something else has its place now. %(why)s "
            "Change or merge that one, then undo again."
        )
        % {"what": str(model._meta.verbose_name).capitalize(), "row": row, "why": why},
        code="taken",
    )
