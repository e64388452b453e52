"""Who takes which part in an event, and how they come to it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.training.models.events import Event, Session
from folkmoot.training.models.programmes import TaskKind


class TaskState(models.TextChoices):
    """Whether somebody takes the part."""

    INVITED = "invited", _("asked")
    CONFIRMED = "confirmed", _("takes part")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: Parts that somebody takes or may yet.
TAKEN = (TaskState.INVITED, TaskState.CONFIRMED)


class Task(models.Model):
    """A person's part in an event, or in one session of it."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="tasks")
    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="tasks", verbose_name=_("person")
    )
    kind = models.ForeignKey(TaskKind, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("part"))
    session = models.ForeignKey(
        Session,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("session"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=TaskState.choices, default=TaskState.CONFIRMED
    )
    #: Empty: nobody noted it.
    attended = models.BooleanField(_("was there"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    external_id = models.CharField(max_length=320, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["updated_at"])

    class Meta:
        ordering = ["event", "kind", "pk"]
        verbose_name = _("part in an event")
        verbose_name_plural = _("parts in events")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person", "kind"], condition=Q(session=None), name="task_once"
            ),
            models.UniqueConstraint(
                fields=["session", "person", "kind"],
                condition=Q(session__isnull=False),
                name="task_once_in_a_session",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="task_once_per_source"
            ),
        ]
        indexes = [
            models.Index(fields=["event", "kind", "state"], name="task_of_event"),
            models.Index(fields=["updated_at"], name="task_updated"),  # for updated_since of the API
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.kind}"

    @property
    def is_taken(self) -> bool:
        """They take the part, or may yet."""
        return self.state in TAKEN


class Question(models.Model):
    """What people are asked when they register for an event."""

    class Kind(models.TextChoices):
        """How it is answered."""

        LINE = "line", _("a line")
        TEXT = "text", _("a text")
        ONE = "one", _("one of several")
        SOME = "some", _("any of several")
        YES = "yes", _("yes or no")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(_("question"), max_length=300)
    kind = models.CharField(_("answered by"), max_length=4, choices=Kind.choices, default=Kind.LINE)
    #: One choice each, for the kinds that have choices.
    choices = models.JSONField(_("choices"), default=list, blank=True)
    help = models.CharField(_("explanation"), max_length=300, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=False)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    #: Asked no more; answers that were given stay.
    is_archived = models.BooleanField(_("not asked any more"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["event", "position", "pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="eventquestion_asks_something")]

    def __str__(self) -> str:
        return self.text


class RegistrationState(models.TextChoices):
    """Where somebody's wish for a place stands."""

    UNPROVEN = "unproven", _("waits for a click in a mail")
    WAITING = "waiting", _("on the waiting list")
    CONFIRMED = "confirmed", _("has a place")
    CANCELLED = "cancelled", _("cancelled")


class Registration(models.Model):
    """Somebody's wish for a place at an event, as they sent it.

    Only a click in a mail to their address proves it; then a record of the register is found by the proven address or
    made, and a confirmed registration has the :class:`Task` of somebody who takes part.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), max_length=320)
    email_folded = models.CharField(max_length=320, editable=False)
    affiliation = models.CharField(_("organisation"), max_length=200, blank=True)
    #: Number of the question (as text) to the answer: text, list of texts, or true and false.
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    needs = models.TextField(_("what would help you to take part"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=RegistrationState.choices, default=RegistrationState.UNPROVEN
    )
    person = models.ForeignKey(
        "people.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registrations",
        verbose_name=_("person"),
    )
    task = models.OneToOneField(
        Task, on_delete=models.SET_NULL, null=True, blank=True, related_name="registration"
    )
    #: The language they read, for mails.
    language = models.CharField(max_length=12, default="en")
    registered_at = models.DateTimeField(default=timezone.now)
    #: When the click came.
    proven_at = models.DateTimeField(null=True, blank=True)
    #: Since when they wait: the order of the waiting list. Whoever is moved up gets an earlier moment.
    queued_at = models.DateTimeField(null=True, blank=True)
    #: When the state became what it is.
    decided_at = models.DateTimeField(null=True, blank=True)
    #: Why they have no place, as they were told.
    reason = models.CharField(_("why"), max_length=300, blank=True)

    history = audit.history(excluded_fields=["email_folded"])

    class Meta:
        ordering = ["event", "registered_at", "pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="registration_has_a_name"),
            models.CheckConstraint(condition=~Q(email=""), name="registration_has_an_address"),
            models.UniqueConstraint(
                fields=["event", "email_folded"],
                condition=~Q(state="cancelled"),
                name="registration_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["unproven", "cancelled"]) | Q(proven_at__isnull=False),
                name="registration_proven_first",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(queued_at__isnull=False), name="registration_waits_since"
            ),
        ]
        indexes = [models.Index(fields=["event", "state", "queued_at"], name="registration_waiting")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email_folded = fold(self.email)[:320]
        super().save(*args, **kwargs)


class Certificate(models.Model):
    """That somebody took a part, or was awarded a badge, for them to show: what it says is frozen when it is issued."""

    #: In its public address; nobody guesses it.
    code = models.CharField(max_length=40, unique=True, editable=False)
    task = models.ForeignKey(
        Task, on_delete=models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    #: Where two people who have the same badge become one, the second award is laid aside with its certificates.
    award = models.ForeignKey(
        "training.Award", on_delete=models.CASCADE, null=True, blank=True, related_name="certificates"
    )
    #: The SVG's facts: name, event, part, days, hours, who issued it.
    facts = models.JSONField(default=dict)
    #: The pattern as it was, so that the certificate never looks different.
    svg = models.TextField()
    issued_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(_("why"), max_length=300, blank=True)

    history = audit.history(excluded_fields=["svg"])

    class Meta:
        ordering = ["-issued_at", "-pk"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(revoked_because=""), name="certificate_revoked_with_reason"
            ),
            models.UniqueConstraint(fields=["task"], condition=Q(revoked_at=None), name="certificate_once"),
            models.UniqueConstraint(
                fields=["award"], condition=Q(revoked_at=None), name="certificate_once_of_an_award"
            ),
            models.CheckConstraint(
                condition=Q(task=None, award__isnull=False) | Q(task__isnull=False, award=None),
                name="certificate_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.facts.get("name") or self.code)
