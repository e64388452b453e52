"""What is kept beside a submission: notes, ticks of the checklists, values that nobody could read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.reviews.models.programmes import ChecklistItem, Programme
from folkmoot.reviews.models.submissions import Submission


class SubmissionNote(models.Model):
    """What somebody wrote down about a submission, for the others who run reviews."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="notes")
    body = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="submissionnote_says_something")]

    def __str__(self) -> str:
        return self.body[:60]


class ChecklistTick(models.Model):
    """An entry of a checklist is done."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="ticks")
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="ticks")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("tick")
        verbose_name_plural = _("ticks")
        constraints = [models.UniqueConstraint(fields=["submission", "item"], name="checklisttick_once")]

    def __str__(self) -> str:
        return str(self.item)


class Flag(models.Model):
    """Something in a source that could not be read, or that nobody has given a meaning: kept, and told on Today."""

    class Kind(models.TextChoices):
        VALUE = "value", _("a value that cannot be read")
        LABEL = "label", _("a label without a meaning")
        CHECK = "check", _("a check that failed")

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="flags")
    #: Empty for what is about no single submission.
    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, null=True, blank=True, related_name="flags"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.VALUE)
    field = models.CharField(_("field"), max_length=100)
    value = models.CharField(_("value"), max_length=500, blank=True)
    reason = models.CharField(_("what is wrong"), max_length=500)
    #: Where it stood: a file's name or ``issue``, and the line.
    source = models.CharField(max_length=60)
    place = models.CharField(_("where"), max_length=200, blank=True)
    line = models.PositiveIntegerField(_("line"), null=True, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    #: Set when the source says something that can be read, or somebody says that it is fine.
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-first_seen_at", "-pk"]
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "kind", "field", "value"],
                condition=Q(submission__isnull=False),
                name="flag_once_of_submission",
            ),
            models.UniqueConstraint(
                fields=["programme", "kind", "field", "value"],
                condition=Q(submission=None),
                name="flag_once_of_programme",
            ),
        ]
        indexes = [
            models.Index(fields=["-first_seen_at"], condition=Q(settled_at=None), name="flag_open"),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"
