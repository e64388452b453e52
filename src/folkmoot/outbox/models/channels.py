"""Ways out of the house, and the one switch for all of them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import Access, Connector, connectors
from folkmoot.kernel import audit, clock
from folkmoot.kernel.ops.redact import hide
from folkmoot.kernel.secrets import EncryptedField


class Channel(models.Model):
    """One way out: a mail server, later an account on a platform."""

    #: Key of a connector.
    kind = models.CharField(_("kind"), max_length=40)
    name = models.CharField(_("name"), max_length=100)
    #: What the connector asks for, but secrets.
    settings = models.JSONField(default=dict, blank=True)
    #: The secrets, as JSON text.
    secrets = EncryptedField(blank=True, default="")
    #: Taken where nobody chose another of the same medium.
    is_default = models.BooleanField(_("the usual one"), default=False)
    medium = models.CharField(max_length=20, default="mail")
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(_("why"), max_length=200, blank=True)
    paused_by = models.ForeignKey(
        audit.USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: Messages a minute at most; empty: as fast as it goes.
    per_minute = models.PositiveIntegerField(_("messages a minute"), null=True, blank=True)
    #: What may leave now under that limit, reckoned at ``tokens_at``.
    tokens = models.FloatField(default=0.0, editable=False)
    tokens_at = models.DateTimeField(default=timezone.now, editable=False)
    #: Nothing leaves before this moment: the other side asked to wait, or failed.
    held_until = models.DateTimeField(null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    failing_words = models.CharField(max_length=500, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    #: How far its mailbox was read.
    mailbox_cursor = models.JSONField(default=dict, blank=True, editable=False)
    mailbox_failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    mailbox_failing_words = models.CharField(max_length=500, blank=True, editable=False)
    #: What its server last said of itself (limits), and when.
    facts = models.JSONField(default=dict, blank=True, editable=False)
    facts_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: When its access has to be renewed, and when only a person can (UTC): from then on nothing leaves.
    renew_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Who renews it now, and until when nobody else does.
    renewing_by = models.CharField(max_length=200, blank=True, editable=False)
    renewing_until = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    #: Of this object, not of the row: until when what was claimed with it waits.
    rests_until: dt.datetime | None = None

    history = audit.history(
        excluded_fields=[
            *("secrets", "tokens", "tokens_at", "held_until", "mailbox_cursor"),
            *("failing_since", "failing_words", "failures"),
            *("facts", "facts_at", "renew_at", "renewing_by", "renewing_until"),
            *("mailbox_failing_since", "mailbox_failing_words"),
        ]
    )

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="channel_once"),
            models.CheckConstraint(condition=~Q(name=""), name="channel_has_a_name"),
            models.UniqueConstraint(
                fields=["medium"], condition=Q(is_default=True), name="channel_one_default"
            ),
            models.CheckConstraint(
                condition=Q(per_minute=None) | Q(per_minute__gte=1), name="channel_rate_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None, paused_why="") | Q(paused_at__isnull=False) & ~Q(paused_why=""),
                name="channel_paused_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(is_default=False), name="channel_default_is_in_use"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def must_connect(self) -> bool:
        """Its access is over, and only a person can connect it anew."""
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def connector(self) -> Connector:
        """What speaks to the other side.

        Raises:
            LookupError: this version knows no such kind.
        """
        return connectors.get(self.kind)

    @property
    def access(self) -> Access:
        """Settings and secrets, as the connector takes them."""
        secrets: dict[str, Any] = json.loads(self.secrets) if self.secrets else {}
        hide(secrets.values())  # from now on they stand in no log of this process
        return Access(self.pk or 0, self.settings, secrets, self.facts)


class Switch(models.Model):
    """One row: whether anything leaves at all, and when somebody last looked what is due."""

    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(_("why"), max_length=200, blank=True)
    paused_by = models.ForeignKey(
        audit.USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: When the loop of some worker last looked. After a long silence what is due goes out one by one.
    beat_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = audit.history(excluded_fields=["beat_at"])

    class Meta:
        verbose_name = _("switch of the outbox")
        verbose_name_plural = _("switch of the outbox")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="switch_is_one_row"),
            models.CheckConstraint(
                condition=Q(paused_at=None, paused_why="") | Q(paused_at__isnull=False) & ~Q(paused_why=""),
                name="switch_paused_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(_("paused") if self.paused_at else _("sending"))

    @classmethod
    def current(cls) -> Switch:
        """The one row, or its defaults when nobody has touched it yet."""
        return cls.objects.select_related("paused_by").filter(pk=1).first() or cls(pk=1)
