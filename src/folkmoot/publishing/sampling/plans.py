"""After the sample's posts are imported: pictures, slots, who agreed to what, series."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.public import Channel, written
from folkmoot.publishing.actions import planning
from folkmoot.publishing.actions.agreement import approve, hand_in
from folkmoot.publishing.actions.cards import draw_card
from folkmoot.publishing.actions.plans import set_slots
from folkmoot.publishing.actions.series import save_item, save_series, save_template
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import CardTemplate, Part, Post, Series, SeriesKind, Variant
from folkmoot.publishing.sampling.past import let_leave

log = structlog.get_logger(__name__)
#: A channel's slots: the moments of the week at which most of its coming posts stand.
SLOTS = 3


def is_finished(about: Mapping[str, Any]) -> bool:
    """Whether :func:`finish` was here: its series is what it makes last."""
    return Series.objects.filter(name=about["recurring"]["name"]).exists()


@transaction.atomic
def finish(*, about: Mapping[str, Any], states: Mapping[str, str], actor: User, colleague: User) -> None:
    """Bring the imported posts to where the sample says they stand, and make what makes posts.

    Args:
        about: what ``publishing.yml`` says.
        states: of each post's key in ``posts.csv``.
        colleague: agrees to posts.
    """
    posts = list(Post.objects.filter(import_key__in=list(states)).order_by("due_at", "pk"))
    _draw(about["cards"], posts, actor)
    now = clock.now()
    past = [post for post in posts if post.due_at is not None and post.due_at <= now]
    coming = [post for post in posts if post.due_at is not None and post.due_at > now]
    let_leave(past, {post.pk: states[post.import_key] for post in past}, actor)
    _slots(coming, actor)
    for post in coming:
        _bring(post, states[post.import_key], actor, colleague)
    _series(about, actor)


def _draw(cards: Sequence[Mapping[str, Any]], posts: Sequence[Post], actor: User) -> None:
    by_title = {post.title: post for post in posts}
    for row in cards:
        card = CardTemplate.objects.filter(name=row["card"], archived_at=None).first()
        post = by_title.get(row["post"])
        if card is None or post is None:
            continue
        media = draw_card(card=card, values=row["values"], actor=actor)
        save_variant(post=post, channel=None, media=[[(media, "")]], actor=actor)
        for variant in Variant.objects.filter(post=post, channel__isnull=False, follows_base=False):
            if Part.objects.filter(variant=variant).exists():
                save_variant(post=post, channel=variant.channel, media=[[(media, "")]], actor=actor)
        post.refresh_from_db()


def _slots(posts: Sequence[Post], actor: User) -> None:
    for channel in Channel.objects.filter(variants__post__in=posts).distinct():
        moments = Counter(
            (at.isoweekday(), at.time())
            for text in Variant.objects.filter(channel=channel, post__in=posts).values_list(
                "post__wall_time", flat=True
            )
            for at in [dt.datetime.fromisoformat(text)]
        )
        set_slots(channel=channel, slots=[slot for slot, _number in moments.most_common(SLOTS)], actor=actor)


def _bring(post: Post, state: str, actor: User, colleague: User) -> None:
    """As far as the rules of this installation let it: what the policy refuses stays where it is."""
    try:
        with transaction.atomic():
            if state != "draft":
                post = hand_in(post=post, actor=actor)
            if state in ("approved", "scheduled"):
                post = approve(post=post, actor=colleague)
            if state == "scheduled":
                planning.schedule(post=post, actor=actor)
    except ValidationError as problem:
        log.info("a post of the sample stays a draft", post=post.title, why="; ".join(problem.messages))


def _series(about: Mapping[str, Any], actor: User) -> None:
    channels = list(
        Channel.objects.filter(name__in=[row["name"] for row in about["channels"]], medium="post")
    )
    starts = written(dt.datetime.combine(clock.today() - dt.timedelta(days=28), dt.time(11, 0)))
    shared = {"zone": about["zone"], "starts": starts, "owner": actor}
    pool = about["pool"]
    series = save_series(
        series=None,
        values={
            **shared,
            "name": pool["name"],
            "kind": SeriesKind.EVERGREEN,
            "rrule": pool["rrule"],
            "cool_down_days": 35,
        },
        channels=channels[:2],
        actor=actor,
    )
    for row in pool["texts"]:
        save_item(series=series, item=None, values={**row, "language": "en"}, actor=actor)
    said = about["recurring"]
    template = save_template(
        template=None,
        values={"name": said["name"], "title": said["title"], "text": said["text"], "language": "en"},
        actor=actor,
    )
    save_series(
        series=None,
        values={
            **shared,
            "name": said["name"],
            "kind": SeriesKind.RECURRING,
            "rrule": said["rrule"],
            "template": template,
        },
        channels=channels,
        actor=actor,
    )
