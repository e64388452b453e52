"""Taking back what was just done, exactly: from the history of the rows, unless somebody changed them since."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import saving
from folkmoot.kernel.saving import Actor

#: Fields whose history is not kept but that an undo of a deletion needs, by model; each app adds its own.
BESIDE_HISTORY: dict[str, tuple[str, ...]] = {}
#: Sets of other rows (many to many) that an undo of a deletion brings back, by model.
SETS: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Change:
    """One entry of a row's history: ``version`` is its number; ``beside`` holds what the history leaves out."""

    model: str
    pk: int
    version: int
    beside: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Undo:
    """What to take back, in the order in which it was done."""

    changes: tuple[Change, ...] = ()

    def as_json(self) -> list[Any]:
        """For a signed token."""
        return [[c.model, c.pk, c.version, c.beside] for c in self.changes]

    @classmethod
    def from_json(cls, data: list[Any]) -> Undo:
        """From a signed token."""
        return cls(tuple(Change(model, pk, version, beside) for model, pk, version, beside in data))


#: What else an undo of a model's change has to do: ``after(row, kind of change, actor)``.
Follow = Callable[[models.Model, str, Actor], None]
_follows: dict[str, Follow] = {}


def follows(model: str) -> Callable[[Follow], Follow]:
    """Declare what happens beside when a change of this model is taken back."""

    def mark(function: Follow) -> Follow:
        _follows[model] = function
        return function

    return mark


def last_change(row: models.Model, *, beside: dict[str, str] | None = None) -> Undo:
    """What takes back the newest change of this row."""
    return Undo((Change(row._meta.label_lower, row.pk, saving.current_version(row), beside or {}),))


def removed(row: models.Model, *, actor: Actor, reason: str = "") -> Undo:
    """Delete the row and say how to bring it back.

    Raises:
        ValidationError: something still names it.
    """
    beside = {}
    for name in BESIDE_HISTORY.get(row._meta.label_lower, ()):
        value = getattr(row, name)
        if isinstance(value, dt.datetime):
            beside[name] = value.isoformat()
        elif isinstance(value, int):
            beside[name] = str(value)
        elif isinstance(value, dict | list):
            beside[name] = json.dumps(value)
    for name in SETS.get(row._meta.label_lower, ()):
        numbers = getattr(row, name).order_by("pk").values_list("pk", flat=True)
        beside[name] = "=" + ",".join(str(number) for number in numbers)
    pk = row.pk
    try:
        saving.remove(row, actor=actor, reason=reason)
    except (models.ProtectedError, models.RestrictedError):
        raise ValidationError(
            _("“%(name)s” cannot be removed: something still refers to it.") % {"name": row}
        ) from None
    row.pk = pk
    return Undo((Change(row._meta.label_lower, pk, saving.current_version(row), beside),))


@transaction.atomic
def undo(*, what: Undo, actor: Actor) -> None:
    """Take the changes back, the last one first: what was added goes, what was edited or deleted is as before.

    Taking back twice does nothing the second time.

    Raises:
        ValidationError: a row was changed since, or what it refers to is gone; nothing is taken back then.
    """
    for change in reversed(what.changes):
        _take_back(change, actor)


def _take_back(change: Change, actor: Actor) -> None:
    model = apps.get_model(change.model)
    entries = model.history.filter(id=change.pk)
    entry = entries.filter(history_id=change.version).first()
    newest = entries.order_by("-history_id").first()
    reason = f"undo {change.version}"
    if entry is None or newest is None:
        raise ValidationError(_("There is nothing to undo any more."), code="gone")
    if newest.history_id != change.version:
        if newest.history_change_reason == reason:
            return
        raise ValidationError(_("This was changed since, so it was left as it is."), code="changed")
    row: models.Model | None
    if entry.history_type == "+":
        row = model._default_manager.filter(pk=change.pk).first()
        if row is not None:
            removed(row, actor=actor, reason=reason)
    else:
        # By number, not by time: two changes may bear the same moment.
        earlier = entries.filter(history_id__lt=change.version).order_by("-history_id")
        before = entry if entry.history_type == "-" else earlier.first()
        if before is None:
            raise ValidationError(_("Nobody knows any more what was there before."), code="gone")
        row = before.instance
        row._state.adding = entry.history_type == "-"
        sets = {name: value for name, value in change.beside.items() if value.startswith("=")}
        for name, value in change.beside.items():
            if name not in sets:
                setattr(row, name, _read(value))
        saving.write(row, actor=actor, reason=reason)
        for name, value in sets.items():
            kept = getattr(row, name)
            kept.set(kept.model.objects.filter(pk__in=[number for number in value[1:].split(",") if number]))
    follow = _follows.get(change.model)
    if follow is not None and row is not None:
        follow(row, entry.history_type, actor)


def _read(value: str) -> Any:
    if value.startswith(("{", "[")):
        return json.loads(value)
    return int(value) if value.isdecimal() else dt.datetime.fromisoformat(value)
