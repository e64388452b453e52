"""Rights: rows that a person with the settings area edits."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from folkmoot.kernel import audit
from folkmoot.kernel.permissions.areas import Area, Level


class Grant(models.Model):
    """A user's level in one area."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    area = models.CharField(max_length=20, choices=Area.choices)
    level = models.PositiveSmallIntegerField(choices=Level.choices)

    history = audit.history()

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["user", "area"], name="grant_one_level_per_area"),
            models.CheckConstraint(condition=models.Q(area__in=Area.values), name="grant_known_area"),
            models.CheckConstraint(condition=models.Q(level__in=Level.values), name="grant_known_level"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.area} {Level(self.level).name.lower()}"
