"""Posts that have left, without any platform."""

from __future__ import annotations

import datetime as dt

from folkmoot.outbox.models import Channel, Delivery
from folkmoot.outbox.public import State, digest
from folkmoot.publishing.models import Post, PostState, Publication, Reading
from tests.factories import PostFactory


def make_published(channel: Channel, at: dt.datetime, title: str = "News", **told: int) -> Publication:
    """A post that left at a moment (UTC), with a reading an hour later of what is told."""
    made: object = PostFactory(
        title=title,
        text=f"{title}!",
        channels=[channel],
        state=PostState.PUBLISHED,
        wall_time=f"{at:%Y-%m-%dT%H:%M}",
        zone="UTC",
        due_at=at,
    )
    assert isinstance(made, Post)
    payload = {"text": f"{title}!", "language": "en"}
    number = Delivery.objects.count()
    delivery = Delivery.objects.create(
        channel=channel,
        key=f"published-{number}",
        kind="publishing.post",
        area="publishing",
        title=title,
        state=State.SENT,
        due_at=at,
        not_after=at + dt.timedelta(hours=6),
        sent_at=at,
        changed_at=at,
        payload=payload,
        payload_sha256=digest(payload),
        remote_url=f"https://platform.example/{number}",
    )
    publication = Publication.objects.create(
        variant=made.variants.get(channel=channel), delivery=delivery, content_sha256=made.content_sha256
    )
    if told:
        Reading.objects.create(publication=publication, at=at + dt.timedelta(hours=1), **told)
    return publication
