"""The pages of events on a website, letter by letter; what people contributed at a sprint."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.events import Event


class EventPage(models.Model):
    """A file of a Hugo or Jekyll site about an event; what nobody edited here is written back as it was read."""

    #: Empty: a page of lists among the events' pages (``_index.md``).
    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="pages")
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


class Contribution(models.Model):
    """An item of the ledger that somebody worked on at a sprint."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="contributions")
    item = models.ForeignKey("ledger.Item", on_delete=models.PROTECT, related_name="contributions")
    source = models.CharField(max_length=60)
    #: What the source calls the sprint: ``scipy-24``.
    event_word = models.CharField(max_length=100)

    class Meta:
        ordering = ["event", "pk"]
        verbose_name = _("contribution to a sprint")
        verbose_name_plural = _("contributions to sprints")
        constraints = [models.UniqueConstraint(fields=["event", "item"], name="contribution_once")]
        indexes = [models.Index(fields=["source", "event_word"], name="contribution_word")]

    def __str__(self) -> str:
        return f"{self.event_word}: {self.item_id}"
