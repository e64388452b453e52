"""The community this installation belongs to: one row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit


class Community(models.Model):
    """Name and looks of the community, edited on the settings page."""

    name = models.CharField(_("name"), max_length=120, default="Folkmoot")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    history = audit.history()

    class Meta:
        app_label = "kernel"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="community_is_one_row")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Community:
        """The one row, or its defaults when nobody has set anything yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
