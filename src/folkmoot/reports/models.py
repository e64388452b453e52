"""What is kept about reports: people's notes, and the links by which others read one."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit


class Note(models.Model):
    """What a person adds to one section of a report for one period, in Markdown."""

    report = models.CharField(max_length=60)
    section = models.CharField(max_length=80)
    #: As the period is written: ``2026Q2``.
    period = models.CharField(max_length=30)
    body = models.TextField(_("note"), max_length=10_000, validators=[MaxLengthValidator(10_000)])
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField(default=timezone.now)

    history = audit.history()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.UniqueConstraint(fields=["report", "section", "period"], name="report_note_once"),
            models.CheckConstraint(condition=~Q(body=""), name="report_note_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.period}: {self.section}"


class Share(models.Model):
    """A link by which somebody without an account reads one report; it ends by its date or when it is withdrawn.

    Only the hash of the link's secret is kept, so nobody can read a link out of the database.
    """

    report = models.CharField(max_length=60)
    #: What the report is about, as it stands in an address: period, as_of, source, project, exclude.
    scope = models.JSONField()
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    recipient = models.CharField(
        _("for whom"),
        max_length=120,
        help_text=_("So that you know later who has the link: the council, a funder."),
    )
    #: The report is shown as this user may see it; without them the link has ended.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    history = audit.history(excluded_fields=["token_hash"])

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="report_share_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(recipient=""), name="report_share_for_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.scope.get('period', '')} → {self.recipient}"

    def is_open(self, now: dt.datetime) -> bool:
        """Whether the link shows the report at this moment."""
        return self.withdrawn_at is None and now < self.expires_at
