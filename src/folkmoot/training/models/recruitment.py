"""Finding people for events: openings, what is sought, who signed up; where people set out from."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from folkmoot.kernel import audit
from folkmoot.training.models.events import Event
from folkmoot.training.models.parts import Task
from folkmoot.training.models.programmes import TaskKind


class Priority(models.IntegerChoices):
    """How urgent an opening is."""

    LOW = 1, _("low")
    MEDIUM = 2, _("medium")
    HIGH = 3, _("high")


class RecruitmentRules(models.Model):
    """The limits that recruitment goes by: one row, which a coordinator edits."""

    online_medium = models.PositiveSmallIntegerField(_("online: medium priority from"), default=60)
    online_high = models.PositiveSmallIntegerField(_("online: high priority from"), default=30)
    in_person_medium = models.PositiveSmallIntegerField(_("in person: medium priority from"), default=90)
    in_person_high = models.PositiveSmallIntegerField(_("in person: high priority from"), default=60)
    clash_days = models.PositiveSmallIntegerField(
        _("warn of other events within"),
        default=14,
        help_text=_("Days before and after the event in which another one is named as a clash."),
    )
    near_days = models.PositiveSmallIntegerField(
        _("Today tells from"),
        default=30,
        validators=[MaxValueValidator(366)],
        help_text=_("Days before an event from which Today says that people are still missing."),
    )

    history = audit.history()

    class Meta:
        verbose_name = _("limits of recruitment")
        verbose_name_plural = _("limits of recruitment")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="recruitmentrules_one_row"),
            models.CheckConstraint(
                condition=Q(online_medium__gte=F("online_high")), name="recruitmentrules_online_in_order"
            ),
            models.CheckConstraint(
                condition=Q(in_person_medium__gte=F("in_person_high")),
                name="recruitmentrules_in_person_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> RecruitmentRules:
        """The row, or one with the usual limits where nobody changed them yet; one query."""
        return cls._default_manager.filter(pk=1).first() or cls(pk=1)


class OpeningState(models.TextChoices):
    """Whether people can sign up."""

    OPEN = "open", pgettext_lazy("opening", "open")
    CLOSED = "closed", _("closed")


class ClosedBecause(models.TextChoices):
    """Why an opening was closed."""

    NOT = "", _("it is open")
    FILLED = "filled", _("everybody is found")
    CANCELLED = "cancelled", _("the event is cancelled")
    BY_HAND = "by_hand", _("somebody closed it")


class Opening(models.Model):
    """An event for which people are sought; what is sought are its :class:`SoughtPart` rows."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="opening")
    state = models.CharField(
        _("state"), max_length=6, choices=OpeningState.choices, default=OpeningState.OPEN
    )
    closed_because = models.CharField(
        _("why it is closed"), max_length=9, choices=ClosedBecause.choices, blank=True, default=""
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    #: Empty: reckoned from the days to the start.
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        choices=Priority.choices,
        null=True,
        blank=True,
        help_text=_("Empty: reckoned from the days to the start."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="openings",
        verbose_name=_("assigned to"),
    )
    text = models.TextField(
        _("what candidates read"), blank=True, help_text=_("Markdown: travel, what is taught, who comes.")
    )
    note = models.TextField(_("note"), blank=True, help_text=_("Only for those who run events."))
    opened_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["updated_at"])

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_because="", closed_at=None)
                | (Q(state="closed", closed_at__isnull=False) & ~Q(closed_because="")),
                name="opening_closed_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "event"], name="opening_state")]

    def __str__(self) -> str:
        return str(self.event)

    @property
    def is_open(self) -> bool:
        """People can sign up, as far as the opening itself goes."""
        return self.state == OpeningState.OPEN


class SoughtPart(models.Model):
    """How many people an opening seeks for one part."""

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="sought")
    kind = models.ForeignKey(
        TaskKind, on_delete=models.PROTECT, related_name="sought", verbose_name=_("part")
    )
    number = models.PositiveSmallIntegerField(
        _("how many"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    history = audit.history()

    class Meta:
        ordering = ["opening", "kind__order", "kind", "pk"]
        verbose_name = _("part that is sought")
        verbose_name_plural = _("parts that are sought")
        constraints = [
            models.UniqueConstraint(fields=["opening", "kind"], name="soughtpart_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=100), name="soughtpart_some"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.number}"


class SignUpState(models.TextChoices):
    """What became of somebody's wish to take a part."""

    PENDING = "pending", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class SignUp(models.Model):
    """Somebody's wish to take a part that an opening seeks; once accepted, :attr:`task` is their part in the event."""

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="sign_ups")
    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="sign_ups", verbose_name=_("person")
    )
    kind = models.ForeignKey(
        TaskKind, on_delete=models.PROTECT, related_name="sign_ups", verbose_name=_("part")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=SignUpState.choices, default=SignUpState.PENDING
    )
    interest = models.TextField(_("what they say"), blank=True)
    note = models.TextField(_("note"), blank=True, help_text=_("Only for those who run events."))
    #: They signed up themselves; otherwise somebody who runs events did.
    is_own = models.BooleanField(_("signed up themselves"), default=False)
    signed_up_at = models.DateTimeField(_("signed up"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who decided"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    task = models.OneToOneField(
        Task, on_delete=models.SET_NULL, null=True, blank=True, related_name="sign_up", editable=False
    )

    history = audit.history()

    class Meta:
        ordering = ["opening", "signed_up_at", "pk"]
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        constraints = [
            models.UniqueConstraint(fields=["opening", "person", "kind"], name="signup_once"),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at=None)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="signup_decided_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "signed_up_at"], name="signup_waiting"),
            models.Index(fields=["person", "state"], name="signup_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.kind}"


class TeachingProfile(models.Model):
    """What somebody says of themselves for events: where they set out from, in which languages they teach."""

    person = models.OneToOneField(
        "people.Person", on_delete=models.CASCADE, related_name="teaching_profile", verbose_name=_("person")
    )
    #: The code of IATA, such as LBA; empty: the place is no airport.
    airport = models.CharField(_("airport"), max_length=3, blank=True)
    #: As it is shown: "Leeds, GB".
    place = models.CharField(_("place"), max_length=200, blank=True)
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    #: The place as a point of a ball with the radius 1: distances then need no trigonometry in the database, and
    #: neither ±180° nor the poles are special. Reckoned by ``save``.
    x = models.FloatField(null=True, blank=True, editable=False)
    y = models.FloatField(null=True, blank=True, editable=False)
    z = models.FloatField(null=True, blank=True, editable=False)
    #: Codes of BCP 47, such as ``["en", "es"]``.
    languages = models.JSONField(_("languages"), default=list, blank=True)
    #: ``,en,es,``: what the finder looks into.
    languages_key = models.CharField(max_length=300, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["x", "y", "z", "languages_key", "updated_at"])

    class Meta:
        verbose_name = _("profile for teaching")
        verbose_name_plural = _("profiles for teaching")
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None, x=None, y=None, z=None)
                | Q(
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                    x__isnull=False,
                    y__isnull=False,
                    z__isnull=False,
                ),
                name="teachingprofile_lies_on_earth",
            ),
        ]
        indexes = [models.Index(fields=["z"], name="teachingprofile_z")]

    def __str__(self) -> str:
        return self.place or str(self.person)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.reckon()
        super().save(*args, **kwargs)

    def reckon(self) -> None:
        """Set what follows from the other fields; for ``save`` and for bulk writers."""
        self.x, self.y, self.z = None, None, None
        if self.latitude is not None and self.longitude is not None:
            self.x, self.y, self.z = unit_vector(self.latitude, self.longitude)
        codes = [str(code).lower() for code in self.languages]
        self.languages_key = f",{','.join(codes)},"[:300] if codes else ""


def unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    """A place on Earth, given in degrees, as a point of a ball with the radius 1."""
    phi, lam = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)
