"""What an author has filled in of the form, before it is submitted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.reviews.models.programmes import Programme
from folkmoot.reviews.models.submissions import Submission


class SubmissionDraft(models.Model):
    """An author's form on its way. Whoever has its link, or is signed in as its owner, may go on with it."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="drafts")
    #: SHA-256 of the link's secret; the secret itself is with the author.
    digest = models.CharField(max_length=64, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    email = models.EmailField(_("e-mail"), blank=True)
    content = models.JSONField(default=dict, blank=True)
    submission = models.OneToOneField(
        Submission, on_delete=models.SET_NULL, null=True, blank=True, related_name="draft"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at", "-pk"]
        verbose_name = _("draft of a submission")
        verbose_name_plural = _("drafts of submissions")

    def __str__(self) -> str:
        return str(self.content.get("title") or self.email or self.pk)
