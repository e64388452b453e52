"""What trainees have to do, and how far each of them is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.events import Event
from folkmoot.training.models.programmes import EventKind, Programme


class Requirement(models.Model):
    """Something that a trainee does on the way to a badge: a training, a welcome session, a demonstration."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(
        _("description"), blank=True, help_text=_("What trainees read: what to do, and where.")
    )
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requirements",
        verbose_name=_("programme"),
    )
    needs_event = models.BooleanField(
        _("is a training"),
        default=False,
        help_text=_("An event belongs to it; what else is due counts from the end of that event."),
    )
    event_kind = models.ForeignKey(
        EventKind,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requirements",
        verbose_name=_("kind of event"),
        help_text=_("Whoever learns at such an event is a trainee. Empty: only who has some progress."),
    )
    needs_url = models.BooleanField(_("needs an address"), default=False)
    needs_date = models.BooleanField(_("needs a day"), default=False)
    needs_note = models.BooleanField(_("needs a note"), default=False)
    due_days = models.PositiveSmallIntegerField(
        _("days to do it in"),
        null=True,
        blank=True,
        help_text=_("Counted from the end of the training. Empty: whenever."),
    )
    is_own = models.BooleanField(
        _("trainees submit it themselves"),
        default=False,
        help_text=_("On their own page; somebody then evaluates it."),
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="requirement_has_a_name"),
            models.CheckConstraint(
                condition=Q(needs_event=True) | Q(event_kind=None), name="requirement_kind_of_training"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Involvement(models.Model):
    """One of several ways to meet a requirement: a contribution on GitHub, teaching, a community call."""

    requirement = models.ForeignKey(
        Requirement,
        on_delete=models.PROTECT,
        related_name="involvements",
        verbose_name=_("requirement"),
    )
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    needs_url = models.BooleanField(_("needs an address"), default=False)
    needs_date = models.BooleanField(_("needs a day"), default=False)
    needs_note = models.BooleanField(_("needs a note"), default=False)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("way to get involved")
        verbose_name_plural = _("ways to get involved")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="involvement_has_a_name")]

    def __str__(self) -> str:
        return self.name


class ProgressState(models.TextChoices):
    """How far somebody is with a requirement."""

    OPEN = "open", _("to do")
    SUBMITTED = "submitted", _("not evaluated yet")
    PASSED = "passed", _("passed")
    FAILED = "failed", _("failed")
    REPEAT = "repeat", _("asked to repeat")


#: Nobody has decided about these.
UNDECIDED = (ProgressState.OPEN, ProgressState.SUBMITTED)


class Progress(models.Model):
    """One try of one person at one requirement. Tries stay: the newest says how it stands, unless one was passed."""

    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="progress", verbose_name=_("person")
    )
    requirement = models.ForeignKey(
        Requirement, on_delete=models.PROTECT, related_name="progress", verbose_name=_("requirement")
    )
    involvement = models.ForeignKey(
        Involvement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="progress",
        verbose_name=_("how"),
    )
    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="progress",
        verbose_name=_("training"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ProgressState.choices, default=ProgressState.SUBMITTED
    )
    happened_on = models.DateField(_("day"), null=True, blank=True)
    due_on = models.DateField(
        _("due"),
        null=True,
        blank=True,
        help_text=_(
            "Until when this requirement is to be met. Empty: reckoned from the end of the training."
        ),
    )
    url = models.URLField(_("address"), max_length=1000, blank=True)
    own_note = models.TextField(_("their note"), blank=True)
    note = models.TextField(_("note of the staff"), blank=True)
    #: When they sent it themselves; empty for what was entered for them.
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    evaluated_at = models.DateTimeField(null=True, blank=True, editable=False)
    evaluated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("evaluated by"),
    )
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    external_id = models.CharField(max_length=320, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["updated_at"])

    class Meta:
        ordering = ["person", "requirement", "created_at", "pk"]
        verbose_name = _("progress")
        verbose_name_plural = _("progresses")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "requirement", "event"],
                condition=Q(event__isnull=False),
                name="progress_once_at_a_training",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="progress_once_per_source",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "submitted"]) | Q(evaluated_at__isnull=False),
                name="progress_evaluated_at_some_time",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "requirement", "state"], name="progress_of_person"),
            models.Index(fields=["requirement", "state", "person"], name="progress_state"),
            models.Index(fields=["updated_at"], name="progress_updated"),  # for updated_since of the API
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.requirement}"
