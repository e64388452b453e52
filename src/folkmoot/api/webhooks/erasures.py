"""Whoever keeps a copy is told of an erasure, although the history that tells of changes goes with it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from folkmoot.api.webhooks import feed
from folkmoot.api.webhooks.models import Webhook
from folkmoot.people.public import Person

PEOPLE = "people.changed"


@receiver(post_save, sender=Person, dispatch_uid="api.webhooks.erasures")
def saved(instance: Person, raw: bool = False, **_more: Any) -> None:
    """Queue the message in the transaction of the erasure; paused webhooks get it when they are resumed."""
    if raw or instance.erased_at is None:
        return
    rows = Webhook.objects.filter(channel__archived_at=None).select_related("channel").order_by("pk")
    for row in rows:
        if PEOPLE in row.events:
            data = {"records": [{"id": instance.pk, "what": "changed"}]}
            feed.tell(row, PEOPLE, data, f"webhook-{row.pk}-erased-{instance.pk}")
