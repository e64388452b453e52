"""How posts fare: dated readings, never overwritten."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.outbox.public import Channel
from folkmoot.publishing.models.posts import Publication


class Reading(models.Model):
    """What a platform said of a publication at a moment. What it does not tell is empty, not zero."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="readings")
    at = models.DateTimeField(default=timezone.now)
    likes = models.PositiveIntegerField(null=True, blank=True)
    shares = models.PositiveIntegerField(null=True, blank=True)
    replies = models.PositiveIntegerField(null=True, blank=True)
    quotes = models.PositiveIntegerField(null=True, blank=True)
    views = models.PositiveBigIntegerField(null=True, blank=True)
    clicks = models.PositiveIntegerField(null=True, blank=True)
    #: The newest of its publication: what pages show.
    is_newest = models.BooleanField(default=True)

    class Meta:
        ordering = ["publication", "at"]
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [
            models.UniqueConstraint(fields=["publication", "at"], name="reading_once"),
            models.UniqueConstraint(
                fields=["publication"], condition=Q(is_newest=True), name="reading_one_newest"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="reading_at")]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.at:%Y-%m-%d}"


class FollowerReading(models.Model):
    """How many followed a channel on a day (UTC)."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="follower_readings")
    on = models.DateField()
    followers = models.PositiveIntegerField()

    class Meta:
        ordering = ["channel", "on"]
        verbose_name = _("reading of followers")
        verbose_name_plural = _("readings of followers")
        constraints = [models.UniqueConstraint(fields=["channel", "on"], name="followerreading_once")]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.followers}"
