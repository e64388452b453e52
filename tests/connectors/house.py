"""A channel to a platform of the tests, an outbox that works through time, and posts to send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from folkmoot.connectors.base import Sending, Sent, Tried
from folkmoot.connectors.posts import Content, Media
from folkmoot.kernel import clock
from folkmoot.outbox import actions
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery, State

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
#: The smallest PNG: one grey pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a494441"
    "54789c636800000082008177cd72b60000000049454e44ae426082"
)
#: What nothing but a person changes.
ENDS = frozenset({State.SENT, State.FAILED, State.NEEDS_PERSON, State.MISSED, State.WITHHELD})


@dataclass
class House:
    """One channel, whose clock stands still until it is told to go on."""

    channel: Channel
    clock: time_machine.Traveller

    def queue(self, text: str = "A moot in Lyon", *, after: Delivery | None = None, **more: Any) -> Delivery:
        """A post for the channel."""
        return actions.queue(
            channel=self.channel,
            kind="test",
            area="people",
            title=text[:40],
            payload=Content(text, **more).as_payload(),
            depends_on=after,
            asked_by=None,
        )

    def turns(self, minutes: float = 0) -> None:
        """Let the outbox work now, and every half minute for so long."""
        for step in range(int(minutes * 2) + 1):
            if step:
                self.clock.shift(dt.timedelta(seconds=30))
            for _ in range(3):
                loop.turn()

    def ends(self, delivery: Delivery, minutes: float = 15) -> str:
        """What becomes of it within that time."""
        until = clock.now() + dt.timedelta(minutes=minutes)
        self.turns()
        delivery.refresh_from_db()
        while delivery.state not in ENDS and clock.now() < until:
            self.clock.shift(dt.timedelta(seconds=30))
            self.turns()
            delivery.refresh_from_db()
        return delivery.state


def make_channel(kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str], **facts: Any) -> Channel:
    """A channel as a person adds it; ``facts`` as its server told them."""
    channel = actions.save_channel(
        channel=None,
        kind=kind,
        name=kind,
        settings=settings,
        secrets=secrets,
        per_minute=None,
        is_default=False,
        actor=None,
    )
    Channel.objects.filter(pk=channel.pk).update(facts=facts)
    channel.refresh_from_db()
    return channel


def told(delivery: Delivery) -> list[tuple[str, str]]:
    """What was tried, and what it came to."""
    return [(one.kind, one.outcome) for one in delivery.attempts.order_by("pk")]


def picture(alt: str = "Three tents by a lake", **more: Any) -> Media:
    """A stored picture of one pixel."""
    name = default_storage.save("posts/tents.png", ContentFile(PIXEL))
    return Media(name, "image/png", alt, width=1, height=1, size=len(PIXEL), **more)


def sending(key: str = "key-1", **more: Any) -> Sending:
    """A first try, now."""
    return Sending(**{"key": key, "stamped_at": clock.now(), **more})


def tried(key: str = "key-1", **more: Any) -> Tried:
    """A try whose answer was lost."""
    return Tried(**{"key": key, "stamped_at": clock.now(), "began_at": clock.now(), **more})


def sent(outcome: Any) -> Sent:
    """What a yes left."""
    return Sent(outcome.remote_id, outcome.remote_url, outcome.remote)
