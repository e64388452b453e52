"""Who is told of which changes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.outbox.public import Channel


class Webhook(models.Model):
    """An address that is told of changes. Address, secret, pauses and failures are its channel's."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="webhook")
    #: ``people.changed``, ``activity.recorded`` …
    events = models.JSONField(default=list)
    #: How far it was told: table of history (or the ledger) to the number of the last line.
    told = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    history = audit.history(excluded_fields=["told"])

    class Meta:
        app_label = "api"
        ordering = ["channel__name", "pk"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.channel.name
