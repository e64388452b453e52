"""What the page of a workshop said when it was read last."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.training.models.events import Event
from folkmoot.training.models.requests import Request


class PageReading(models.Model):
    """What the page of an event, or the one that a request names, said last; what was read well stays when a later
    reading fails.
    """

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, null=True, blank=True, related_name="page_reading"
    )
    request = models.OneToOneField(
        Request, on_delete=models.CASCADE, null=True, blank=True, related_name="page_reading"
    )
    #: The address that was asked for.
    url = models.CharField(max_length=500)
    #: By key of the page, word for word.
    said = models.JSONField(default=dict, blank=True)
    # Its days, beside, to be compared in the database.
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    #: When what it says was read last, and when it first said so.
    read_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    #: When it was tried last, and why that failed; empty: it did not.
    tried_at = models.DateTimeField()
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("reading of a workshop's page")
        verbose_name_plural = _("readings of workshops' pages")
        constraints = [
            models.CheckConstraint(
                condition=Q(event=None, request__isnull=False) | Q(event__isnull=False, request=None),
                name="pagereading_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.url
