"""What happens where and when."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.people.public import Tag
from folkmoot.training.models.programmes import CertificatePattern, Curriculum, EventKind, Programme
from folkmoot.training.models.surveys import Audience, Survey


class Status(models.TextChoices):
    """Where an event stands. Running and done follow from its days, once it is announced."""

    PLANNED = "planned", _("planned")
    ANNOUNCED = "announced", _("announced")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    STALLED = "stalled", _("stalled")


#: Events that will happen, or do.
AHEAD = (Status.PLANNED, Status.ANNOUNCED, Status.RUNNING)


class Visibility(models.TextChoices):
    """Who sees an event."""

    PUBLIC = "public", _("public")
    PRIVATE = "private", _("private: only here")


class RegistrationBy(models.TextChoices):
    """How people sign up."""

    NONE = "", _("nobody signs up")
    HERE = "here", _("with a form here")
    ELSEWHERE = "elsewhere", _("on another site")


class Event(models.Model):
    """A workshop, training, sprint, conference, webinar or unconference.

    Days and times are as said at the place, in :attr:`time_zone`; :attr:`starts_at` and :attr:`ends_at` are the same as
    moments in UTC, reckoned when it is saved, for comparing and sorting. An event without times lasts whole days.
    """

    slug = models.SlugField(
        _("short name"),
        max_length=100,
        unique=True,
        help_text=_("In its address: 2026-11-29-leeds. Small letters, digits and hyphens."),
    )
    title = models.CharField(_("title"), max_length=200)
    folded = models.CharField(max_length=200, editable=False)
    summary = models.CharField(_("in one line"), max_length=400, blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    kind = models.ForeignKey(
        EventKind, on_delete=models.PROTECT, related_name="events", verbose_name=_("kind")
    )
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("programme"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    #: When everybody was first told; an event that never was is shown to nobody when it is cancelled.
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    status_reason = models.CharField(_("why"), max_length=300, blank=True)
    visibility = models.CharField(
        _("who sees it"), max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC
    )

    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    starts_time = models.TimeField(_("from"), null=True, blank=True, help_text=_("On the first day."))
    ends_time = models.TimeField(_("to"), null=True, blank=True, help_text=_("On the last day."))
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    starts_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Without times: the midnight after its last day.
    ends_at = models.DateTimeField(null=True, blank=True, editable=False)

    is_online = models.BooleanField(_("online"), default=False)
    venue = models.CharField(_("venue"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    #: ISO 3166-1 alpha-2.
    country = models.CharField(_("country"), max_length=2, blank=True)
    #: Degrees, WGS 84.
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    #: Codes of BCP 47, such as ``["en", "es"]``.
    languages = models.JSONField(_("languages"), default=list, blank=True)

    host = models.ForeignKey(
        "people.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hosted_events",
        verbose_name=_("host"),
    )
    organizer = models.ForeignKey(
        "people.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organized_events",
        verbose_name=_("organiser"),
    )
    curricula = models.ManyToManyField(
        Curriculum, blank=True, related_name="events", verbose_name=_("curricula")
    )
    lessons = models.ManyToManyField(
        "people.Project", blank=True, related_name="taught_at", verbose_name=_("lessons")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="events", verbose_name=_("tags"))

    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    open_seats = models.BooleanField(
        _("open seats"),
        default=False,
        help_text=_("Learners may come without an agreement; for kinds of events whose learners have seats."),
    )
    registration_by = models.CharField(
        _("signing up"),
        max_length=10,
        choices=RegistrationBy.choices,
        blank=True,
        default=RegistrationBy.NONE,
    )
    registration_url = models.URLField(_("address for signing up"), max_length=500, blank=True)
    registration_opens_at = models.DateTimeField(_("signing up opens"), null=True, blank=True)
    registration_closes_at = models.DateTimeField(_("signing up closes"), null=True, blank=True)
    registration_note = models.TextField(
        _("what people read before they sign up"), blank=True, help_text=_("Markdown.")
    )
    #: How many came, where nobody noted who; the greater of it and the parts counts.
    attendance = models.PositiveIntegerField(
        _("how many came"), null=True, blank=True, help_text=_("Where nobody noted who came.")
    )
    website = models.URLField(_("website"), max_length=500, blank=True)
    repository = models.URLField(_("repository"), max_length=500, blank=True)
    contact = models.CharField(_("contact"), max_length=320, blank=True)
    accommodations = models.TextField(
        _("accommodations"),
        blank=True,
        help_text=_("Captions, step-free access, child care, recordings: what is there for whom."),
    )
    certificate = models.ForeignKey(
        CertificatePattern,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("certificate"),
        help_text=_("Empty: the one of its kind."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("whose it is"),
    )
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    #: By what its source knows it; empty for what was entered by hand.
    external_id = models.CharField(max_length=320, blank=True, editable=False)
    #: What the source says beyond the fields above, word for word.
    detail = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["folded", "starts_at", "ends_at", "detail", "updated_at"])

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="event_has_a_title"),
            models.CheckConstraint(
                condition=Q(starts_on=None, ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="event_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(starts_time=None, ends_time=None)
                | Q(starts_time__isnull=False, ends_time__isnull=False, starts_on__isnull=False),
                name="event_has_both_times",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="event_lies_on_earth",
            ),
            models.CheckConstraint(
                condition=~Q(registration_by="elsewhere") | ~Q(registration_url=""),
                name="event_registration_has_an_address",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["announced", "running", "done"]) | Q(starts_on__isnull=False),
                name="event_announced_has_a_day",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="event_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-starts_at", "-id"], name="event_newest"),
            models.Index(fields=["status", "starts_at"], name="event_status"),
            models.Index(fields=["updated_at"], name="event_updated"),  # for updated_since of the API
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.title)[:200]
        super().save(*args, **kwargs)

    @property
    def is_for_everybody(self) -> bool:
        """It has a public page: the same as ``queries.public.shown`` says in SQL."""
        told = self.status in (Status.ANNOUNCED, Status.RUNNING, Status.DONE) or (
            self.status == Status.CANCELLED and self.announced_at is not None
        )
        return told and self.visibility == Visibility.PUBLIC

    @property
    def is_ahead(self) -> bool:
        """It will happen, or does."""
        return self.status in AHEAD


class EventLink(models.Model):
    """An address that belongs to an event: a survey, materials, a notes pad, a recording."""

    class Kind(models.TextChoices):
        """What stands there."""

        SURVEY_BEFORE = "survey_before", _("survey before")
        SURVEY_AFTER = "survey_after", _("survey after")
        SURVEY_LATER = "survey_later", _("survey months later")
        MATERIALS = "materials", _("materials")
        NOTES = "notes", _("notes pad")
        RECORDING = "recording", _("recording")
        MEETING = "meeting", _("online meeting")
        OTHER = "other", _("something else")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(_("what"), max_length=14, choices=Kind.choices)
    label = models.CharField(_("label"), max_length=120, blank=True)
    url = models.URLField(_("address"), max_length=1000)
    is_public = models.BooleanField(
        _("on the public page"), default=False, help_text=_("Otherwise only those who take part get it.")
    )
    audience = models.CharField(
        _("who gets it"), max_length=10, choices=Audience.choices, blank=True, default=Audience.EVERYBODY
    )
    #: Whose address it has, where it was given by itself.
    survey = models.ForeignKey(
        Survey, on_delete=models.SET_NULL, null=True, blank=True, related_name="links", editable=False
    )
    results = models.PositiveIntegerField(
        _("answers that came in"), null=True, blank=True, help_text=_("Of a survey.")
    )

    history = audit.history()

    class Meta:
        ordering = ["event", "kind", "pk"]
        verbose_name = _("link of an event")
        verbose_name_plural = _("links of events")
        constraints = [
            models.CheckConstraint(condition=~Q(url=""), name="eventlink_has_an_address"),
            models.UniqueConstraint(fields=["event", "kind", "url"], name="eventlink_once"),
        ]

    def __str__(self) -> str:
        return self.label or str(self.get_kind_display())


class Session(models.Model):
    """A part of an event's programme: a talk, a lesson, a round table, a break."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(_("title"), max_length=200)
    abstract = models.TextField(_("abstract"), blank=True, help_text=_("Markdown."))
    track = models.CharField(_("track"), max_length=80, blank=True)
    room = models.CharField(_("room"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("to"), null=True, blank=True)
    #: Stays the same in calendars and schedules, whatever else changes.
    uid = models.CharField(max_length=40, unique=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["updated_at"])

    class Meta:
        ordering = ["event", F("starts_at").asc(nulls_last=True), "room", "pk"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="eventsession_has_a_title"),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at")),
                name="eventsession_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.title
