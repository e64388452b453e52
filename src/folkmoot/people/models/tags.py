"""Words on records."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold


class Tag(models.Model):
    """A word on a record, within a facet: a domain, a technical area, a kind of contribution."""

    facet = models.CharField(_("facet"), max_length=40, default="tag")
    name = models.CharField(_("name"), max_length=100)
    folded = models.CharField(max_length=100, editable=False)

    class Meta:
        ordering = ["facet", "folded"]
        constraints = [models.UniqueConstraint(fields=["facet", "folded"], name="tag_once_per_facet")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)
