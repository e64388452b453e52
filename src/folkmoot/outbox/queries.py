"""Every read that the outbox's pages, its engine, Today and monitors share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from folkmoot.connectors.base import connectors
from folkmoot.connectors.letters import others
from folkmoot.connectors.posts import MEDIUM as POSTS
from folkmoot.connectors.posts import Ability
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.rows import Rows
from folkmoot.kernel.text import fold
from folkmoot.outbox.kinds import NotYet, leave_checks, message_kinds, recipient_checks, topics
from folkmoot.outbox.models import (
    PLANNED,
    Approval,
    ApprovalRule,
    Channel,
    Delivery,
    State,
    Suppression,
    Switch,
    Verb,
)
from folkmoot.outbox.rules import areas_of

#: Before a channel has to be connected anew, people are told so many days ahead.
EXPIRY_DAYS = (14, 7, 2)
#: What makes an address get nothing at all, personal or not.
FOR_ALL = (Suppression.Why.HARD, Suppression.Why.SOFT, Suppression.Why.COMPLAINT, Suppression.Why.MANUAL)


# ------------------------------------------------------------ who gets what


def suppressions_of(address: str) -> QuerySet[Suppression]:
    """What keeps mail from an address now."""
    return Suppression.objects.filter(address=fold(address), lifted_at=None)


def why_not(delivery: Delivery) -> str:
    """Why a recipient does not get this message, in words; ``""`` when all may. Asked when queueing and sending.

    One who may not keeps it from all of them: it was written for them together.
    """
    if not delivery.recipient:
        return ""
    found = _why_not_one(delivery)
    if found:
        return found
    for address in others(delivery.payload) if delivery.channel.medium == "mail" else ():
        found = why_not_address(
            address, kind=delivery.kind, topic=delivery.topic, is_personal=delivery.is_personal
        )
        if found:
            return f"{address}: {found}"
    return ""


def why_not_address(address: str, *, kind: str, topic: str, is_personal: bool) -> str:
    """Why an address gets no such mail, in words, before there is one; ``""`` when it does."""
    return _why_not_one(Delivery(recipient=fold(address), kind=kind, topic=topic, is_personal=is_personal))


def _why_not_one(delivery: Delivery) -> str:
    blocking = suppressions_of(delivery.recipient)
    wanted = Q(why__in=FOR_ALL)
    if not delivery.is_personal:
        wanted |= Q(topic__in=["", delivery.topic])
    found = blocking.filter(wanted).order_by("since").first()
    if found is not None:
        return _("No mail to this address: %(why)s.") % {"why": found.get_why_display()}
    for check in recipient_checks:
        words = check.why_not(delivery)
        if words:
            return words
    return ""


def why_not_now(delivery: Delivery, *, asks_outside: bool) -> str | NotYet:
    """Why it does not leave now, by the checks of its kind that do, or do not, ask outside; ``""`` when it may.

    A reason for good weighs more than one to wait.
    """
    wait: str | NotYet = ""
    for check in leave_checks:
        if check.asks_outside != asks_outside or (check.kinds and delivery.kind not in check.kinds):
            continue
        said = check.why_not(delivery)
        if said and not isinstance(said, NotYet):
            return said
        wait = wait or said
    return wait


def topic_label(topic: str) -> str:
    """What one unsubscribes from, in words."""
    if topic in topics:
        return str(topics.get(topic).label)
    return topic or str(_("all mail that is not written to you personally"))


# --------------------------------------------------------------- approvals


def rules_for(delivery: Delivery, among: Sequence[ApprovalRule] | None = None) -> list[ApprovalRule]:
    """The approval rules that a delivery falls under; ``among`` spares the query."""
    rules = list(ApprovalRule.objects.all()) if among is None else among
    return [
        rule
        for rule in rules
        if rule.kind in ("", delivery.kind) and rule.channel_id in (None, delivery.channel_id)
    ]


def missing_approvals(delivery: Delivery, among: Sequence[ApprovalRule] | None = None) -> list[ApprovalRule]:
    """The rules by which nobody has agreed to the content as it is now."""
    rules = rules_for(delivery, among)
    if not rules or delivery.pk is None:
        return rules
    given = set(
        Approval.objects.filter(
            delivery=delivery, payload_sha256=delivery.payload_sha256, rule__in=rules
        ).values_list("rule_id", flat=True)
    )
    return [rule for rule in rules if rule.pk not in given]


def may_approve(user: User, rule: ApprovalRule, delivery: Delivery) -> bool:
    """Whether this person can be the one that a rule asks for."""
    if rule.four_eyes and delivery.asked_by_id == user.pk:
        return False
    return bool(user.is_active and user.level_in(rule.area) >= rule.level)


# ------------------------------------------------------------------- lists


def can(channel: Channel, ability: Ability) -> bool:
    """Whether a channel's platform can do something, as its connector declares."""
    if channel.kind not in connectors:
        return False
    return ability in getattr(channel.connector, "abilities", ())


def withdrawn(deliveries: Iterable[Delivery]) -> set[int]:
    """Numbers of those that were there and were taken away again. One query."""
    found = Delivery.objects.filter(about__in=list(deliveries), verb=Verb.WITHDRAW, state=State.SENT)
    return set(found.values_list("about_id", flat=True))


def channels() -> QuerySet[Channel]:
    """The channels in use."""
    return Channel.objects.filter(archived_at=None)


def usual_channel(medium: str) -> Channel | None:
    """The channel taken where nobody chose one: the usual one, else the first."""
    return channels().filter(medium=medium).order_by("-is_default", "pk").first()


def deliveries_for(user: User) -> QuerySet[Delivery]:
    """What the user may see: their areas', and what waits for an approval that they can give."""
    seen = Q(area__in=areas_of(user))
    theirs = Q()
    for area, level in user.levels.items():
        theirs |= Q(area=area, level__lte=level)
    if theirs:
        asked = ApprovalRule.objects.filter(
            theirs,
            Q(kind="") | Q(kind=OuterRef("kind")),
            Q(channel=None) | Q(channel=OuterRef("channel")),
        )
        seen |= Q(Exists(asked), state=State.WAITING)
    return Delivery.objects.filter(seen).select_related("channel", "asked_by")


def kind_label(key: str) -> str:
    """What a kind of message is called."""
    return str(message_kinds.get(key).label) if key in message_kinds else key


def kind_choices() -> list[tuple[str, Any]]:
    """All kinds of message."""
    return [(kind.key, kind.label) for kind in message_kinds]


# ---------------------------------------------------------- Today, monitors

#: Something went wrong, and a person has to do something.
STUCK = (State.MISSED, State.FAILED, State.NEEDS_PERSON)


def piles(user: User, states: Sequence[State]) -> Rows:
    """What stands in these states, by area, of what the user may see: how many (``number``), and since when the oldest
    stands there. What the area that a message belongs to tells the user itself is left out.
    """
    found = deliveries_for(user).filter(state__in=states).exclude(_waits_for_a_hand())
    for kind in message_kinds:
        if kind.told is not None:
            found = found.exclude(kind.told(user), state__in=STUCK)
    rows = found.order_by().values("state", "area")
    return Rows(rows, "state", "area", number=Count("pk"), since=Min("changed_at"))


def by_hand(user: User) -> Rows:
    """Posts that a person has to put there now, of those that the user may see; the oldest first."""
    rows = deliveries_for(user).filter(_waits_for_a_hand()).order_by("changed_at", "pk")
    person = KeyTextTransform("person", "channel__settings")
    return Rows(rows, "pk", "title", "area", "verb", "changed_at", channel="channel__name", person=person)


def _waits_for_a_hand() -> Q:
    kinds = [connector.key for connector in connectors if connector.is_manual]
    return Q(state=State.NEEDS_PERSON, channel__kind__in=kinds)


def overdue(now: dt.datetime) -> QuerySet[Delivery]:
    """What should have left by now and has not: due, planned or leaving. What is paused counts too."""
    return Delivery.objects.filter(state__in=[State.SCHEDULED, State.CLAIMED, State.SENDING], due_at__lte=now)


def oldest_due_seconds(now: dt.datetime | None = None) -> float:
    """For how long the oldest unsent delivery has been due; 0 when nothing is. One query."""
    now = now or clock.now()
    oldest = overdue(now).aggregate(oldest=Min("due_at"))["oldest"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def counts_by_state() -> dict[str, int]:
    """How many deliveries stand in each state."""
    return dict(Delivery.objects.order_by().values_list("state").annotate(n=Count("pk")))


def is_paused() -> Switch | None:
    """The switch, when everything is paused."""
    switch = Switch.current()
    return switch if switch.paused_at else None


def failing_channels() -> Rows:
    """Channels that fail, or whose mailbox cannot be read."""
    failing = Q(failing_since__isnull=False) | Q(mailbox_failing_since__isnull=False)
    return Rows(
        channels().filter(failing).order_by("pk"),
        *("pk", "name", "failing_since", "failing_words", "mailbox_failing_since", "mailbox_failing_words"),
    )


def expires_before(channel: Channel, moment: dt.datetime) -> bool:
    """Whether the channel has to be connected anew by a person before that moment: nothing planned then would leave."""
    return channel.expires_at is not None and channel.expires_at <= moment


def expiries(start: dt.datetime, end: dt.datetime) -> QuerySet[Channel]:
    """Channels whose access ends within that time, for a calendar; ``expires_at`` is when. The end is not in it."""
    return channels().filter(expires_at__gte=start, expires_at__lt=end).order_by("expires_at", "pk")


def expiring_channels(now: dt.datetime) -> Rows:
    """Channels that have to be connected anew within two weeks."""
    soon = expiries(now, now + dt.timedelta(days=EXPIRY_DAYS[0]))
    return Rows(soon, "pk", "name", "expires_at")


def to_test(now: dt.datetime) -> QuerySet[Channel]:
    """Channels for posts whose access has to be tested: ``has_due`` says that something is due within a day."""
    due = Delivery.objects.filter(
        channel=OuterRef("pk"), state__in=PLANNED, due_at__lte=now + dt.timedelta(days=1)
    )
    old = Q(facts_at=None) | Q(facts_at__lte=now - dt.timedelta(hours=23))
    due_soon = Q(has_due=True) & Q(facts_at__lte=now - dt.timedelta(hours=11))
    found = channels().filter(medium=POSTS).annotate(has_due=Exists(due))
    return found.filter(old | due_soon | Q(failing_since__isnull=False)).order_by("pk")


def crowd(channel: Channel, due: dt.datetime, but: int | None = None) -> int:
    """How many posts are planned for that very moment on a channel without a pace; ``but`` this one."""
    if channel.medium != POSTS or channel.per_minute:
        return 0
    planned = Delivery.objects.filter(channel=channel, state__in=PLANNED, due_at=due)
    return planned.exclude(pk__in=[but] if but else []).count()


def paused_switch() -> Rows:
    """The switch, when everything is paused."""
    return Rows(Switch.objects.filter(paused_at__isnull=False), "paused_at", "paused_why")


def paused_channels(now: dt.datetime) -> Rows:
    """Channels that are paused while something is due, where not everything is paused anyway."""
    late = overdue(now).filter(channel=OuterRef("pk"))
    all_paused = Switch.objects.filter(paused_at__isnull=False)
    found = channels().filter(Exists(late), ~Exists(all_paused), paused_at__isnull=False)
    return Rows(found.order_by("pk"), "pk", "name", "paused_at", "paused_why")
