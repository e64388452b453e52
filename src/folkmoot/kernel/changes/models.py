"""The queue of changes."""

from __future__ import annotations

from django.db import models


class ChangedRow(models.Model):
    """That a row was made, changed or removed: written by triggers alone, and removed by whoever listens.

    The same row may stand here many times: the one who reads takes them together.
    """

    listener = models.CharField(max_length=40)
    #: ``table.column``; the value of that column is ``object_id``.
    source = models.CharField(max_length=130)
    object_id = models.BigIntegerField()

    class Meta:
        verbose_name = "changed row"
        verbose_name_plural = "changed rows"
        indexes = [models.Index(fields=["listener", "id"], name="changedrow_next")]

    def __str__(self) -> str:
        return f"{self.source} {self.object_id}"
