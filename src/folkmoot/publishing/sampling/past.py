"""What became of the sample's posts: those of the past have left, with figures that nobody ever read anywhere."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from typing import Any

from folkmoot.connectors.posts import Content
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.outbox.public import GRACE, Channel, Delivery, State, digest
from folkmoot.publishing import content, settling
from folkmoot.publishing.actions.leaving import KIND
from folkmoot.publishing.models import FollowerReading, Post, PostState, Publication, Reading, Variant

#: Days after which the made-up platforms were asked.
ASKED = (1, 7, 30)
#: What a post gets in the end: likes, shares, replies, views, clicks; the first channel's, each further one's half.
REACH = {"likes": 24, "shares": 9, "replies": 4, "views": 900, "clicks": 45}


def let_leave(posts: Sequence[Post], states: Mapping[int, str], actor: User) -> None:
    """Let posts of the past have left at their time, all but the first channel of those in trouble.

    Args:
        states: of each post what the sample says.
    """
    contents = content.rendered_many(posts)
    variants = list(
        Variant.objects.filter(post__in=posts, channel__isnull=False).select_related("channel").order_by("pk")
    )
    by_post = {post.pk: post for post in posts}
    stuck: set[int] = set()
    pairs: list[tuple[Variant, Delivery]] = []
    for variant in variants:
        post = by_post[variant.post_id]
        fails = states[post.pk] == "trouble" and post.pk not in stuck
        if fails:
            stuck.add(post.pk)
        (first, *_rest) = contents[post.pk][variant.pk]
        pairs.append((variant, _delivery(post, variant, first, fails, actor)))
    Delivery.objects.bulk_create([delivery for _variant, delivery in pairs])
    made = Publication.objects.bulk_create(
        Publication(
            variant=variant,
            delivery=delivery,
            content_sha256=by_post[variant.post_id].content_sha256,
            created_at=delivery.due_at - dt.timedelta(days=2),
        )
        for variant, delivery in pairs
    )
    Post.objects.filter(pk__in=list(by_post)).update(state=PostState.SCHEDULED)
    for _variant, delivery in pairs:
        settling.heard(None, delivery)
    Reading.objects.bulk_create(reading for publication in made for reading in _readings(publication))
    FollowerReading.objects.bulk_create(_followers())


def _delivery(post: Post, variant: Variant, first: Content, fails: bool, actor: User) -> Delivery:
    channel, due = variant.channel, post.due_at
    assert channel is not None  # noqa: S101 - only channels' variants are asked for
    assert due is not None  # noqa: S101 - only posts of the past are
    sent = due + dt.timedelta(seconds=20 + variant.pk % 30)
    payload = first.as_payload()
    place = str(channel.settings.get("place", ""))
    return Delivery(
        channel=channel,
        key=f"post:{variant.pk}:1:1",
        kind=KIND,
        area=Area.PUBLISHING,
        title=post.title,
        recipient_name=channel.name,
        state=State.FAILED if fails else State.SENT,
        due_at=due,
        wall_time=post.wall_time,
        zone=post.zone,
        next_at=due,
        not_after=due + GRACE,
        payload=payload,
        payload_sha256=digest(payload),
        remote_id="" if fails else f"sample-{variant.pk}",
        remote_url="" if fails else f"https://social.tidewater.example/{place}/{variant.pk}",
        words="The picture is larger than this place takes." if fails else "",
        asked_by=actor,
        created_at=due - dt.timedelta(days=2),
        changed_at=sent,
        sent_at=None if fails else sent,
    )


def _readings(publication: Publication) -> list[Reading]:
    """What was told after a day, a week and a month, as far as these are over; a platform by hand tells no views."""
    if publication.delivery.state != State.SENT:
        return []
    sent, now = publication.delivery.sent_at, clock.now()
    assert sent is not None  # noqa: S101 - it was sent
    chance = random.Random(publication.variant_id)  # noqa: S311 - figures of nothing
    mood = chance.uniform(0.3, 1.7)
    days = [day for day in ASKED if sent + dt.timedelta(days=day) < now]
    found = []
    for number, day in enumerate(days):
        share = mood * (0.6, 0.9, 1.0)[number]
        values = {name: int(most * share) for name, most in REACH.items()}
        found.append(
            Reading(
                publication=publication,
                at=sent + dt.timedelta(days=day),
                is_newest=day == days[-1],
                **values,
            )
        )
    return found


def _followers() -> list[FollowerReading]:
    """Weekly, slowly more."""
    today = clock.today()
    rows: list[Any] = []
    for place, channel in enumerate(Channel.objects.filter(medium="post", archived_at=None).order_by("pk")):
        first = 400 + 150 * place
        rows += [
            FollowerReading(
                channel=channel,
                on=today - dt.timedelta(weeks=25 - week),
                followers=first + week * (6 + place),
            )
            for week in range(26)
        ]
    return rows
