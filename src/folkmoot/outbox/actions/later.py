"""What happens to a message after it is there: other content in its place, or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import Ability
from folkmoot.kernel import clock
from folkmoot.outbox import queries, signals
from folkmoot.outbox.actions.base import Actor, OutboxStateError
from folkmoot.outbox.actions.deliveries import AGAIN, cancel, locked, send_now
from folkmoot.outbox.engine.outcomes import gave_way_words
from folkmoot.outbox.models import PLANNED, STUCK, Delivery, State, Verb, digest
from folkmoot.outbox.models.deliveries import TITLE_LENGTH

#: Mending late is better than never, unlike announcing late.
GRACE = dt.timedelta(days=7)


@transaction.atomic
def correct(*, delivery: Delivery, payload: Mapping[str, Any], asked_by: Actor) -> Delivery:
    """Queue other content in the place of what is there. The same content again is the same correction.

    A correction that has not left yet gives way to a newer one. Approvals, pauses and checks hold as for what leaves
    first.

    Returns:
        the correction, a delivery of its own.

    Raises:
        OutboxStateError: it is not there, is being taken away, or says this already.
        ValidationError: the platform cannot be corrected, or would refuse the content.
    """
    about = _there(delivery)
    channel = about.channel
    if not queries.can(channel, Ability.CORRECT):
        raise ValidationError(
            _("What is on %(channel)s cannot be corrected from here.") % {"channel": channel.name}
        )
    if about.later.filter(verb=Verb.WITHDRAW).exclude(state__in=AGAIN).exists():
        raise OutboxStateError(_("It is being taken away, or is gone already."))
    problems = channel.connector.problems(payload, channel.access)
    if problems:
        raise ValidationError(problems)
    frozen, sha = dict(payload), digest(dict(payload))
    newest = about.later.filter(verb=Verb.CORRECT).exclude(state__in=AGAIN).order_by("-pk").first()
    if newest is not None and newest.payload_sha256 == sha:
        return newest
    if newest is None and about.payload_sha256 == sha:
        raise OutboxStateError(_("It says this already."))
    last = about.later.order_by("-pk").values_list("pk", flat=True).first() or about.pk
    made = _queue(
        about,
        Verb.CORRECT,
        key=f"correct:{about.pk}:{sha[:40]}:{last}",
        title=_("Correction: %(title)s") % {"title": about.title},
        payload=frozen,
        asked_by=asked_by,
    )
    _give_way(about, made)
    return made


@transaction.atomic
def withdraw(*, delivery: Delivery, asked_by: Actor) -> Delivery:
    """Queue that what is there is taken away: once, however often it is asked for; what failed is tried again.

    Returns:
        the withdrawal, a delivery of its own.

    Raises:
        OutboxStateError: it is not there.
        ValidationError: the platform takes nothing back.
    """
    about = _there(delivery)
    if not queries.can(about.channel, Ability.WITHDRAW):
        raise ValidationError(
            _("What is on %(channel)s cannot be taken away from here.") % {"channel": about.channel.name}
        )
    made = _queue(
        about,
        Verb.WITHDRAW,
        key=f"withdraw:{about.pk}",
        title=_("Withdrawal: %(title)s") % {"title": about.title},
        payload={},
        asked_by=asked_by,
    )
    if made.state in AGAIN:
        made = send_now(delivery=made, actor=asked_by)
    _give_way(about, made)
    return made


@dataclass
class Withdrawn:
    """What became of many: withdrawals that were queued, what was cancelled since it had not left, what cannot be."""

    queued: list[Delivery] = field(default_factory=list)
    cancelled: list[Delivery] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def withdraw_all(*, deliveries: Iterable[Delivery], asked_by: Actor) -> Withdrawn:
    """Take away what is there, and cancel what has not left; the last parts of a thread first."""
    found = Withdrawn()
    for delivery in sorted(deliveries, key=lambda one: -one.pk):
        try:
            if delivery.state in (*PLANNED, *STUCK) and delivery.state != State.NEEDS_PERSON:
                found.cancelled.append(cancel(delivery=delivery, actor=asked_by))
            elif delivery.state not in (State.CANCELLED, State.WITHHELD):
                found.queued.append(withdraw(delivery=delivery, asked_by=asked_by))
        except ValidationError as error:
            found.problems.append(f"{delivery.title}: {' '.join(error.messages)}")
    return found


def _there(delivery: Delivery) -> Delivery:
    """The delivery, held, as it is now.

    Raises:
        OutboxStateError: it has not left, or is itself a correction or a withdrawal.
    """
    about = locked(delivery)
    if about.verb != Verb.SEND:
        raise OutboxStateError(_("This is itself a correction or a withdrawal."))
    if about.state in PLANNED:
        raise OutboxStateError(_("It has not left yet: change it, or cancel it."))
    if about.state != State.SENT:
        raise OutboxStateError(
            _("It is not there: it is “%(state)s”.") % {"state": about.get_state_display()}
        )
    return about


def _queue(
    about: Delivery, verb: Verb, *, key: str, title: str, payload: dict[str, Any], asked_by: Actor
) -> Delivery:
    known = Delivery.objects.filter(key=key).first()
    if known is not None:
        return known
    now = clock.now()
    made = Delivery(
        channel=about.channel,
        key=key,
        token=uuid.uuid4(),
        kind=about.kind,
        area=about.area,
        title=title[:TITLE_LENGTH],
        recipient=about.recipient,
        recipient_name=about.recipient_name,
        is_personal=about.is_personal,
        topic=about.topic,
        due_at=now,
        next_at=now,
        not_after=now + GRACE,
        payload=payload,
        payload_sha256=digest(payload),
        verb=verb,
        about=about,
        asked_by=asked_by,
        about_url=about.about_url,
    )
    if queries.rules_for(made):
        made.state = State.WAITING
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        return Delivery.objects.get(key=key)
    return made


def _give_way(about: Delivery, newer: Delivery) -> None:
    """What was to be done to it before and has not begun is done no more."""
    older = about.later.filter(state__in=[*PLANNED, *STUCK], pk__lt=newer.pk)
    if newer.state in AGAIN:
        return
    for one in older.exclude(state=State.NEEDS_PERSON).select_for_update():
        one.state, one.words = State.CANCELLED, gave_way_words()
        one.fence += 1
        one.lease_owner, one.lease_until, one.changed_at = "", None, clock.now()
        one.save()
        signals.settled.send(sender=Delivery, delivery=one)
