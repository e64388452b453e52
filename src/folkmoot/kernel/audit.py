"""History of edits: who changed which field, when, why (django-simple-history on both databases)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

M = TypeVar("M", bound=models.Model)


def history(**options: Any) -> HistoricalRecords:
    """The history of a model's rows, kept in a table of its own beside it."""
    return HistoricalRecords(
        history_change_reason_field=models.CharField(max_length=200, null=True), **options
    )


def has_history(model: type[models.Model]) -> bool:
    """Whether edits of this model's rows are kept."""
    return hasattr(model, "history")


def bulk_create(
    model: type[M], rows: Sequence[M], *, reason: str, user: Any = None, batch: int = 500
) -> list[M]:
    """Insert rows in batches, with their history where the model keeps one, inside the caller's transaction."""
    if not has_history(model):
        return list(model._default_manager.bulk_create(rows, batch_size=batch))
    return list(
        bulk_create_with_history(
            rows, model, batch_size=batch, default_user=user, default_change_reason=reason
        )
    )


def bulk_update(
    model: type[M],
    rows: Sequence[M],
    fields: Sequence[str],
    *,
    reason: str,
    user: Any = None,
    batch: int = 500,
) -> None:
    """Update the named fields of rows in batches, with their history where the model keeps one of these fields."""
    if not rows:
        return
    if not has_history(model) or not _tracked(model) & set(fields):
        model._default_manager.bulk_update(rows, fields, batch_size=batch)
        return
    bulk_update_with_history(
        rows, model, fields, batch_size=batch, default_user=user, default_change_reason=reason
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
        history = model.history.model  # type: ignore[attr-defined]
        now = timezone.now()
        history.objects.bulk_create(
            [
                history(
                    history_date=now,
                    history_user=user,
                    history_change_reason=reason,
                    history_type="-",
                    **{field.attname: getattr(row, field.attname) for field in history.tracked_fields},
                )
                for row in rows
            ],
            batch_size=500,
        )
    going = model._base_manager.filter(pk__in=[row.pk for row in rows])
    going._raw_delete(going.db)


USER_MODEL = settings.AUTH_USER_MODEL
