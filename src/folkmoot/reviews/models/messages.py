"""Which messages of the outbox are about which submission."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.reviews.models.submissions import Submission


class SubmissionMessage(models.Model):
    """A mail or comment that stands on a submission's timeline. The message itself is the outbox's."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="messages")
    delivery = models.OneToOneField(
        "outbox.Delivery", on_delete=models.CASCADE, related_name="about_submission"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("message about a submission")
        verbose_name_plural = _("messages about submissions")
        indexes = [models.Index(fields=["submission", "-at"], name="submissionmessage_newest")]

    def __str__(self) -> str:
        return str(self.delivery)
