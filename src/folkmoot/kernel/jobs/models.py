"""Background work. The row is the truth; a queue only wakes a worker."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


#: States in which there is still something to do.
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class Job(models.Model):
    """One piece of work: its kind and arguments, how far it is, who holds it, how it ended.

    A worker holds a job by a lease that it renews; every take-over raises ``fence``, and whoever writes
    progress names the fence it holds, so a worker that was thought dead cannot write over its successor.
    """

    kind = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    #: At most one job per key that is not empty: what makes a schedule fire once, however many ask.
    unique_key = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    due_at = models.DateTimeField(default=timezone.now)
    cursor = models.JSONField(null=True, blank=True)
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    cancel_requested = models.BooleanField(default=False)
    outcome = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    #: A failed job that somebody looked at and laid aside.
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"], condition=~Q(unique_key=""), name="job_unique_key"
            ),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_known_state"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["queued", "running"]), name="job_unfinished"
            ),
            models.Index(fields=["-created_at"], name="job_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.get_state_display()})"

    @property
    def is_finished(self) -> bool:
        """Nothing more will happen unless somebody asks for it."""
        return self.state not in UNFINISHED
