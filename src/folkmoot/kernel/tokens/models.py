"""Tokens by which programs use the API on a person's behalf, and what was sent with an idempotency key."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A word that a program shows to act for its owner, within its scopes and never beyond the owner's rights.

    Only a hash of the secret is kept: whoever reads the database cannot use it.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    #: The part that is shown, by which a token is found; the secret follows it.
    prefix = models.CharField(max_length=24, unique=True)
    #: SHA-256 of the whole token, in hex. The secret is 32 random bytes, so that a slow hash would guard nothing more.
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("holds until"), null=True, blank=True)
    #: Written at most once a minute.
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        app_label = "kernel"
        ordering = ["-created_at", "-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="apitoken_has_a_name"),
            models.CheckConstraint(condition=~models.Q(prefix=""), name="apitoken_has_a_prefix"),
        ]

    def __str__(self) -> str:
        return self.name

    def has_run_out(self, now: dt.datetime) -> bool:
        """Its days are over."""
        return self.expires_at is not None and self.expires_at <= now

    def holds(self, now: dt.datetime) -> bool:
        """Neither revoked nor run out."""
        return self.revoked_at is None and not self.has_run_out(now)


class ApiWrite(models.Model):
    """What a token's request with an idempotency key made, so that the same request sent again makes nothing twice.

    It names the record and holds none of its data; rows go after a day.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="writes")
    key = models.CharField(max_length=200)
    #: SHA-256 of method, address and body.
    request_hash = models.CharField(max_length=64)
    #: The number of the record that was made.
    record = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="apiwrite_once")]

    def __str__(self) -> str:
        return self.key
