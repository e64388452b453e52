"""Rows that a merge laid aside, since they could not stand beside another one: read as they were."""

from __future__ import annotations

from typing import TypeVar

from django.db import models

from folkmoot.people.actions.merging.rows import as_row
from folkmoot.people.models import MergedRow

M = TypeVar("M", bound=models.Model)


def laid_aside(model: type[M], **values: str | int) -> M | None:
    """The newest such row with these values, of a merge that holds; not in its table, so it is only to be looked at.
    One query. ``None``: there is none.
    """
    rows = MergedRow.objects.filter(
        what=MergedRow.What.PARKED,
        model=model._meta.label_lower,
        merge__undone_at=None,
        **{f"data__{name}": value for name, value in values.items()},
    )
    row = rows.order_by("-pk").first()
    return as_row(model, row.data) if row is not None else None  # type: ignore[return-value]
