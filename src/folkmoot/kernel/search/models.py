"""What the search keeps: an entry for each record, and spellings for forgiving typing errors."""

from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """A record as the search knows it. ``words`` is what the database's full-text index holds (see ``words.py``)."""

    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=500)
    subtitle = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    #: The title's words, folded: what hits are compared and sorted by.
    title_key = models.CharField(max_length=500)
    words = models.TextField()

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="searchentry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.title}"


class SearchSpelling(models.Model):
    """A word that some entry holds, under each form that a typing error could give it (see ``spelling.py``)."""

    form = models.CharField(max_length=16)
    word = models.CharField(max_length=64)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["form", "word"], name="searchspelling_once")]

    def __str__(self) -> str:
        return f"{self.form} -> {self.word}"
