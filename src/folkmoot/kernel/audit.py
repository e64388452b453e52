"""History of edits: who changed which field, when, why (django-simple-history on both databases)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from folkmoot.kernel import bulk

M = TypeVar("M", bound=models.Model)
#: By what the changes of now are made, beside the user ("API: dashboard"); empty: by the pages, a job, an import.
_through: ContextVar[str] = ContextVar("through", default="")
#: The longest reason.
LONGEST = 200


@contextmanager
def origins() -> Iterator[None]:
    """What :func:`through` says inside holds until the end of this, and not after."""
    before = _through.set("")
    try:
        yield
    finally:
        _through.reset(before)


def through(origin: str) -> None:
    """Say by what the changes from here on are made, so that their history tells."""
    _through.set(origin)


def reason_of(reason: str) -> str | None:
    """A reason as the history keeps it: with what the change is made by, in brackets behind it."""
    origin = _through.get()
    if not origin or reason.startswith(origin):
        return reason[:LONGEST] or None
    if not reason:
        return origin[:LONGEST]
    return f"{reason[: LONGEST // 2]} ({origin})"[:LONGEST]


def plain_reason(kept: str | None) -> str:
    """The reason alone, without what the change was made by."""
    return (kept or "").partition(" (API: ")[0]


class _Remembered(HistoryManager):  # type: ignore[misc]
    """simple-history's manager, whose class is put together once.

    The library does it at each look at ``row.history``, and so at each save, for a fifth of a millisecond.
    """

    @classmethod
    @cache
    def from_queryset(cls, *options: Any) -> Any:
        return super().from_queryset(*options)


def history(**options: Any) -> HistoricalRecords:
    """The history of a model's rows, kept in a table of its own beside it."""
    return HistoricalRecords(
        history_change_reason_field=models.CharField(max_length=200, null=True),
        history_manager=_Remembered,
        **options,
    )


def has_history(model: type[models.Model]) -> bool:
    """Whether edits of this model's rows are kept."""
    return hasattr(model, "history")


def bulk_create(model: type[M], rows: Sequence[M], *, reason: str, user: Any = None) -> list[M]:
    """Insert rows, with their history where the model keeps one, inside the caller's transaction."""
    made = bulk.insert(model, rows)
    if has_history(model):
        _remember(model, made, "+", reason, user)
    return made


def bulk_update(
    model: type[M], rows: Sequence[M], fields: Sequence[str], *, reason: str, user: Any = None
) -> None:
    """Update the named fields of rows, with their history where the model keeps one of these fields."""
    bulk.update(model, rows, fields)
    if has_history(model) and _tracked(model) & set(fields):
        _remember(model, rows, "~", reason, user)


def _remember(model: type[M], rows: Iterable[M], what: str, reason: str, user: Any) -> None:
    """Add to the history what these rows hold now."""
    history: Any = model.history.model  # type: ignore[attr-defined]
    tracked = [field.attname for field in history.tracked_fields]
    now, by, why = timezone.now(), user.pk if user is not None else None, reason_of(reason)
    bulk.insert_values(
        history,
        [*tracked, "history_date", "history_change_reason", "history_type", "history_user_id"],
        ([*(getattr(row, name) for name in tracked), now, why, what, by] for row in rows),
    )


def _tracked(model: type[models.Model]) -> set[str]:
    return {field.name for field in model.history.model.tracked_fields}  # type: ignore[attr-defined]


def bulk_delete(model: type[M], rows: Sequence[M], *, reason: str, user: Any = None) -> None:
    """Remove rows that nothing points at, with their history where the model keeps one, in the caller's transaction.

    No signals are sent and nothing cascades: a row that is pointed at makes the database refuse the transaction.
    """
    if not rows:
        return
    if has_history(model):
        _remember(model, rows, "-", reason, user)
    going = model._base_manager.filter(pk__in=[row.pk for row in rows])
    going._raw_delete(going.db)


USER_MODEL = settings.AUTH_USER_MODEL
