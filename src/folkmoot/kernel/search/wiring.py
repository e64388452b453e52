"""Connects the index to whatever writes rows. Imported once, when everything is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.search import index
from folkmoot.kernel.search import jobs as _jobs  # noqa: F401 - registers its kind of job


def _imported(
    sender: Any,
    model: type[models.Model],
    ids: Iterable[int],
    done: dict[str, set[int]] | None = None,
    **kwargs: Any,
) -> None:
    index.rows_changed(model, ids, done)


pre_save.connect(index.row_saving, dispatch_uid="search")
post_save.connect(index.row_saved, dispatch_uid="search")
pre_delete.connect(index.row_deleting, dispatch_uid="search")
post_delete.connect(index.row_deleted, dispatch_uid="search")
m2m_changed.connect(index.links_changed, dispatch_uid="search")
rows_changed.connect(_imported, dispatch_uid="search", weak=False)
