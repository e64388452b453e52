"""A channel to a platform of our own, and the outbox that works for it: what the tests of platforms share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from folkmoot.connectors.posts import Content, Media
from folkmoot.outbox import actions
from folkmoot.outbox.engine import loop, sweep
from folkmoot.outbox.models import Channel, Delivery, State

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
OPEN = (State.SCHEDULED, State.CLAIMED, State.SENDING, State.UNCERTAIN)
PICTURE = b"\x89PNG a picture"


@dataclass
class Posting:
    """A channel, and a clock that the test moves."""

    channel: Channel
    clock: time_machine.Traveller

    def post(self, text: str = "Hello", *, on: Channel | None = None, **more: Any) -> Delivery:
        """Queue a part of a post; what :class:`Content` knows goes into it, the rest to ``queue``."""
        known = {name: more.pop(name) for name in list(more) if name in Content.__dataclass_fields__}
        return actions.queue(
            channel=on or self.channel,
            kind="test.post",
            area="publishing",
            title=text[:50] or "post",
            payload=Content(text, **known).as_payload(),
            asked_by=more.pop("asked_by", None),
            **more,
        )

    def turns(self, minutes: float = 0) -> None:
        """Let the outbox work now, and every half minute for so long."""
        for step in range(int(minutes * 2) + 1):
            if step:
                self.clock.shift(dt.timedelta(seconds=30))
            for _ in range(4):
                if not loop.turn():
                    break

    def until_done(self, minutes: int = 400) -> None:
        """Work until nothing happens by itself any more."""
        for _ in range(minutes // 5):
            self.turns(5)
            sweep.sweep()
            if not Delivery.objects.filter(state__in=OPEN).exists():
                return


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def told(delivery: Delivery) -> list[tuple[str, str]]:
    return [(one.kind, one.outcome) for one in delivery.attempts.all()]


def picture(alt: str = "A moot", content: bytes = PICTURE, name: str = "moot.png") -> Media:
    """A stored file, as a payload names it."""
    stored = default_storage.save(f"test/{name}", ContentFile(content))
    return Media(stored, "image/png", alt, 640, 480, len(content))
