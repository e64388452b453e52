"""How a submission got where it stands: what was seen when, and the changes that follow from it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.reviews.models.programmes import Stage
from folkmoot.reviews.models.submissions import Outcome, Submission


class Sighting(models.Model):
    """What a submission looked like at a moment: in a dated file, after a label was put on, after a move by hand.

    Sightings are only added. The stage changes are reckoned from all of them, whatever the order in which they came.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="sightings")
    at = models.DateTimeField()
    #: It began to look like this at that very moment (a label's event, a move by hand), not some time before.
    is_exact = models.BooleanField(default=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_on_hold = models.BooleanField(default=False)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True, default=Outcome.OPEN)
    labels = models.JSONField(default=list, blank=True)
    actor = models.ForeignKey(
        "people.Identity", on_delete=models.PROTECT, null=True, blank=True, related_name="sightings"
    )
    source = models.CharField(max_length=60)
    #: The source's name for it: the file's, the event's.
    external_id = models.CharField(max_length=320)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["submission", "at", "pk"]
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="sighting_once")]
        indexes = [models.Index(fields=["submission", "at"], name="sighting_of_submission")]

    def __str__(self) -> str:
        return f"{self.submission} {self.at:%Y-%m-%d %H:%M}"


class StageChange(models.Model):
    """A submission entered a stage, after ``not_before`` and at ``at`` at the latest.

    Where the moment is known, both are the same. Reckoned from the sightings; nobody edits it.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="stage_changes")
    position = models.PositiveSmallIntegerField()
    #: Empty: it stood in no stage any more.
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, null=True, blank=True, related_name="stage_changes"
    )
    #: The last moment at which it was seen elsewhere; empty for the first stage that was ever seen.
    not_before = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        "people.Identity", on_delete=models.PROTECT, null=True, blank=True, related_name="stage_changes"
    )
    source = models.CharField(max_length=60)

    class Meta:
        ordering = ["submission", "position"]
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        constraints = [
            models.UniqueConstraint(fields=["submission", "position"], name="stagechange_once"),
            models.CheckConstraint(
                condition=Q(not_before=None) | Q(not_before__lte=F("at")), name="stagechange_runs_forward"
            ),
        ]
        indexes = [models.Index(fields=["stage", "at"], name="stagechange_of_stage")]

    def __str__(self) -> str:
        return f"{self.submission}: {self.stage}"

    @property
    def is_exact(self) -> bool:
        """The moment itself is known."""
        return self.not_before == self.at
