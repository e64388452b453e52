"""Which messages of the outbox are about whom or what."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.outbox.public import Delivery
from folkmoot.people.models.about import ONE_SUBJECT, AboutOne


class Correspondence(AboutOne):
    """A message stands on the page of this person, organisation or project. The message itself is the outbox's."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="correspondences")
    #: It went to them; else it is about them.
    is_recipient = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(condition=ONE_SUBJECT, name="correspondence_about_one"),
            models.UniqueConstraint(
                fields=["delivery", "person"],
                condition=Q(person__isnull=False),
                name="correspondence_person_once",
            ),
            models.UniqueConstraint(
                fields=["delivery", "organization"],
                condition=Q(organization__isnull=False),
                name="correspondence_organization_once",
            ),
            models.UniqueConstraint(
                fields=["delivery", "project"],
                condition=Q(project__isnull=False),
                name="correspondence_project_once",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-at"], name="correspondence_of_person"),
            models.Index(fields=["project", "-at"], name="correspondence_of_project"),
            models.Index(fields=["organization", "-at"], name="correspondence_of_org"),
        ]

    def __str__(self) -> str:
        return str(self.delivery)
