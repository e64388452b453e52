"""How posts are planned on a channel: its plan, its weekly slots, its goals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.connectors.posts import MEDIUM
from folkmoot.kernel import clock, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.public import Channel
from folkmoot.publishing import options
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.content import connector_of
from folkmoot.publishing.models import CadenceGoal, ChannelPlan, Post, PostState, Slot, Variant
from folkmoot.publishing.queries.plans import plans_of

#: Slots of a channel on one weekday.
MOST_SLOTS = 24

saving.say(
    {
        "cadencegoal_once": ("since", gettext_lazy("There is a goal that begins on this day already.")),
        "cadencegoal_has_days": ("days", gettext_lazy("A goal is for one day at least.")),
    }
)


class PlanFields(TypedDict, total=False):
    """What may be said of a channel's plan."""

    zone: str
    language: str
    apart_minutes: int
    utm_source: str
    utm_medium: str
    options: dict[str, Any]
    owner: User | None


def _need_posts(channel: Channel) -> None:
    if channel.medium != MEDIUM:
        raise ValidationError(_("%(channel)s takes no posts.") % {"channel": channel}, code="medium")


@transaction.atomic
def save_plan(*, channel: Channel, values: PlanFields, actor: Actor, seen: int | None = None) -> ChannelPlan:
    """Say how posts are planned on a channel; what is not named stays. Another zone moves its slots, and no post.

    Args:
        values: ``options`` by the names that the connector declares; what is empty in them is left to the platform.
            They hold for what is planned from now on: what is scheduled stays as it was frozen. Posts that wait for
            an approval, or have it, are drafts again where an option changes for them: others would have agreed to
            something else.

    Raises:
        ValidationError: by field: no such zone; an option that the platform does not take (``option_…``); the channel
            takes no posts; ``ChangedMeanwhile``.
    """
    _need_posts(channel)
    plan = plans_of([channel])[channel.pk]
    if plan.pk is not None:
        plan = base.locked(plan, seen)
    zone = values.get("zone", plan.zone)
    if zone not in clock.zones():
        raise ValidationError({"zone": _("There is no time zone “%(zone)s”.") % {"zone": zone}})
    told: dict[str, Any] = dict(values)
    if "options" in values:
        connector = connector_of(channel)
        if connector is None:
            raise ValidationError(_("Nobody knows what %(channel)s takes.") % {"channel": channel})
        told["options"] = options.checked(connector, values["options"])
    before = dict(plan.options)
    if base.put(plan, told) or plan.pk is None:
        base.write(plan, actor=actor)
        names = {*before, *plan.options}
        _ask_again(channel, {one for one in names if before.get(one) != plan.options.get(one)}, actor)
    return plan


def _ask_again(channel: Channel, changed: set[str], actor: Actor) -> None:
    """Nobody agreed to other options: what is not scheduled yet and takes them from the channel is a draft again."""
    if not changed:
        return
    rows = Variant.objects.filter(channel=channel, post__state__in=[PostState.REVIEW, PostState.APPROVED])
    taking = {row.post_id for row in rows if not changed <= set(row.options)}
    for post in Post.objects.select_for_update().filter(pk__in=taking).order_by("pk"):
        base.void(post, actor=actor)


@transaction.atomic
def set_slots(*, channel: Channel, slots: Iterable[tuple[int, dt.time]], actor: Actor) -> bool:
    """Give a channel these weekly slots (ISO weekday, wall time to the minute) and no others.

    Returns:
        whether they were others.

    Raises:
        ValidationError: the channel takes no posts; more than :data:`MOST_SLOTS` on a weekday.
    """
    _need_posts(channel)
    wanted = {(weekday, time.replace(second=0, microsecond=0)) for weekday, time in slots}
    for weekday in range(1, 8):
        if sum(day == weekday for day, _time in wanted) > MOST_SLOTS:
            raise ValidationError(
                {f"day{weekday}": _("At most %(n)d slots on a weekday.") % {"n": MOST_SLOTS}}, code="many"
            )
    there = {(slot.weekday, slot.time): slot for slot in Slot.objects.filter(channel=channel)}
    for key, slot in there.items():
        if key not in wanted:
            base.remove(slot, actor=actor)
    for weekday, time in sorted(wanted - set(there)):
        base.write(Slot(channel=channel, weekday=weekday, time=time), actor=actor)
    return set(there) != wanted


@transaction.atomic
def save_goal(
    *,
    channel: Channel,
    goal: CadenceGoal | None = None,
    since: dt.date,
    posts: int,
    days: int,
    actor: Actor,
    seen: int | None = None,
) -> CadenceGoal:
    """Say how many posts a channel is to have in how many days, from a day on, until its next goal begins.

    Args:
        posts: 0: from this day on there is no goal.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    _need_posts(channel)
    row = base.locked(goal, seen) if goal is not None else CadenceGoal(channel=channel)
    if not 1 <= days <= 366:
        raise ValidationError({"days": _("Between 1 and 366 days.")})
    if not 0 <= posts <= 1000:
        raise ValidationError({"posts": _("Between 0 and 1000 posts.")})
    if base.put(row, {"since": since, "posts": posts, "days": days}) or row.pk is None:
        base.write(row, actor=actor)
    return row


@transaction.atomic
def remove_goal(*, goal: CadenceGoal, actor: Actor) -> None:
    """Take a goal away; the one before it goes on."""
    base.remove(base.locked(goal), actor=actor)
