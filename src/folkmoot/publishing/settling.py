"""What became of a post's deliveries: its state, what the ledger hears, who is told. Safe to do again at any time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, events, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.notices.actions import notify
from folkmoot.outbox.public import Delivery, State, Verb, settled
from folkmoot.people.public import Person, home_identity
from folkmoot.publishing import addresses, content
from folkmoot.publishing.models import ChannelPlan, Post, PostState, Publication

#: What the ledger hears, and from where.
PUBLISHED, SOURCE = "publishing.published", "publishing"
NOTICE, BY_HAND, JOB = "publishing.trouble", "publishing.by_hand", "publishing.settle"
#: A person has to do something.
STUCK = (State.FAILED, State.MISSED, State.WITHHELD, State.NEEDS_PERSON)
#: States that follow from what became of the deliveries; the others are a person's.
RECKONED = (PostState.SCHEDULED, PostState.PUBLISHED, PostState.TROUBLE)


@receiver(settled, dispatch_uid="folkmoot.publishing")
def heard(sender: Any, delivery: Delivery, **_more: Any) -> None:
    """A delivery has come to an end, in the transaction that says so."""
    about = delivery.about_id or delivery.pk
    rows = Publication.objects.filter(delivery=about)
    if not rows.exists():  # most of what leaves is no post
        return
    publication = rows.select_related("variant__channel", "variant__post", "delivery").get()
    post = Post.objects.select_for_update().get(pk=publication.variant.post_id)
    if delivery.state == State.SENT and delivery.verb == Verb.SEND:
        _tell_ledger(post, publication, delivery)
    reckon(post)
    if delivery.state in STUCK:
        _tell_owner(post, publication, delivery)


def _is_by_hand(publication: Publication) -> bool:
    """A person posts it there: that it needs one is its way."""
    connector = content.connector_of(publication.variant.channel)
    return connector is not None and connector.is_manual


def reckon(post: Post) -> PostState:
    """Let a post's state follow its deliveries; the row has to be held by the caller's transaction."""
    state = PostState(post.state)
    if state not in RECKONED:
        return state
    fresh = _reckoned(post)
    if fresh is not None and fresh != state:
        post.state, post.changed_at = fresh, clock.now()
        saving.write(post, actor=None, reason="outbox")
    return PostState(post.state)


def _reckoned(post: Post) -> PostState | None:
    """What its deliveries say: of each channel and part the newest, and what was done to those since."""
    rows = Publication.objects.filter(variant__post=post).select_related("delivery", "variant__channel")
    current: dict[tuple[int, int], Publication] = {}
    for row in rows.order_by("version"):
        if row.delivery.state != State.CANCELLED or (row.variant_id, row.part) not in current:
            current[row.variant_id, row.part] = row
    if not current:
        return None
    live = [row for row in current.values() if row.delivery.state != State.CANCELLED]
    if not live:
        return PostState.DRAFT if post.state == PostState.SCHEDULED else None
    later = Delivery.objects.filter(about__in=[row.delivery_id for row in live])
    after = {one.about_id: one for one in later.exclude(state=State.CANCELLED).order_by("pk")}
    if any(_is_stuck(row, after.get(row.delivery_id)) for row in live):
        return PostState.TROUBLE
    if any(row.delivery.state != State.SENT for row in live):
        return PostState.SCHEDULED
    if all(_is_gone(after.get(row.delivery_id)) for row in live):
        return PostState.CANCELLED
    return PostState.PUBLISHED


def _is_stuck(row: Publication, after: Delivery | None) -> bool:
    if after is not None and after.state in STUCK:
        return True
    if row.delivery.state == State.NEEDS_PERSON:
        return not _is_by_hand(row)
    return row.delivery.state in STUCK


def _is_gone(after: Delivery | None) -> bool:
    return after is not None and after.verb == Verb.WITHDRAW and after.state == State.SENT


def _tell_ledger(post: Post, publication: Publication, delivery: Delivery) -> None:
    """Once for each post and channel."""
    channel = publication.variant.channel
    events.record(
        events.Happening(
            kind=PUBLISHED,
            identity_id=_identity(post),
            occurred_at=delivery.sent_at or clock.now(),
            project_id=post.project_id,
            source=SOURCE,
            external_id=f"{PUBLISHED}:{post.pk}:{delivery.channel_id}",
            detail={
                "post": post.pk,
                "title": post.title,
                "channel": channel.name if channel is not None else "",
                "platform": channel.kind if channel is not None else "",
                "url": delivery.remote_url,
            },
        )
    )


def _identity(post: Post) -> int | None:
    """Of who wrote it, else who looks after it; ``None`` when the register knows neither."""
    for user in (post.written_by_id, post.owner_id):
        person = Person.objects.filter(user=user).first() if user else None
        if person is not None:
            return home_identity(person, actor=None).pk
    return None


def _tell_owner(post: Post, publication: Publication, delivery: Delivery) -> None:
    """Who looks after the post, and who after the channel; where it missed, the outbox has told who asked for it."""
    plan = ChannelPlan.objects.filter(channel=delivery.channel_id).first()
    wanted = {post.owner_id or post.written_by_id, plan.owner_id if plan else None}
    if delivery.state in (State.MISSED, State.WITHHELD):
        wanted.discard(delivery.asked_by_id)
    people = User.objects.filter(pk__in=[pk for pk in wanted if pk], is_active=True)
    by_hand = delivery.state == State.NEEDS_PERSON and _is_by_hand(publication)
    words = (
        _("“%(title)s” is to be posted on %(channel)s now")
        if by_hand
        else _("“%(title)s” on %(channel)s: %(state)s")
    )
    notify(
        users=people,
        kind=BY_HAND if by_hand else NOTICE,
        title=words
        % {
            "title": post.title,
            "channel": publication.variant.channel,
            "state": delivery.get_state_display(),
        },
        body=str(delivery.payload.get("text", "")) if by_hand else delivery.words,
        url=addresses.post_page(post.pk),
        dedupe=f"{NOTICE}:{delivery.pk}:{delivery.state}:{delivery.fence}",
        actor=None,
        about=f"publishing.post:{post.pk}",
    )


def open_posts(now: dt.datetime) -> QuerySet[Post]:
    """Posts that should have left, on their way or in trouble."""
    return Post.objects.filter(state__in=[PostState.SCHEDULED, PostState.TROUBLE], due_at__lte=now)


def settle(context: JobContext) -> dict[str, int]:
    """The job: reckon every post anew that is on its way or in trouble, since some things happen without a word (a
    message that needs a person, one that a person plans anew)."""
    rows = open_posts(clock.now())
    changed = 0
    for pk, state in list(rows.order_by("pk").values_list("pk", "state")):
        with transaction.atomic():
            post = Post.objects.select_for_update().filter(pk=pk).first()
            changed += post is not None and reckon(post) != state
    return {"changed": changed}
