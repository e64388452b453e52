"""Posts as a whole: made, changed, copied, cancelled; which channels get them. How one is deleted: ``deleting``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import MEDIUM
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox import public as outbox
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Organization, Person, Project, Tag
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import (
    EDITABLE,
    Campaign,
    Part,
    PartMedia,
    Post,
    PostState,
    Publication,
    Variant,
)


class PostFields(TypedDict, total=False):
    """What may be said of a post beside its texts."""

    title: str
    kind: str
    campaign: Campaign | None
    owner: User | None
    language: str
    link: str
    grace_hours: int | None
    embargo_until: dt.datetime | None
    waits_for_link: bool
    project: Project | None
    sponsor: Organization | None
    people: Iterable[Person]
    tags: Iterable[Tag]
    series: Any
    article: Any
    activity: Any
    import_key: str


#: Many-to-many values of a post.
SETS = ("people", "tags")


@transaction.atomic
def save_post(
    *,
    post: Post | None = None,
    values: PostFields,
    channels: Sequence[Channel] | None = None,
    actor: Actor,
    seen: int | None = None,
    correcting: bool = False,
) -> Post:
    """Make a post (a draft with an empty base text), or change what is said of it and which channels get it.

    Other content than was agreed to makes it a draft again (:func:`base.content_changed`).

    Args:
        values: what is not named stays.
        channels: those that get it, each with the base's text until it has its own; ``None``: as they are.
        seen: :func:`base.current_version` when the form was opened.
        correcting: of what has left, for a correction.

    Raises:
        ValidationError: by field; it has left or was cancelled; ``ChangedMeanwhile``.
    """
    plain: dict[str, Any] = {name: value for name, value in values.items() if name not in SETS}
    if post is None:
        post = Post(written_by=actor, owner=actor)
        base.put(post, plain)
        base.write(post, actor=actor)
        variant = base.write(Variant(post=post, follows_base=False), actor=actor)
        base.write(Part(variant=variant, position=1), actor=actor)
    else:
        post = base.held(post, seen)
        base.need_editable(post, correcting=correcting)
        if base.put(post, plain):
            post.changed_at = clock.now()
            base.write(post, actor=actor)
    for name in SETS:
        if name in values:
            _set(post, name, values[name], actor)  # type: ignore[literal-required]
    if channels is not None:
        _set_channels(post, channels, actor)
    base.content_changed(post, actor=actor)
    return post


def _set(post: Post, name: str, rows: Iterable[Any], actor: Actor) -> bool:
    relation = getattr(post, name)
    wanted = {row.pk for row in rows}
    if set(relation.values_list("pk", flat=True)) == wanted:
        return False
    post._history_user = actor  # type: ignore[attr-defined]
    relation.set(wanted)
    return True


def _set_channels(post: Post, channels: Sequence[Channel], actor: Actor) -> None:
    wanted = {channel.pk: channel for channel in channels}
    for channel in wanted.values():
        if channel.medium != MEDIUM:
            raise ValidationError(
                {"channels": _("%(channel)s takes no posts.") % {"channel": channel}}, code="medium"
            )
    there = {
        variant.channel_id: variant
        for variant in Variant.objects.filter(post=post, channel__isnull=False).select_related("channel")
    }
    for pk, variant in there.items():
        if pk not in wanted:
            _take_off(variant, actor)
    for pk, channel in wanted.items():
        if pk in there:
            continue
        if channel.archived_at is not None:
            raise ValidationError(
                {"channels": _("%(channel)s is not used any more.") % {"channel": channel}}, code="archived"
            )
        base.write(Variant(post=post, channel=channel, follows_base=True), actor=actor)


def _take_off(variant: Variant, actor: Actor) -> None:
    """Remove a channel's variant with what was planned for it.

    Raises:
        ValidationError: something of it has left.
    """
    publications = list(Publication.objects.filter(variant=variant).select_related("delivery"))
    states = {row.delivery.state for row in publications}
    if states & {
        outbox.State.SENT,
        outbox.State.SENDING,
        outbox.State.UNCERTAIN,
        outbox.State.NEEDS_PERSON,
    }:
        raise ValidationError(
            {
                "channels": _("The post has left for %(channel)s: it cannot be taken off any more.")
                % {"channel": variant.channel}
            },
            code="left",
        )
    for row in publications:
        row.delete()
    for row in sorted(publications, key=lambda one: -one.part):
        if row.delivery.state in outbox.PLANNED:
            outbox.cancel(delivery=row.delivery, actor=actor)
    for part in variant.parts.all():
        base.remove(part, actor=actor)
    base.remove(variant, actor=actor)


@transaction.atomic
def remove_variant(*, variant: Variant, actor: Actor) -> None:
    """Take a post off a channel.

    Raises:
        ValidationError: it is the base, or something of it has left.
    """
    post = base.held(variant.post)
    base.need_editable(post)
    if variant.channel_id is None:
        raise ValidationError(_("The base text stays: channels follow it."), code="base")
    if not Variant.objects.filter(pk=variant.pk).exists():
        return
    _take_off(variant, actor)
    base.content_changed(post, actor=actor)


@transaction.atomic
def set_tags(*, post: Post, tags: Iterable[Tag], actor: Actor) -> bool:
    """Give a post these tags and no others; in any state.

    Returns:
        whether they were others.
    """
    return _set(base.held(post), "tags", tags, actor)


@transaction.atomic
def set_owner(*, post: Post, owner: User | None, actor: Actor) -> bool:
    """Say who looks after a post; in any state.

    Returns:
        whether it was another.
    """
    post = base.held(post)
    if not base.put(post, {"owner": owner}):
        return False
    base.write(post, actor=actor)
    return True


@transaction.atomic
def set_campaign(*, post: Post, campaign: Campaign | None, actor: Actor) -> bool:
    """Say to which campaign a post belongs; in any state. Words in links of what is scheduled stay as they were frozen.

    Returns:
        whether it was another.
    """
    post = base.held(post)
    if not base.put(post, {"campaign": campaign}):
        return False
    base.write(post, actor=actor)
    return True


@transaction.atomic
def duplicate_post(*, post: Post, actor: Actor) -> Post:
    """A draft with the same content for the same channels, without a time; channels that are not used any more are left
    out."""
    copy = Post(
        title=_("Copy of %(title)s") % {"title": post.title},
        campaign=post.campaign,
        owner=actor or post.owner,
        written_by=actor,
        language=post.language,
        link=post.link,
        grace_hours=post.grace_hours,
        waits_for_link=post.waits_for_link,
        project=post.project,
        sponsor=post.sponsor,
        article=post.article,
    )
    copy.title = copy.title[:200]
    base.write(copy, actor=actor)
    copy._history_user = actor  # type: ignore[attr-defined]
    copy.tags.set(post.tags.all())
    copy.people.set(post.people.all())
    for variant in Variant.objects.filter(post=post, channel__archived_at=None).select_related("channel"):
        made = base.write(
            Variant(
                post=copy,
                channel=variant.channel,
                follows_base=variant.follows_base,
                title=variant.title,
                language=variant.language,
                link=variant.link,
                options=variant.options,
            ),
            actor=actor,
        )
        for part in variant.parts.prefetch_related("pictures"):
            new = base.write(Part(variant=made, position=part.position, text=part.text), actor=actor)
            for use in part.pictures.all():
                base.write(
                    PartMedia(part=new, media=use.media, position=use.position, alt=use.alt), actor=actor
                )
    base.content_changed(copy, actor=actor)
    return copy


@transaction.atomic
def cancel_post(*, post: Post, actor: Actor) -> Post:
    """It does not leave; what is planned is cancelled. Twice does nothing more.

    Raises:
        ValidationError: something of it has left.
    """
    post = base.held(post)
    if post.state == PostState.CANCELLED:
        return post
    if base.has_left(post):
        raise ValidationError(
            _("Something of this post has left already. Withdraw it where that is possible."), code="left"
        )
    base.to_state(post, PostState.CANCELLED, actor=actor)
    for delivery in base.planned(post):
        outbox.cancel(delivery=delivery, actor=actor)
    return post


@transaction.atomic
def reopen_post(*, post: Post, actor: Actor) -> Post:
    """A cancelled post is a draft again. Twice does nothing more.

    Raises:
        ValidationError: it has left, so it is not taken up but copied.
    """
    post = base.held(post)
    if post.state in EDITABLE:
        return post
    if post.state != PostState.CANCELLED or base.has_left(post):
        raise ValidationError(_("This post has left. Make a copy of it instead."), code="left")
    return base.to_state(post, PostState.DRAFT, actor=actor)
