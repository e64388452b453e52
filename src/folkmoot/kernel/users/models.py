"""Invitations, rights lent while somebody is away, and the log of rights and sign-ins."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.permissions.areas import Area, Level


class Invitation(models.Model):
    """Somebody was asked by mail to sign in here, with rights that they have from the start.

    Only a hash of the link's token is kept: whoever reads the database cannot use it.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True)
    #: Area to level, both as stored in a Grant.
    levels = models.JSONField(default=dict)
    message = models.TextField(_("message"), blank=True, max_length=2000)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_one_open_per_email",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_open(self) -> bool:
        """Neither accepted nor withdrawn; it may have run out."""
        return self.accepted_at is None and self.withdrawn_at is None

    def has_run_out(self, now: dt.datetime) -> bool:
        """Its days are over."""
        return self.expires_at <= now

    @property
    def rights(self) -> list[tuple[Any, Any]]:
        """Area and level in words, in the order of the areas."""
        return [(area.label, Level(self.levels[area]).label) for area in Area if area in self.levels]


class Delegation(models.Model):
    """While ``from_user`` is away, ``to_user`` holds their levels in some areas.

    The days are those of ``zone``, both in; ``starts_at`` and ``ends_at`` are the same in UTC.
    """

    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegations_given"
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegations_held"
    )
    areas = models.JSONField(default=list)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        ordering = ["first_day", "pk"]
        indexes = [models.Index(fields=["to_user", "ends_at"], name="delegation_held")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="delegation_days_in_order"
            ),
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="delegation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.from_user} → {self.to_user}: {self.first_day} – {self.last_day}"

    def set_instants(self) -> None:
        """Reckon ``starts_at`` and ``ends_at`` from the days and the zone."""
        zone = ZoneInfo(self.zone)
        after = self.last_day + dt.timedelta(days=1)
        self.starts_at = dt.datetime(
            self.first_day.year, self.first_day.month, self.first_day.day, tzinfo=zone
        ).astimezone(dt.UTC)
        self.ends_at = dt.datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(dt.UTC)

    def holds(self, now: dt.datetime) -> bool:
        """It is in force."""
        return self.ended_at is None and self.starts_at <= now < self.ends_at

    @property
    def area_names(self) -> list[Any]:
        """The areas in words, in their order."""
        return [area.label for area in Area if area in self.areas]


def lent_now(now: dt.datetime, *, prefix: str = "") -> Q:
    """The condition under which a delegation is in force; ``prefix`` leads to it from another model."""
    return Q(
        **{
            f"{prefix}starts_at__lte": now,
            f"{prefix}ends_at__gt": now,
            f"{prefix}ended_at__isnull": True,
            f"{prefix}from_user__is_active": True,
        }
    )


class RightsEventKind(models.TextChoices):
    """What the log of rights tells."""

    RIGHT = "right", _("Right changed")
    INVITED = "invited", _("Invited")
    INVITED_AGAIN = "invited_again", _("Invitation sent again")
    WITHDRAWN = "withdrawn", _("Invitation withdrawn")
    ACCEPTED = "accepted", _("Invitation accepted")
    ADDED = "added", _("Account made")
    SWITCHED_OFF = "switched_off", _("Account switched off")
    SWITCHED_ON = "switched_on", _("Account switched on")
    LENT = "lent", _("Rights lent")
    LENDING_ENDED = "lending_ended", _("Lending ended")
    SIGNED_IN = "signed_in", _("Signed in")
    REFUSED = "refused", _("Sign-in refused")
    SIGNED_OUT_ELSEWHERE = "signed_out_elsewhere", _("Session ended")
    PASSWORD = "password", _("Password changed")
    SECOND_STEP_ON = "second_step_on", _("Second step added")
    SECOND_STEP_OFF = "second_step_off", _("Second step removed")
    LINKED = "linked", _("Other account linked")
    UNLINKED = "unlinked", _("Other account unlinked")
    TOKEN_MADE = "token_made", _("API token made")
    TOKEN_REVOKED = "token_revoked", _("API token revoked")


class RightsEvent(models.Model):
    """Who did what about whose rights or sign-in, when. Rows are only added."""

    kind = models.CharField(max_length=24, choices=RightsEventKind.choices)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    #: Nobody: the command line.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="rights_events"
    )
    area = models.CharField(max_length=20, blank=True)
    before = models.PositiveSmallIntegerField(null=True)
    after = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["subject", "-at"], name="rightsevent_of_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"
