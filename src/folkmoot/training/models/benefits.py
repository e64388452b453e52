"""What agreements may give, as rows a coordinator edits: benefits, tiers, and for what somebody is a contact."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.training.models.programmes import EventKind

#: Days after its end in which an agreement's codes still open a door, unless the agreement says otherwise.
GRACE = 90


def fold_code(text: str) -> str:
    """A code for comparing: whatever its case, spaces left out."""
    return "".join(fold(text).split())


def later(day: dt.date, days: int) -> dt.date:
    """So many days later, or the last day that there is."""
    return dt.date.fromordinal(min(day.toordinal() + days, dt.date.max.toordinal()))


class AgreementKind(models.TextChoices):
    """What the other side is."""

    MEMBER = "member", _("member")
    PARTNER = "partner", _("partner")


class Standing(models.TextChoices):
    """Where an agreement stands; it follows from its days."""

    PLANNED = "planned", _("to begin")
    RUNNING = "running", _("runs")
    GRACE = "grace", _("in its days of grace")
    OVER = "over", _("over")


class Counts(models.TextChoices):
    """What a benefit is counted in."""

    SEAT = "seat", _("seats: places of learners at events")
    EVENT = "event", _("events, such as workshops")
    CREDIT = "credit", _("credits: for seats or events, by their price")


class Place(models.TextChoices):
    """Where a seat is."""

    ANY = "", _("public or in-house")
    PUBLIC = "public", _("public: at an event with learners from many organisations")
    IN_HOUSE = "in-house", _("in-house: at an event for their own people")


class BenefitKind(models.Model):
    """Something that agreements give, and how it is counted."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    counts = models.CharField(_("counted in"), max_length=6, choices=Counts.choices, default=Counts.SEAT)
    place = models.CharField(
        _("seats are"), max_length=8, choices=Place.choices, blank=True, default=Place.ANY
    )
    event_kind = models.ForeignKey(
        EventKind,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="benefits",
        verbose_name=_("only for events of the kind"),
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="benefitkind_has_a_name"),
            models.CheckConstraint(
                condition=Q(place="") | Q(counts="seat"), name="benefitkind_place_of_seats_only"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tier(models.Model):
    """A level of agreements, and what such an agreement gives to begin with."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(
        _("for"), max_length=8, choices=[("", _("members and partners")), *AgreementKind.choices], blank=True
    )
    description = models.TextField(_("description"), blank=True)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="tier_has_a_name")]

    def __str__(self) -> str:
        return self.name


class TierBenefit(models.Model):
    """How much of a benefit a new agreement of a tier gives."""

    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="benefits")
    benefit = models.ForeignKey(BenefitKind, on_delete=models.PROTECT, related_name="tiers")
    amount = models.PositiveIntegerField(_("how many"))

    history = audit.history()

    class Meta:
        ordering = ["tier", "benefit__order", "pk"]
        verbose_name = _("benefit of a tier")
        verbose_name_plural = _("benefits of tiers")
        constraints = [models.UniqueConstraint(fields=["tier", "benefit"], name="tierbenefit_once")]

    def __str__(self) -> str:
        return f"{self.benefit}: {self.amount}"


class ContactRole(models.Model):
    """What somebody is for an agreement: main contact, signatory, coordinator of workshops, billing, programmes."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    sees_people = models.BooleanField(
        _("sees who got seats"),
        default=False,
        help_text=_("Names of learners, on the page of their own agreement."),
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("role of contacts")
        verbose_name_plural = _("roles of contacts")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="contactrole_has_a_name")]

    def __str__(self) -> str:
        return self.name
