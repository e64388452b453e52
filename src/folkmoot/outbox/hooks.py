"""What a provider's webhook tells, by anymail's one vocabulary of events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver

from folkmoot.connectors.base import Outcome
from folkmoot.connectors.mailbox import Report
from folkmoot.connectors.provider import METADATA
from folkmoot.kernel.text import fold
from folkmoot.outbox.actions import came_back
from folkmoot.outbox.engine import outcomes
from folkmoot.outbox.models import Channel, Delivery

#: The channel whose webhook is being read: events count for its deliveries alone.
_channel: ContextVar[Channel | None] = ContextVar("outbox_webhook_channel", default=None)
#: Events that prove that the provider has the mail.
TAKEN = frozenset({"queued", "sent", "delivered", "deferred", "opened", "clicked", "autoresponded"})


@contextmanager
def reading_for(channel: Channel) -> Iterator[None]:
    """While a channel's webhook is read."""
    token = _channel.set(channel)
    try:
        yield
    finally:
        _channel.reset(token)


@receiver(tracking, dispatch_uid="folkmoot.outbox")
def event_came(sender: Any, event: AnymailTrackingEvent, esp_name: str, **more: Any) -> None:
    """One event: it may settle a delivery, or strike off an address."""
    channel = _channel.get()
    if channel is None:
        return
    delivery = _delivery(channel, event)
    if delivery is None:
        return
    kind = _kind(event)
    if kind:
        words = str(event.description or event.mta_response or event.reject_reason or event.event_type)
        key = str(event.event_id or f"{delivery.pk}:{event.event_type}:{event.timestamp}")
        came_back(
            report=Report(delivery.planned_id, fold(event.recipient or ""), kind, words[:300], key),
            source=f"{esp_name} {channel.pk}"[:40],
            delivery=delivery,
        )
    elif event.event_type in TAKEN:
        outcomes.heard(
            delivery, Outcome.yes(f"{esp_name}: {event.event_type}", remote_id=str(event.message_id or ""))
        )


def _delivery(channel: Channel, event: AnymailTrackingEvent) -> Delivery | None:
    planned = str((event.metadata or {}).get(METADATA) or "")
    mine = Delivery.objects.filter(channel=channel)
    if planned:
        return mine.filter(planned_id=planned).first()
    remote = str(event.message_id or "")
    return mine.filter(remote_id=remote).first() if remote else None


def _kind(event: AnymailTrackingEvent) -> str:
    if event.event_type == "complained":
        return "complaint"
    if event.event_type in ("bounced", "rejected", "failed"):
        return "hard" if event.reject_reason in ("bounced", "invalid") else "soft"
    return ""
