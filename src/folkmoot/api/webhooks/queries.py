"""Reading webhooks."""

from __future__ import annotations

from django.db.models import QuerySet

from folkmoot.api.webhooks.models import Webhook
from folkmoot.outbox.public import Delivery

#: How many messages a webhook's page shows.
SHOWN = 20


def webhooks() -> QuerySet[Webhook]:
    """All webhooks with their channels, by name."""
    return Webhook.objects.select_related("channel")


def told(webhook: Webhook) -> QuerySet[Delivery]:
    """What it was told lately, the newest first."""
    return Delivery.objects.filter(channel=webhook.channel_id).order_by("-pk")[:SHOWN]


def state(webhook: Webhook) -> str:
    """``paused``, ``failing`` or ``works``."""
    if webhook.channel.paused_at is not None:
        return "paused"
    return "failing" if webhook.channel.failing_since is not None else "works"
