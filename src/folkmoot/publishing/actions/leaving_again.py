"""What is done with a post that has left: published again, tried again, corrected, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import Ability, Content
from folkmoot.outbox import public as outbox
from folkmoot.outbox.public import Delivery, State
from folkmoot.publishing import content, settling
from folkmoot.publishing.actions import base, leaving, renditions
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Post, PostState, Publication, Variant

#: It may be there, or is about to be: nobody publishes the same beside it.
UNDER_WAY = (*outbox.PLANNED, State.SENDING, State.UNCERTAIN, State.NEEDS_PERSON)
#: It is not there and will not be by itself.
NOT_THERE = (State.FAILED, State.MISSED, State.WITHHELD, State.CANCELLED)


@dataclass
class Done:
    """What became of all channels: what was queued, and in words where nothing can be done from here."""

    queued: list[Delivery] = field(default_factory=list)
    cancelled: list[Delivery] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def newest(variant: Variant) -> list[Publication]:
    """The publications of a variant's newest version that has any, part by part."""
    rows = list(
        Publication.objects.filter(variant=variant).select_related("delivery").order_by("-version", "part")
    )
    return [row for row in rows if row.version == rows[0].version]


def publish_again(
    *, variant: Variant, actor: Actor, wall_time: Any = None, zone: str = "", rest: bool = False
) -> list[Publication]:
    """Let a channel get the post once more, with the content as it is now: a new message, whatever is there stays.

    Args:
        wall_time: when, in ``zone``; without: as soon as it may.
        rest: only the parts of its thread that are not there, after those that are.

    Raises:
        ValidationError: something is still on its way or may be there; the policy, an approval, the platform or a
            moment that is over says no.
    """
    renditions.make_renditions(post=variant.post)
    return _publish_again(variant, actor, wall_time, zone, rest)


@transaction.atomic
def _publish_again(
    variant: Variant, actor: Actor, wall_time: Any, zone: str, rest: bool
) -> list[Publication]:
    post = base.held(variant.post)
    variant = Variant.objects.select_related("channel").get(pk=variant.pk)
    variant.post = post
    if post.state not in (PostState.PUBLISHED, PostState.TROUBLE, PostState.SCHEDULED):
        raise ValidationError(_("This post has not left yet: schedule it."), code="state")
    base.content_changed(post, actor=actor)
    before = newest(variant)
    if any(row.delivery.state in UNDER_WAY for row in before):
        raise ValidationError(
            _("It is still on its way to %(channel)s, or nobody knows whether it is there.")
            % {"channel": variant.channel},
            code="under way",
        )
    at = base.wall(wall_time)
    leaving.check_channel(post, variant, at, zone)
    leaving.check_agreed(post)
    parts = content.rendered(post)[variant.pk]
    leaving.check_contents([variant], {variant.pk: parts})
    there = [row for row in before if row.delivery.state == State.SENT] if rest else []
    if rest and len(there) >= len(parts):
        raise ValidationError(_("All parts of it are there."), code="there")
    leaving.next_version(variant, actor)
    made = leaving.queue_parts(
        post,
        variant,
        parts,
        actor=actor,
        wall_time=at,
        zone=zone if at else "",
        first=len(there) + 1,
        after=there[-1].delivery if there else None,
    )
    base.to_state(post, PostState.SCHEDULED, actor=actor)
    return made


@transaction.atomic
def try_again(*, post: Post, actor: Actor) -> list[Delivery]:
    """Let what was refused, missed or withheld leave with the very content that was frozen, as soon as it may; threads
    go on where they stopped.

    Raises:
        ValidationError: the policy or an approval says no, or other content was agreed to since.
    """
    post = base.held(post)
    if post.state not in (PostState.TROUBLE, PostState.SCHEDULED):
        return []
    leaving.check_agreed(post)
    found = []
    for variant in leaving.variants_of(post):
        for row in newest(variant):
            if row.delivery.state not in (State.FAILED, State.MISSED, State.WITHHELD):
                continue
            if row.content_sha256 != post.content_sha256:
                raise ValidationError(
                    _("The content was changed since: publish it again on %(channel)s.")
                    % {"channel": variant.channel},
                    code="changed",
                )
            found.append(outbox.send_now(delivery=row.delivery, actor=actor))
    if found:
        settling.reckon(post)
    return found


@transaction.atomic
def withdraw_everywhere(*, post: Post, actor: Actor) -> Done:
    """Take a post away wherever the platform allows it, and cancel what has not left. Twice does nothing more.

    Returns:
        withdrawals that were queued, and the channels where a person has to do it.
    """
    post = base.held(post)
    rows = Publication.objects.filter(variant__post=post).select_related("delivery__channel", "variant")
    deliveries = [row.delivery for row in rows.order_by("pk")]
    gone = outbox.withdrawn(deliveries)
    wanted = [one for one in deliveries if one.pk not in gone and one.state not in NOT_THERE]
    found = outbox.withdraw_all(deliveries=wanted, asked_by=actor)
    if not deliveries or (not found.queued and not found.problems and not gone):
        base.to_state(post, PostState.CANCELLED, actor=actor, reason="withdrawn")
    else:
        settling.reckon(post)
    return Done(found.queued, found.cancelled, found.problems)


def correct_everywhere(*, post: Post, actor: Actor) -> Done:
    """Put the content as it is now in the place of what is there, on every channel that allows it. Twice does nothing
    more.

    Raises:
        ValidationError: nothing of it is there; the policy or an approval says no; a platform would refuse it.
    """
    renditions.make_renditions(post=post)
    return _correct_everywhere(post, actor)


@transaction.atomic
def _correct_everywhere(post: Post, actor: Actor) -> Done:
    post = base.held(post)
    base.content_changed(post, actor=actor)
    rows = [row for variant in leaving.variants_of(post) for row in newest(variant)]
    gone = outbox.withdrawn(row.delivery for row in rows)
    rows = [row for row in rows if row.delivery.state == State.SENT and row.delivery_id not in gone]
    if not rows:
        raise ValidationError(_("Nothing of this post is there."), code="nothing")
    leaving.check_agreed(post)
    contents = content.rendered(post)
    done = Done()
    for variant in leaving.variants_of(post):
        mine = [row for row in rows if row.variant_id == variant.pk]
        if mine:
            _correct_variant(post, variant, mine, contents[variant.pk], done, actor)
    return done


def _correct_variant(
    post: Post,
    variant: Variant,
    rows: Sequence[Publication],
    parts: Sequence[Content],
    done: Done,
    actor: Actor,
) -> None:
    channel = variant.channel
    if all(row.content_sha256 == post.content_sha256 for row in rows) or channel is None:
        return
    if not outbox.can(channel, Ability.CORRECT):
        done.problems.append(
            _("%(channel)s: what is there cannot be corrected from here.") % {"channel": channel}
        )
        return
    if len(rows) != len(parts):
        done.problems.append(
            _("%(channel)s: it has %(there)d parts there and %(now)d now; publish it again.")
            % {"channel": channel, "there": len(rows), "now": len(parts)}
        )
        return
    for row, part in zip(rows, parts, strict=True):
        payload = replace(part, marker=str(row.delivery.payload.get("marker", ""))).as_payload()
        try:
            made = outbox.correct(delivery=row.delivery, payload=payload, asked_by=actor)
            if made.pk not in {one.pk for one in done.queued}:
                done.queued.append(made)
        except outbox.OutboxStateError:
            pass  # this part says so already
        except ValidationError as error:
            raise ValidationError([f"{channel}: {words}" for words in error.messages]) from error
        Publication.objects.filter(pk=row.pk).update(content_sha256=post.content_sha256)
