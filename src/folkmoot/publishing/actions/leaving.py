"""What planning, publishing again and correcting share: whether a post may leave, and its deliveries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import Content
from folkmoot.kernel import clock
from folkmoot.kernel.permissions.areas import Area
from folkmoot.outbox import public as outbox
from folkmoot.outbox.public import Channel, Delivery
from folkmoot.publishing import addresses, content
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import ChannelPlan, Post, Publication, Variant
from folkmoot.publishing.policy import engine
from folkmoot.publishing.queries import agreement

KIND = "publishing.post"


def variants_of(post: Post) -> list[Variant]:
    """What channels get, the base left out.

    Raises:
        ValidationError: there is no channel.
    """
    found = list(
        Variant.objects.filter(post=post, channel__isnull=False)
        .select_related("channel")
        .order_by("channel_id", "pk")
    )
    if not found:
        raise ValidationError({"channels": _("Choose at least one channel.")}, code="channels")
    return found


def time_of(post: Post, variant: Variant) -> tuple[dt.datetime | None, str]:
    """When a channel gets it: its own time, else the post's."""
    if variant.due_at is not None:
        return base.wall(variant.wall_time), variant.zone
    return base.wall(post.wall_time), post.zone


def due_of(post: Post, variant: Variant) -> dt.datetime:
    """The moment of :func:`time_of`; now where there is none."""
    return variant.due_at or post.due_at or clock.now()


def zone_of(post: Post) -> str:
    """The zone of the plan of one of its channels, else UTC."""
    found = ChannelPlan.objects.filter(channel__variants__post=post).order_by("channel_id").first()
    return found.zone if found is not None else "UTC"


def grace_of(post: Post) -> dt.timedelta:
    """How long after its time it may leave: as the post says, else its campaign, else as usual."""
    hours = post.grace_hours
    if hours is None and post.campaign is not None:
        hours = post.campaign.grace_hours
    return outbox.GRACE if hours is None else dt.timedelta(hours=hours)


def check_times(post: Post, variants: Sequence[Variant], *, now: bool = False) -> None:
    """Whether the post may leave at its times.

    Raises:
        ValidationError: a moment is over or under embargo, a channel is not used any more or has to be connected anew
            before.
    """
    moment = clock.now()
    problems: list[str] = []
    for variant in variants:
        due = moment if now else due_of(post, variant)
        if not now and due <= moment:
            raise ValidationError(
                {"wall_time": _("That moment is over: choose a later one, or publish now.")}, code="over"
            )
        problems += _problems(post, variant, due)
    if problems:
        raise ValidationError({"channels": problems}, code="channels")


def _told(moment: dt.datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def check_channel(post: Post, variant: Variant, at: dt.datetime | None, zone: str) -> None:
    """As :func:`check_times`, of one channel at a moment of its own; ``None``: now.

    Raises:
        ValidationError: as there.
    """
    moment = clock.now()
    due = outbox.instant(at, zone) if at is not None else moment
    if at is not None and due <= moment:
        raise ValidationError({"wall_time": _("That moment is over.")}, code="over")
    problems = _problems(post, variant, due)
    if problems:
        raise ValidationError({"channels": problems}, code="channels")


def _problems(post: Post, variant: Variant, due: dt.datetime) -> list[str]:
    channel = variant.channel
    if channel is None:
        return []
    if post.embargo_until is not None and due < post.embargo_until:
        raise ValidationError(
            {"wall_time": _("It is under embargo until %(when)s.") % {"when": _told(post.embargo_until)}},
            code="embargo",
        )
    if channel.archived_at is not None:
        return [_("%(channel)s is not used any more.") % {"channel": channel}]
    if channel.expires_at is not None and channel.expires_at <= due:
        words = _(
            "The access to %(channel)s ends on %(when)s, before the post leaves: connect it anew first."
        )
        return [words % {"channel": channel, "when": _told(channel.expires_at)}]
    return []


def check_agreed(post: Post) -> None:
    """Whether the policy and everybody who has to agree let it leave.

    Raises:
        ValidationError: in words.
    """
    blocking = engine.blocking(engine.findings(post))
    if blocking:
        raise ValidationError([in_words(one) for one in blocking], code="policy")
    missing = agreement.missing(post)
    if missing:
        names = ", ".join(rule.name for rule in missing)
        raise ValidationError(
            _("Somebody has to approve it first: %(rules)s.") % {"rules": names}, code="approval"
        )


def in_words(finding: engine.Finding) -> str:
    """What the policy found, with its place."""
    return ": ".join(part for part in (finding.where, finding.message) if part)


def check_contents(variants: Sequence[Variant], contents: Mapping[int, Sequence[Content]]) -> None:
    """Whether each platform takes what it is to get.

    Raises:
        ValidationError: in words, with the channel.
    """
    problems = []
    for variant in variants:
        channel = variant.channel
        if channel is None:
            continue
        access = channel.access
        for part in contents[variant.pk]:
            place = f"{channel} ({part.part}/{part.parts})" if part.parts > 1 else str(channel)
            problems += [
                f"{place}: {words}" for words in channel.connector.problems(part.as_payload(), access)
            ]
    if problems:
        raise ValidationError(list(dict.fromkeys(problems)), code="platform")


def queue_all(
    post: Post, variants: Sequence[Variant], *, actor: Actor, now: bool = False
) -> list[Publication]:
    """Freeze what the channels get, and plan its leaving.

    Raises:
        ValidationError: a platform would refuse it.
    """
    contents = content.rendered(post)
    check_contents(variants, contents)
    made = []
    for variant in variants:
        next_version(variant, actor)
        at, zone = time_of(post, variant)
        made += queue_parts(
            post,
            variant,
            contents[variant.pk],
            actor=actor,
            wall_time=None if now else at,
            zone="" if now else zone,
        )
    return made


def next_version(variant: Variant, actor: Actor) -> None:
    """Count one further where this version was used, so that the outbox takes it for something new."""
    if Publication.objects.filter(variant=variant, version=variant.version).exists():
        variant.version += 1
        base.write(variant, actor=actor)


def queue_parts(
    post: Post,
    variant: Variant,
    parts: Sequence[Content],
    *,
    actor: Actor,
    wall_time: dt.datetime | None,
    zone: str,
    first: int = 1,
    after: Delivery | None = None,
) -> list[Publication]:
    """One delivery for each part from ``first`` on, each after the one before."""
    channel = _channel(variant)
    found = []
    before = after
    for part in parts[first - 1 :]:
        token = uuid.uuid4()
        delivery = outbox.queue(
            channel=channel,
            kind=KIND,
            area=Area.PUBLISHING,
            title=f"{post.title} ({part.part}/{part.parts})" if part.parts > 1 else post.title,
            payload=replace(part, marker=token.hex).as_payload(),
            asked_by=actor,
            key=f"post:{variant.pk}:{part.part}:{variant.version}",
            token=token,
            recipient_name=channel.name,
            wall_time=wall_time,
            zone=zone,
            grace=grace_of(post),
            depends_on=before,
            about_url=addresses.post_page(post.pk),
        )
        found.append(
            Publication.objects.get_or_create(
                variant=variant,
                part=part.part,
                version=variant.version,
                defaults={"delivery": delivery, "content_sha256": post.content_sha256},
            )[0]
        )
        before = delivery
    return found


def _channel(variant: Variant) -> Channel:
    channel = variant.channel
    if channel is None:
        raise ValidationError(_("The base text leaves by no channel."), code="base")
    return channel
