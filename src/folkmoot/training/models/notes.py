"""What those who run training write down about an event."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.events import Event


class EventNote(models.Model):
    """What somebody wrote down about an event, for the others who see events."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notes")
    body = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("note about an event")
        verbose_name_plural = _("notes about events")
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="eventnote_says_something")]

    def __str__(self) -> str:
        return self.body[:60]
