"""Taking a whole import back: exactly what it did, and nothing that others have built on since.

What an import made is removed unless something outside the import now points at it or somebody changed it since;
what it changed is put back where the value is still the one it put. What stays is listed with its reason.
Newest changes go first, so rows go before those they point at; a row that is still pointed at by a row of the same
import waits for the next pass.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, clock
from folkmoot.kernel.imports.changes import field_of, from_json, reason_for, to_json
from folkmoot.kernel.imports.models import ImportChange, ImportRun, RejectedRow, RunState, StagedRow
from folkmoot.kernel.imports.signals import import_undone, rows_changed
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.search.naming import holders

#: How many changes are taken back in one transaction.
CHUNK = 300
#: ``where(model, numbers)``: of rows that an import made and that are not there, those that are not simply gone, with
#: the reason. Added by whoever can bring rows back.
Where = Callable[[type[models.Model], Collection[int]], Mapping[int, str]]
whereabouts: list[Where] = []


@dataclass
class Undone:
    """What an undo did, or would do.

    Attributes:
        removed: how many rows went, by what they are ("people").
        restored: how many rows have their earlier values again.
        kept: how many stay as they are.
    """

    removed: Counter[str] = field(default_factory=Counter)
    restored: int = 0
    kept: int = 0
    touched: dict[type[models.Model], set[int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As a job's outcome and ``--json`` hold it."""
        return {"removed": dict(self.removed), "restored": self.restored, "kept": self.kept}

    def add(self, other: Undone) -> None:
        """Add what another chunk did."""
        self.removed += other.removed
        self.restored += other.restored
        self.kept += other.kept


def run_undo(run: ImportRun, context: JobContext) -> Undone:
    """Take the import back, chunk by chunk; goes on from the job's cursor."""
    total = ImportChange.objects.filter(run=run).count()
    cursor = context.cursor or {"below": None, "moved": False, "last": False, "so_far": Undone().as_json()}
    so_far = Undone(
        Counter(cursor["so_far"]["removed"]), cursor["so_far"]["restored"], cursor["so_far"]["kept"]
    )
    while cursor is not None:
        with transaction.atomic():
            cursor, chunk = _chunk(run, cursor)
            so_far.add(chunk)
            indexed: dict[str, set[int]] = {}
            for model, ids in chunk.touched.items():
                rows_changed.send(sender=model, model=model, ids=sorted(ids), done=indexed)
            if cursor is not None:
                cursor["so_far"] = so_far.as_json()
                done = sum(so_far.removed.values()) + so_far.restored + so_far.kept
                context.checkpoint(cursor, done=min(done, total), total=total, note=_("Undoing"))
            else:
                StagedRow.objects.filter(run=run).delete()
                RejectedRow.objects.filter(run=run, dismissed_at=None).update(dismissed_at=clock.now())
                run.state, run.undone_at = RunState.UNDONE, clock.now()
                run.save(update_fields=["state", "undone_at"])
                import_undone.send(sender=ImportRun, run=run)
                context.checkpoint(context.cursor, done=total, total=total)
    return so_far


class _RollBack(Exception):
    pass


@dataclass(frozen=True)
class ForetoldUndo:
    """What an undo would do now: the sums, and the first of what would stay with the reasons."""

    undone: Undone
    kept: tuple[ImportChange, ...]


def foretell_undo(run: ImportRun, *, most: int = 100) -> ForetoldUndo:
    """Undo in one transaction and roll it back: what an undo would do now, exactly."""
    undone = Undone()
    kept: tuple[ImportChange, ...] = ()
    try:
        with transaction.atomic():
            cursor: dict[str, Any] | None = {"below": None, "moved": False, "last": False}
            while cursor is not None:
                cursor, chunk = _chunk(run, cursor)
                undone.add(chunk)
            kept = tuple(ImportChange.objects.filter(run=run).exclude(kept_reason="").order_by("-pk")[:most])
            raise _RollBack
    except _RollBack:
        pass
    return ForetoldUndo(undone, kept)


def _chunk(run: ImportRun, cursor: dict[str, Any]) -> tuple[dict[str, Any] | None, Undone]:
    """Take back the next changes below the cursor; the new cursor is ``None`` when nothing is left to do."""
    pending = _pending(run)
    if cursor["below"] is not None:
        pending = pending.filter(pk__lt=cursor["below"])
    changes = list(pending.order_by("-pk")[:CHUNK])
    if not changes:
        if cursor["last"] or not _pending(run).exists():
            return None, Undone()
        # What waited for rows of this import: once more, and at last with a reason when nothing moves any more.
        return {"below": None, "moved": False, "last": not cursor["moved"]}, Undone()
    done = Undone()
    for (label, action), group in groupby(changes, key=lambda change: (change.model, change.action)):
        batch = list(group)
        try:
            model = apps.get_model(label)
        except LookupError:
            _keep(batch, _("its area is not installed here any more"), done)
        else:
            if action == ImportChange.CREATED:
                _remove(run, model, batch, done, is_last=cursor["last"])
            else:
                _restore(run, model, batch, done)
        _remember(batch)
    moved = any(change.undone or change.kept_reason for change in changes)
    return {"below": changes[-1].pk, "moved": cursor["moved"] or moved, "last": cursor["last"]}, done


def _remember(changes: Iterable[ImportChange]) -> None:
    """Write what became of the changes. Nearly all of a batch are told the same, so that few statements do."""
    alike: dict[tuple[bool, str], list[int]] = defaultdict(list)
    partly: list[ImportChange] = []
    for change in changes:
        if change.kept_reason and change.action != ImportChange.CREATED:
            partly.append(change)  # of its fields only those that stay are kept
        elif change.undone or change.kept_reason:
            alike[change.undone, change.kept_reason].append(change.pk)
    for (undone, reason), ids in alike.items():
        ImportChange.objects.filter(pk__in=ids).update(undone=undone, kept_reason=reason)
    if partly:
        ImportChange.objects.bulk_update(partly, ["kept_reason", "before", "after"], batch_size=CHUNK)


def _pending(run: ImportRun) -> models.QuerySet[ImportChange]:
    return ImportChange.objects.filter(run=run, undone=False, kept_reason="")


def _keep(changes: Iterable[ImportChange], reason: str, done: Undone) -> None:
    for change in changes:
        change.kept_reason = reason[:300]
        done.kept += 1


def undo_reason(run: ImportRun) -> str:
    """What the history of a row says about why an undo touched it."""
    return f"undo of {reason_for(run)}"


# -- what the import made --------------------------------------------------------------------------------------------


def _remove(
    run: ImportRun, model: type[models.Model], batch: Sequence[ImportChange], done: Undone, *, is_last: bool
) -> None:
    ids = [change.object_id for change in batch]
    rows: dict[Any, models.Model] = model._base_manager.in_bulk(ids)
    stays, waits = _pointed_at(run, model, list(rows))
    for pk, reason in _changed_since(run, model, list(rows)).items():
        stays.setdefault(pk, reason)
    going: list[models.Model] = []
    elsewhere = _elsewhere(model, [pk for pk in ids if pk not in rows])
    for change in batch:
        if change.object_id in elsewhere:
            _keep([change], elsewhere[change.object_id], done)
        elif change.object_id not in rows:
            change.undone = True  # somebody removed it already
        elif change.object_id in stays:
            _keep([change], stays[change.object_id], done)
        elif change.object_id in waits:
            if is_last:
                _keep([change], _("rows of this import that stay point at it"), done)
        else:
            change.undone = True
            going.append(rows[change.object_id])
    if going:
        audit.bulk_delete(model, going, reason=undo_reason(run), user=run.undone_by)
        done.removed[str(model._meta.verbose_name_plural)] += len(going)
        done.touched.setdefault(model, set()).update(row.pk for row in going)
        for holder, pk in holders(going):
            done.touched.setdefault(holder, set()).add(pk)


def _elsewhere(model: type[models.Model], ids: Sequence[int]) -> dict[int, str]:
    """Why rows that are not there are not simply gone."""
    found: dict[int, str] = {}
    for where in whereabouts if ids else ():
        found |= where(model, ids)
    return found


@cache
def relations_to(model: type[models.Model]) -> tuple[models.ForeignKey[Any, Any], ...]:
    """Every column in the schema that points at the model, those of many-to-many tables too; history apart."""
    concrete = model._meta.concrete_model
    return tuple(
        field
        for other in apps.get_models(include_auto_created=True)
        if not hasattr(other, "history_object") and not other._meta.proxy and other._meta.managed
        for field in other._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model._meta.concrete_model is concrete
    )


def _pointed_at(
    run: ImportRun, model: type[models.Model], ids: Sequence[int]
) -> tuple[dict[int, str], set[int]]:
    """Of these rows: which something outside the import points at (and what), which only rows of this import do."""
    stays: dict[int, str] = {}
    waits: set[int] = set()
    if not ids:
        return stays, waits
    for relation in relations_to(model):
        other = relation.model
        pointing = other._base_manager.filter(**{f"{relation.name}__in": ids})
        found = set(pointing.values_list(relation.attname, flat=True).distinct())
        if not found:
            continue
        outside = found
        if isinstance(other._meta.pk, models.IntegerField):
            own = ImportChange.objects.filter(
                run=run,
                model=other._meta.label_lower,
                object_id=OuterRef("pk"),
                action=ImportChange.CREATED,
                undone=False,
                kept_reason="",
            )
            outside = set(pointing.filter(~Exists(own)).values_list(relation.attname, flat=True).distinct())
        for pk in outside:
            stays.setdefault(pk, _("%(what)s points at it") % {"what": other._meta.verbose_name})
        waits |= found - outside
    return stays, waits - set(stays)


def _changed_since(run: ImportRun, model: type[models.Model], ids: Sequence[int]) -> dict[int, str]:
    """Of rows that the import made: which somebody, or another import, has changed since."""
    changed: dict[int, str] = {}
    if not ids:
        return changed
    reasons = [reason_for(run), undo_reason(run)]
    others = ImportChange.objects.filter(model=model._meta.label_lower, object_id__in=ids).exclude(run=run)
    for other in others.select_related("run"):
        if not other.undone:
            changed[other.object_id] = _("import %(run)s changed it since") % {"run": other.run_id}
        else:  # what another import did and took back again leaves no trace but in the history
            reasons += [reason_for(other.run), undo_reason(other.run)]
    if audit.has_history(model):
        history = model.history.filter(**{f"{model._meta.pk.name}__in": ids})  # type: ignore[attr-defined]
        edits = history.exclude(history_change_reason__in=reasons)
        for pk in edits.values_list(model._meta.pk.attname, flat=True).distinct():
            changed.setdefault(pk, _("it was changed since"))
    return changed


# -- what the import changed -----------------------------------------------------------------------------------------


def _restore(run: ImportRun, model: type[models.Model], batch: Sequence[ImportChange], done: Undone) -> None:
    rows: dict[Any, models.Model] = model._base_manager.in_bulk([change.object_id for change in batch])
    gone = _gone_targets(model, batch)
    for change in batch:
        row = rows.get(change.object_id)
        if row is None:
            change.undone = True
            continue
        before, after = dict(change.before or {}), dict(change.after or {})
        back: dict[str, Any] = {}
        left: dict[str, str] = {}
        for name, value in after.items():
            if to_json(model, name, getattr(row, name)) != value:
                left[name] = _("changed since")
            elif (
                isinstance(field_of(model, name), models.ForeignKey)
                and (field_of(model, name), before[name]) in gone
            ):
                left[name] = _("what it pointed at is gone")
            else:
                back[name] = before[name]
        if back and not _write(run, model, row, back):
            left |= dict.fromkeys(back, _("another row has this value now"))
            back = {}
        if back:
            done.restored += 1
            done.touched.setdefault(model, set()).add(row.pk)
        if left:
            _keep([change], "; ".join(f"{name}: {why}" for name, why in left.items()), done)
            change.before = {name: before[name] for name in left}
            change.after = {name: after[name] for name in left}
        else:
            change.undone = True


def _gone_targets(
    model: type[models.Model], batch: Sequence[ImportChange]
) -> set[tuple[models.Field[Any, Any], Any]]:
    wanted: dict[models.ForeignKey[Any, Any], set[Any]] = {}
    for change in batch:
        for name, value in (change.before or {}).items():
            target = field_of(model, name)
            if isinstance(target, models.ForeignKey) and value is not None:
                wanted.setdefault(target, set()).add(value)
    gone: set[tuple[models.Field[Any, Any], Any]] = set()
    for target, values in wanted.items():
        name = target.target_field.attname
        there = target.related_model._base_manager.filter(**{f"{name}__in": values})
        gone |= {(target, value) for value in values - set(there.values_list(name, flat=True))}
    return gone


def _write(run: ImportRun, model: type[models.Model], row: models.Model, values: dict[str, Any]) -> bool:
    """Put values back on one row; ``False`` when the database does not take them any more."""
    kept = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, field_of(model, name).attname, from_json(model, name, value))
    try:
        with transaction.atomic():
            fields = sorted({field_of(model, name).name for name in values})
            audit.bulk_update(model, [row], fields, reason=undo_reason(run), user=run.undone_by)
    except IntegrityError:
        for name, value in kept.items():
            setattr(row, name, value)
        return False
    return True
