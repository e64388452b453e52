"""What Today remembers for a person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Snooze(models.Model):
    """A person put a Today item off until a moment; it comes back by itself."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snoozes")
    #: The item's key (``kernel.plugs.TodayItem.key``).
    key = models.CharField(max_length=200)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="snooze_once")]
        indexes = [models.Index(fields=["user", "until"], name="snooze_open")]

    def __str__(self) -> str:
        return f"{self.user}: {self.key} until {self.until:%Y-%m-%d %H:%M}"


class Assignment(models.Model):
    """A Today item was given to one person: it is theirs, and the others wait for them."""

    #: The item's key (``kernel.plugs.TodayItem.key``).
    key = models.CharField(max_length=200, unique=True)
    area = models.CharField(max_length=20)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.key}: {self.user}"
