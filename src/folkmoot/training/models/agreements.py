"""Agreements with members and partners: what they give, what used it, who speaks for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit, clock
from folkmoot.training.models.benefits import (
    GRACE,
    AgreementKind,
    BenefitKind,
    ContactRole,
    Standing,
    Tier,
    fold_code,
    later,
)
from folkmoot.training.models.events import Event
from folkmoot.training.models.parts import Task
from folkmoot.training.models.programmes import Curriculum


class Given(models.TextChoices):
    """What the other side gives."""

    NONE = "", _("not said")
    FINANCIAL = "financial", _("money")
    PERSON_DAYS = "person-days", _("days of work")
    OTHER = "other", _("something else")


class Agreement(models.Model):
    """What was agreed with a member or a partner, from a day to a day.

    :attr:`organization` is the main party, and there is always exactly one; the other members of a consortium are
    :class:`AgreementParty` rows. :attr:`last_day` and :attr:`grace_until` are reckoned when it is saved.
    """

    kind = models.CharField(
        _("kind"), max_length=8, choices=AgreementKind.choices, default=AgreementKind.MEMBER
    )
    organization = models.ForeignKey(
        "people.Organization",
        on_delete=models.PROTECT,
        related_name="agreements",
        verbose_name=_("organisation"),
    )
    consortium = models.CharField(
        _("name of the consortium"),
        max_length=200,
        blank=True,
        help_text=_("Where several organisations hold it together. Empty: it bears the organisation’s name."),
    )
    tier = models.ForeignKey(
        Tier, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("tier")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), help_text=_("As agreed; extensions are added to it."))
    extended_days = models.PositiveIntegerField(default=0, editable=False)
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=GRACE, help_text=_("So long after its end its codes still hold.")
    )
    last_day = models.DateField(editable=False)
    grace_until = models.DateField(editable=False)
    contribution = models.CharField(
        _("what they give"), max_length=12, choices=Given.choices, blank=True, default=Given.NONE
    )
    is_public = models.BooleanField(
        _("in the public list"), default=False, help_text=_("With name, tier and days, while it runs.")
    )
    document_url = models.URLField(_("address of the document"), max_length=1000, blank=True)
    #: The agreement that this one continues.
    renews = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="renewal",
        editable=False,
        verbose_name=_("continues"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("whose it is"),
    )
    note = models.TextField(_("note"), blank=True, help_text=_("Only those who run training read it."))
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    external_id = models.CharField(max_length=320, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["updated_at"])

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="agreement_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("ends_on"), grace_until__gte=F("last_day")),
                name="agreement_lasts_as_long_as_agreed",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="agreement_once"
            ),
        ]
        indexes = [
            models.Index(fields=["last_day", "id"], name="agreement_last_day"),
            models.Index(fields=["updated_at"], name="agreement_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} ({self.tier}, {self.starts_on:%Y-%m} – {self.last_day or self.ends_on:%Y-%m})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.last_day = self.reckon_last_day()
        self.grace_until = self.reckon_grace()
        super().save(*args, **kwargs)

    @property
    def holder(self) -> str:
        """Who holds it: the consortium, or the organisation."""
        return self.consortium or self.organization.name

    def reckon_last_day(self) -> dt.date:
        """The day agreed on, and the days by which it was extended."""
        return later(self.ends_on, self.extended_days)

    def reckon_grace(self) -> dt.date:
        """Until when its codes hold."""
        return later(self.reckon_last_day(), self.grace_days)

    def standing_on(self, day: dt.date) -> Standing:
        """Where it stands on a day."""
        if day < self.starts_on:
            return Standing.PLANNED
        if day <= self.last_day:
            return Standing.RUNNING
        return Standing.GRACE if day <= self.grace_until else Standing.OVER

    @property
    def standing(self) -> Standing:
        """Where it stands today."""
        return self.standing_on(clock.today())


class AgreementParty(models.Model):
    """Another organisation that holds an agreement together with the main one: a member of a consortium."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="parties")
    organization = models.ForeignKey(
        "people.Organization",
        on_delete=models.PROTECT,
        related_name="agreement_parties",
        verbose_name=_("organisation"),
    )

    history = audit.history()

    class Meta:
        ordering = ["agreement", "organization__folded", "pk"]
        verbose_name = _("member of a consortium")
        verbose_name_plural = _("members of consortia")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "organization"], name="agreementparty_once")
        ]

    def __str__(self) -> str:
        return str(self.organization)


class Extension(models.Model):
    """Days by which an agreement was made longer."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="extensions")
    days = models.PositiveIntegerField(_("days"))
    reason = models.CharField(_("why"), max_length=300)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["agreement", "made_at", "pk"]
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        constraints = [
            models.CheckConstraint(condition=Q(days__gt=0), name="extension_has_days"),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.days)


class AgreementContact(models.Model):
    """Somebody who speaks for the other side of an agreement."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="contacts")
    person = models.ForeignKey(
        "people.Person",
        on_delete=models.PROTECT,
        related_name="agreement_contacts",
        verbose_name=_("person"),
    )
    role = models.ForeignKey(
        ContactRole, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("role")
    )

    history = audit.history()

    class Meta:
        ordering = ["agreement", "role__order", "pk"]
        verbose_name = _("contact of an agreement")
        verbose_name_plural = _("contacts of agreements")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "person", "role"], name="agreementcontact_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.role}"


class Allowance(models.Model):
    """How much of a benefit an agreement gives. What is left is reckoned: see ``queries.allowances``."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="allowances")
    benefit = models.ForeignKey(
        BenefitKind, on_delete=models.PROTECT, related_name="allowances", verbose_name=_("benefit")
    )
    granted = models.PositiveIntegerField(_("as agreed"), default=0)
    added = models.PositiveIntegerField(
        _("added since"), default=0, help_text=_("Bought or given beside the agreement.")
    )
    rolled = models.PositiveIntegerField(
        _("taken over"), default=0, help_text=_("From the agreement before.")
    )
    rolled_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="rolled_into",
        editable=False,
    )
    starts_on = models.DateField(
        _("from"), null=True, blank=True, help_text=_("Empty: the agreement’s first day.")
    )
    ends_on = models.DateField(
        _("to"), null=True, blank=True, help_text=_("Empty: the agreement’s last day and its days of grace.")
    )
    curriculum = models.ForeignKey(
        Curriculum,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="allowances",
        verbose_name=_("only for the curriculum"),
    )
    is_frozen = models.BooleanField(
        _("frozen"), default=False, help_text=_("Nothing more is taken from it; what was taken stays.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    history = audit.history()

    class Meta:
        ordering = ["agreement", "benefit__order", "pk"]
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="allowance_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return str(self.benefit)

    @property
    def total(self) -> int:
        """All that was ever given."""
        return self.granted + self.added + self.rolled

    def holds_on(self, day: dt.date) -> bool:
        """Whether something may be taken from it on a day; the agreement is read beforehand."""
        first = self.starts_on or self.agreement.starts_on
        last = self.ends_on or self.agreement.grace_until
        return first <= day <= last


class RegistrationCode(models.Model):
    """A code that opens an agreement, or one allowance of it: no two are the same, whatever they open."""

    text = models.CharField(_("code"), max_length=60)
    folded = models.CharField(max_length=60, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="codes")
    #: Empty: the code of the agreement itself.
    allowance = models.OneToOneField(
        Allowance, on_delete=models.CASCADE, null=True, blank=True, related_name="code"
    )

    history = audit.history(excluded_fields=["folded"])

    class Meta:
        ordering = ["agreement", "pk"]
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        constraints = [
            models.CheckConstraint(condition=~Q(folded=""), name="registrationcode_says_something"),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(allowance=None), name="registrationcode_one_of_agreement"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold_code(self.text)[:60]
        super().save(*args, **kwargs)


class Use(models.Model):
    """What took something from an allowance: an event, or the seat of a learner.

    Whether it counts is never stored: a use of an event that was cancelled, or of a learner who withdrew or declined,
    counts for nothing, and counts again once that is taken back. Without an allowance it is an open seat.
    """

    allowance = models.ForeignKey(
        Allowance,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="uses",
        verbose_name=_("allowance"),
    )
    event = models.OneToOneField(
        Event,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="use",
        verbose_name=_("event"),
    )
    task = models.OneToOneField(
        Task, on_delete=models.CASCADE, null=True, blank=True, related_name="use", verbose_name=_("learner")
    )
    amount = models.PositiveIntegerField(_("how many"), default=1)
    is_in_house = models.BooleanField(_("in-house"), default=False)
    #: Why it was given although nothing was left, or the days were over.
    reason = models.CharField(_("why beyond"), max_length=300, blank=True)
    given_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-given_at", "-pk"]
        verbose_name = _("use of an allowance")
        verbose_name_plural = _("uses of allowances")
        constraints = [
            models.CheckConstraint(
                condition=Q(event__isnull=False, task=None) | Q(event=None, task__isnull=False),
                name="use_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(allowance__isnull=False, amount__gt=0)
                | Q(allowance=None, task__isnull=False, amount=0, is_in_house=False),
                name="use_open_seat_costs_nothing",
            ),
        ]
        indexes = [models.Index(fields=["allowance", "event", "task"], name="use_of_allowance")]

    def __str__(self) -> str:
        return str(self.event or self.task)
