"""Notices to people who sign in, and how each wants to be told."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.permissions.areas import Area

TITLE_LENGTH = 300


class Frequency(models.TextChoices):
    """How often an area's notices are mailed. On the page they always are."""

    AT_ONCE = "at_once", _("at once")
    DAILY = "daily", _("once a day")
    WEEKLY = "weekly", _("once a week")
    NEVER = "never", _("never")


#: What holds where a person has chosen nothing.
USUAL = Frequency.DAILY
USUAL_HOUR = 8


class Notice(models.Model):
    """One thing that one person should know of."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    #: A key of ``notices.kinds.notice_kinds``.
    kind = models.CharField(max_length=80)
    area = models.CharField(max_length=20, choices=Area.choices)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    body = models.TextField(blank=True)
    #: A path of this installation.
    url = models.CharField(max_length=500)
    #: What it is about, so that it can be withdrawn: ``people.note:12``.
    about = models.CharField(max_length=200, blank=True)
    #: The same thing is told to the same person once.
    dedupe = models.CharField(max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    #: When a mail that holds it was handed over, or was about to be: it goes into no other.
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["user", "dedupe"], name="notice_once"),
            models.CheckConstraint(condition=Q(area__in=Area.values), name="notice_known_area"),
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"), name="notice_leads_here"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notice_newest"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["about"], name="notice_about"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unread(self) -> bool:
        """The person has not opened it, nor marked it as read."""
        return self.read_at is None


class NoticePreference(models.Model):
    """How often one person wants mail about one area."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preferences"
    )
    area = models.CharField(max_length=20, choices=Area.choices)
    mail = models.CharField(max_length=8, choices=Frequency.choices, default=USUAL)
    changed_at = models.DateTimeField(default=timezone.now)
    #: What is older is not mailed: set when mail is switched on again.
    mail_after = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["user", "area"], name="noticepreference_once"),
            models.CheckConstraint(condition=Q(area__in=Area.values), name="noticepreference_known_area"),
            models.CheckConstraint(
                condition=Q(mail__in=Frequency.values), name="noticepreference_known_frequency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.area} {self.mail}"


class NoticeSettings(models.Model):
    """When one person wants mail: quiet hours and the time of the digests, in the person's zone."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_settings"
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the digests"), default=USUAL_HOUR, validators=[MaxValueValidator(23)]
    )
    #: 0 is Monday.
    digest_weekday = models.PositiveSmallIntegerField(
        _("day of the weekly digest"), default=0, choices=sorted(WEEKDAYS.items())
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=F("quiet_to")),
                name="noticesettings_quiet_both_or_none",
            ),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="noticesettings_hour_of_day"),
            models.CheckConstraint(condition=Q(digest_weekday__lte=6), name="noticesettings_day_of_week"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.digest_hour}:00"

    @property
    def quiet(self) -> tuple[dt.time, dt.time] | None:
        """From when until when nothing is mailed, if ever."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        return self.quiet_from, self.quiet_to
