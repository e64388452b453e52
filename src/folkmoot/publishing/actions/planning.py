"""When a post leaves: its time, and the deliveries that are planned for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.outbox import public as outbox
from folkmoot.publishing.actions import base, leaving, renditions
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import Post, PostState, Publication, Variant
from folkmoot.publishing.queries import agreement

#: States from which a post can be scheduled.
PLANNABLE = (PostState.DRAFT, PostState.REVIEW, PostState.APPROVED)


@dataclass(frozen=True)
class Moved:
    """Where a post stood before it was moved: what takes the move back. ``None``: it had no time."""

    post: Post
    wall_time: dt.datetime | None
    zone: str


def set_time(*, post: Post, wall_time: Any, zone: str, actor: Actor) -> Moved:
    """Say when a post is to leave (``None``: nobody knows yet). One that is scheduled is moved. See :func:`move`."""
    return move(post=post, wall_time=wall_time, zone=zone, actor=actor)


@transaction.atomic
def move(*, post: Post, wall_time: Any, zone: str, actor: Actor) -> Moved:
    """Give a post another time; what is scheduled leaves then, with the same content and the same approvals.

    Channels with a time of their own move by as much.

    Args:
        wall_time: a wall time (``2026-11-20T09:00``) in ``zone`` (IANA); ``None``: no time, for drafts.

    Returns:
        where it stood, to move it back.

    Raises:
        ValidationError: by field: no such zone, over, under embargo, a channel that has to be connected anew before;
            something of it is leaving or has left.
    """
    post = base.held(post)
    at = base.wall(wall_time)
    before = Moved(post, base.wall(post.wall_time), post.zone)
    if (at, zone if at else "") == (before.wall_time, before.zone):
        return before
    if post.state not in (*PLANNABLE, PostState.SCHEDULED):
        base.need_editable(post)
    is_scheduled = post.state == PostState.SCHEDULED
    if is_scheduled and at is None:
        raise ValidationError(
            {"wall_time": _("It is scheduled: take it out of the schedule first.")}, code="scheduled"
        )
    due = outbox.instant(at, zone) if at else None
    if due is not None and due <= clock.now():
        raise ValidationError({"wall_time": _("That moment is over.")}, code="over")
    if is_scheduled and base.has_left(post):
        raise ValidationError(
            _("A part of this post has left already: the rest is moved in the outbox."), code="left"
        )
    _set_times(post, at, zone, due, before, actor)
    if is_scheduled:
        leaving.check_times(post, leaving.variants_of(post))
        _reschedule(post, actor)
    return before


def _set_times(
    post: Post, at: dt.datetime | None, zone: str, due: dt.datetime | None, before: Moved, actor: Actor
) -> None:
    post.wall_time, post.zone, post.due_at = (outbox.written(at) if at else "", zone if at else "", due)
    post.changed_at = clock.now()
    base.write(post, actor=actor)
    if at is None or before.wall_time is None:
        return
    by = at - before.wall_time
    for variant in Variant.objects.filter(post=post, due_at__isnull=False):
        own = base.wall(variant.wall_time)
        if own is not None:
            _put_time(variant, own + by, variant.zone, actor)


def _put_time(variant: Variant, at: dt.datetime | None, zone: str, actor: Actor) -> None:
    variant.wall_time, variant.zone = (outbox.written(at), zone) if at else ("", "")
    variant.due_at = outbox.instant(at, zone) if at else None
    base.write(variant, actor=actor)


def _reschedule(post: Post, actor: Actor, *, now: bool = False) -> None:
    """Give what is planned the times that the post has now."""
    grace = leaving.grace_of(post)
    rows = Publication.objects.filter(variant__post=post, delivery__state__in=outbox.PLANNED)
    for row in rows.select_related("variant", "delivery").order_by("variant", "part"):
        at, zone = leaving.time_of(post, row.variant)
        outbox.reschedule(
            delivery=row.delivery,
            wall_time=None if now else at,
            zone="" if now else zone,
            actor=actor,
            grace=grace,
        )


@transaction.atomic
def move_many(*, moves: Sequence[tuple[Post, Any, str]], actor: Actor) -> list[Moved]:
    """Move several posts (post, wall time, zone): all of them or none.

    Returns:
        where each stood.

    Raises:
        ValidationError: as for :func:`move`, with the post's title.
    """
    found = []
    for post, wall_time, zone in moves:
        try:
            found.append(move(post=post, wall_time=wall_time, zone=zone, actor=actor))
        except ValidationError as error:
            raise ValidationError([f"{post}: {words}" for words in error.messages]) from error
    return found


@transaction.atomic
def set_variant_time(*, variant: Variant, wall_time: Any, zone: str, actor: Actor) -> Variant:
    """Let a channel get the post at another time than the others (``None``: at the post's).

    Raises:
        ValidationError: as for :func:`move`.
    """
    post = base.held(variant.post)
    base.need_editable(post)
    variant = base.locked(variant)
    variant.post = post
    at = base.wall(wall_time)
    if variant.channel_id is None:
        raise ValidationError(_("The base text has no time of its own."), code="base")
    if at is not None and outbox.instant(at, zone) <= clock.now():
        raise ValidationError({"wall_time": _("That moment is over.")}, code="over")
    if (at, zone if at else "") == (base.wall(variant.wall_time), variant.zone):
        return variant
    _put_time(variant, at, zone, actor)
    if post.state == PostState.SCHEDULED:
        leaving.check_times(post, [variant])
        _reschedule(post, actor)
    return variant


def schedule(*, post: Post, actor: Actor) -> Post:
    """Plan that a post leaves at its time: its content is frozen, one delivery for each channel and part.

    Scheduled already, it stays as it is.

    Raises:
        ValidationError: in words: no time or one that is over, no channel, an approval or a picture's size is missing,
            the policy says no, a platform would refuse it, a channel has to be connected anew before.
    """
    if post.state != PostState.SCHEDULED:
        renditions.make_renditions(post=post)
    return _schedule(post, actor)


@transaction.atomic
def _schedule(post: Post, actor: Actor) -> Post:
    post = base.held(post)
    if post.state == PostState.SCHEDULED:
        return post
    _need_plannable(post)
    if post.due_at is None:
        raise ValidationError({"wall_time": _("Say when it is to leave.")}, code="time")
    base.content_changed(post, actor=actor)
    variants = leaving.variants_of(post)
    leaving.check_times(post, variants)
    leaving.check_agreed(post)
    base.to_state(post, PostState.SCHEDULED, actor=actor)
    leaving.queue_all(post, variants, actor=actor)
    return post


def _need_plannable(post: Post) -> None:
    if post.state not in PLANNABLE:
        raise ValidationError(
            _("This post is “%(state)s”: it is not scheduled again. Publish it again, or copy it.")
            % {"state": post.get_state_display()},
            code="state",
        )


@transaction.atomic
def unschedule(*, post: Post, actor: Actor) -> Post:
    """Take a post out of the schedule; it keeps its time and its approvals. Twice does nothing more.

    Raises:
        ValidationError: something of it is leaving or has left.
    """
    post = base.held(post)
    if post.state in PLANNABLE:
        return post
    if post.state != PostState.SCHEDULED or base.has_left(post):
        raise ValidationError(_("Something of this post has left already."), code="left")
    agreed = bool(agreement.rules_for(post)) and agreement.is_agreed(post)
    base.to_state(post, PostState.APPROVED if agreed else PostState.DRAFT, actor=actor)
    for delivery in base.planned(post):
        outbox.cancel(delivery=delivery, actor=actor)
    return post


def publish_now(*, post: Post, actor: Actor) -> Post:
    """Let a post leave as soon as it may; its time becomes this moment.

    Raises:
        ValidationError: as for :func:`schedule`.
    """
    if post.state != PostState.SCHEDULED:
        renditions.make_renditions(post=post)
    return _publish_now(post, actor)


@transaction.atomic
def _publish_now(post: Post, actor: Actor) -> Post:
    post = base.held(post)
    is_scheduled = post.state == PostState.SCHEDULED
    if not is_scheduled:
        _need_plannable(post)
    elif not base.planned(post):
        return post
    now = clock.now()
    zone = post.zone or leaving.zone_of(post)
    here = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    post.wall_time, post.zone, post.due_at = outbox.written(here), zone, now
    base.write(post, actor=actor)
    for variant in Variant.objects.filter(post=post, due_at__isnull=False):
        if not Publication.objects.filter(
            variant=variant, version=variant.version, delivery__state=outbox.State.SENT
        ).exists():
            _put_time(variant, None, "", actor)
    base.content_changed(post, actor=actor)
    variants = leaving.variants_of(post)
    leaving.check_times(post, variants, now=True)
    leaving.check_agreed(post)
    if is_scheduled:
        _reschedule(post, actor, now=True)
    else:
        base.to_state(post, PostState.SCHEDULED, actor=actor)
        leaving.queue_all(post, variants, actor=actor, now=True)
    return post
