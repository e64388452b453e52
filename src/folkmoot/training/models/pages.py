"""The page of an event on a website, letter by letter."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.events import Event


class EventPage(models.Model):
    """A file of a Hugo or Jekyll site about an event; what nobody edited here is written back as it was read."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="pages")
    source = models.CharField(max_length=60)
    #: Within the site: ``events/april-2024-workshop.md``.
    path = models.CharField(_("path"), max_length=300)
    text = models.TextField(_("text"))
    seen_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["seen_at"])

    class Meta:
        ordering = ["source", "path"]
        verbose_name = _("page of an event")
        verbose_name_plural = _("pages of events")
        constraints = [
            models.CheckConstraint(condition=~Q(path=""), name="eventpage_has_a_path"),
            models.UniqueConstraint(fields=["source", "path"], name="eventpage_once"),
        ]

    def __str__(self) -> str:
        return self.path
