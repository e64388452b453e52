"""Addresses that get no mail, and what came back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.outbox.models.deliveries import Delivery


class Suppression(models.Model):
    """An address that gets no mail: none at all, or none of a topic. Lifted with a reason; kept as a row."""

    class Why(models.TextChoices):
        HARD = "hard", _("the address does not exist")
        SOFT = "soft", _("mail came back again and again")
        COMPLAINT = "complaint", _("reported as unwanted")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        MANUAL = "manual", _("entered by a person")

    #: Folded.
    address = models.CharField(_("address"), max_length=320)
    why = models.CharField(_("why"), max_length=12, choices=Why.choices)
    #: Only mail of this topic; empty: all that is not personal, or (bounces, complaints) all.
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    since = models.DateTimeField(default=timezone.now)
    #: Where it was learnt: ``mailbox``, a provider, ``unsubscribe``, ``person``, ``smtp``.
    source = models.CharField(max_length=40)
    words = models.CharField(_("note"), max_length=300, blank=True)
    delivery = models.ForeignKey(
        Delivery, on_delete=models.SET_NULL, null=True, blank=True, related_name="suppressions"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lifted_why = models.CharField(_("reason"), max_length=200, blank=True)

    history = audit.history()

    class Meta:
        ordering = ["-since", "-pk"]
        verbose_name = _("address without mail")
        verbose_name_plural = _("addresses without mail")
        constraints = [
            models.UniqueConstraint(
                fields=["address", "topic"], condition=Q(lifted_at=None), name="suppression_once"
            ),
            models.CheckConstraint(condition=~Q(address=""), name="suppression_has_an_address"),
            models.CheckConstraint(condition=Q(address=Lower(F("address"))), name="suppression_is_folded"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_why="") | Q(lifted_at__isnull=False) & ~Q(lifted_why=""),
                name="suppression_lifted_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Bounce(models.Model):
    """Something that came back about a mail of ours: each report once."""

    class Kind(models.TextChoices):
        HARD = "hard", _("does not exist")
        SOFT = "soft", _("not now")
        COMPLAINT = "complaint", _("unwanted")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="bounces")
    address = models.CharField(max_length=320)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=40)
    #: The same report has the same key.
    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("report of a mail that came back")
        verbose_name_plural = _("reports of mail that came back")
        indexes = [models.Index(fields=["address", "-at"], name="bounce_of_address")]

    def __str__(self) -> str:
        return f"{self.address}: {self.kind}"
