"""Writing down what became of a delivery. Who holds too low a fence writes nothing, but for a certain yes."""

from __future__ import annotations

import datetime as dt
import random

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.connectors.base import Outcome, Readback
from folkmoot.kernel import clock
from folkmoot.kernel.http import Verdict
from folkmoot.outbox import by_hand, signals
from folkmoot.outbox.engine.alone import one_at_a_time
from folkmoot.outbox.models import Attempt, Channel, Delivery, State, Verb

#: Waits after the first, second … definite no that may pass; the last one stays. In seconds.
BACK_OFF = (30, 120, 600, 1800, 3600)
MAX_TRIES = 8
#: A message whose access is refused is tried again at once so often in so long.
MOST_RENEWALS, RENEWED_IN = 2, dt.timedelta(minutes=10)
#: So long somebody tries to ask for a lost answer where the other side cannot be asked, before a person has to look.
ASK_FOR = dt.timedelta(hours=1)
ASK_AGAIN = 60.0
#: What an outcome changes; never what was frozen.
WRITTEN = (
    *("state", "next_at", "sent_at", "changed_at", "words", "remote_id", "remote_url", "remote"),
    *("tries", "looks", "fence", "lease_owner", "lease_until"),
)
#: No header is believed that asks for a longer rest.
LONGEST_HOLD = dt.timedelta(days=1)
#: How long a failing channel is left alone, by the number of failures in a row. In seconds.
CHANNEL_BACK_OFF = (5, 15, 60, 300)


@one_at_a_time
@transaction.atomic
def finish(held: Delivery, attempt: Attempt, outcome: Outcome) -> State | None:
    """Write what a try came to.

    Returns:
        the new state; ``None`` when somebody else holds the delivery by now and nothing but the attempt was written.
    """
    now = clock.now()
    _close(attempt, outcome, now)
    held.lease_owner, held.lease_until, held.changed_at = "", None, now
    held.words = outcome.words[:500]
    renews = outcome.expired and _is_new(held, now)
    if outcome.verdict is Verdict.YES:
        _sent(held, outcome, now)
    elif outcome.by_hand:
        held.state = State.NEEDS_PERSON
    elif outcome.verdict is Verdict.UNKNOWN:
        _unknown(held, now)
    elif held.state == State.UNCERTAIN:
        _looked_for(held, outcome, now)
    else:
        _refused(held, outcome, now, renews)
    mine = Delivery.objects.filter(pk=held.pk, fence=held.fence)
    still = mine.filter(state__in=[State.SENDING, State.UNCERTAIN])
    if not still.update(**{name: getattr(held, name) for name in WRITTEN}):
        return _late(held, outcome, now)
    if outcome.by_hand and outcome.verdict is not Verdict.YES:
        by_hand.tell(held)
    _tell_about(held)
    fails = outcome.verdict is Verdict.NO and (outcome.channel or outcome.expired)
    if fails and not renews and attempt.kind == Attempt.Kind.SEND:
        channel_failed(held.channel, outcome.words)
    else:
        _tell_channel(held.channel, outcome, now)
    if outcome.address_is_dead:
        from folkmoot.outbox.actions import suppressions

        suppressions.suppress(
            address=held.recipient,
            why="hard",
            source="smtp",
            words=outcome.words,
            delivery=held,
            actor=None,
        )
    if held.state in (State.SENT, State.FAILED, State.NEEDS_PERSON):
        signals.settled.send(sender=Delivery, delivery=held)
    return State(held.state)


def _close(attempt: Attempt, outcome: Outcome, now: dt.datetime) -> None:
    Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(
        outcome=outcome.verdict.value, words=outcome.words[:500], ended_at=now
    )


def _late(held: Delivery, outcome: Outcome, now: dt.datetime) -> State | None:
    """The lease had run out meanwhile. A certain yes is the truth, whatever was thought since."""
    if outcome.verdict is not Verdict.YES:
        return None
    others = Delivery.objects.select_for_update().filter(pk=held.pk)
    fresh = others.exclude(state__in=[State.SENT, State.SENDING]).first()
    if fresh is None:
        return None
    fresh.fence += 1
    fresh.lease_owner, fresh.lease_until, fresh.changed_at = "", None, now
    _sent(fresh, outcome, now)
    fresh.save(update_fields=WRITTEN)
    _tell_about(fresh)
    signals.settled.send(sender=Delivery, delivery=fresh)
    return State.SENT


def _sent(fresh: Delivery, outcome: Outcome, now: dt.datetime) -> None:
    fresh.state, fresh.sent_at = State.SENT, now
    about = fresh.about
    known = about or fresh
    fresh.remote_id = (outcome.remote_id or fresh.planned_id or known.remote_id)[:300]
    fresh.remote_url = outcome.remote_url[:500] or known.remote_url
    fresh.remote = {**known.remote, **outcome.remote}
    fresh.words = outcome.words[:500]


def _tell_about(fresh: Delivery) -> None:
    """After a correction, what it is called by there may be another."""
    if fresh.state == State.SENT and fresh.about_id is not None and fresh.verb == Verb.CORRECT:
        Delivery.objects.filter(pk=fresh.about_id).update(
            remote_id=fresh.remote_id, remote_url=fresh.remote_url, remote=fresh.remote
        )


def _unknown(fresh: Delivery, now: dt.datetime) -> None:
    """Ask again later, as the connector says; after the last time a person has to.

    A correction or a withdrawal is simply done again: twice does no more than once.
    """
    if fresh.verb != Verb.SEND:
        fresh.tries += 1
        if fresh.tries >= MAX_TRIES:
            fresh.state = State.NEEDS_PERSON
            return
        fresh.state, fresh.next_at = State.SCHEDULED, now + _back_off(fresh.tries)
        return
    channel = fresh.channel
    looks = channel.connector.looks_of(channel.access)
    if fresh.state == State.UNCERTAIN:
        fresh.looks += 1
    if fresh.looks >= len(looks):
        fresh.state = State.NEEDS_PERSON
        return
    before = looks[fresh.looks - 1] if fresh.looks else 0
    fresh.state, fresh.next_at = State.UNCERTAIN, now + dt.timedelta(seconds=looks[fresh.looks] - before)


def _looked_for(fresh: Delivery, outcome: Outcome, now: dt.datetime) -> None:
    """It is not there, or could not even be asked for."""
    if outcome.channel or outcome.expired or outcome.wait is not None:
        if now - (fresh.stamped_at or fresh.changed_at) > ASK_FOR:
            _unknown(fresh, now)
            return
        wait = 2.0 if outcome.expired else ASK_AGAIN if outcome.wait is None else outcome.wait
        fresh.next_at = now + dt.timedelta(seconds=wait)
    elif fresh.channel.connector.readback is Readback.NONE:
        fresh.state = State.NEEDS_PERSON
    else:
        fresh.state, fresh.next_at, fresh.looks = State.SCHEDULED, now, 0


def _refused(fresh: Delivery, outcome: Outcome, now: dt.datetime, renews: bool) -> None:
    if renews:
        fresh.state, fresh.next_at = State.SCHEDULED, now
    elif outcome.channel or outcome.expired:
        fresh.state, fresh.next_at = State.SCHEDULED, now + channel_wait(fresh.channel.failures)
    elif outcome.wait is not None:
        fresh.state, fresh.next_at = State.SCHEDULED, now + dt.timedelta(seconds=outcome.wait)
    elif outcome.transient:
        fresh.tries += 1
        if fresh.tries >= MAX_TRIES:
            fresh.state = State.FAILED
            return
        fresh.state, fresh.next_at = State.SCHEDULED, now + _back_off(fresh.tries)
    else:
        fresh.state = State.FAILED


def _is_new(fresh: Delivery, now: dt.datetime) -> bool:
    """Whether a new access is worth a try; one that is refused however new it is makes the channel fail."""
    lately = fresh.attempts.filter(outcome=Attempt.Outcome.NO, ended_at__gte=now - RENEWED_IN)
    return lately.count() <= MOST_RENEWALS


def _back_off(tries: int) -> dt.timedelta:
    """How long to wait after so many tries."""
    wait = BACK_OFF[min(tries, len(BACK_OFF)) - 1] * random.uniform(1.0, 1.2)  # noqa: S311 - spreads tries
    return dt.timedelta(seconds=wait)


def channel_wait(failures: int) -> dt.timedelta:
    """How long a channel is left alone after so many failures in a row before this one."""
    return dt.timedelta(seconds=CHANNEL_BACK_OFF[min(failures, len(CHANNEL_BACK_OFF) - 1)])


def _tell_channel(channel: Channel, outcome: Outcome, now: dt.datetime) -> None:
    """A limit is the channel's, and so is an end of its failing. An expired access is renewed by whoever sent."""
    if outcome.verdict is Verdict.NO and outcome.wait is not None:
        hold(channel, now + dt.timedelta(seconds=outcome.wait))
    elif outcome.verdict is Verdict.YES and channel.failing_since is not None:
        channel_works(channel)
    if outcome.rate is not None and outcome.rate.remaining <= 0 and outcome.rate.reset_at > now:
        hold(channel, min(outcome.rate.reset_at, now + LONGEST_HOLD))


def hold(channel: Channel, until: dt.datetime) -> None:
    """Nothing leaves on the channel before that moment; it does not fail."""
    channel.rests_until = max(until, channel.rests_until or until)
    Channel.objects.filter(Q(held_until=None) | Q(held_until__lt=until), pk=channel.pk).update(
        held_until=until
    )


def channel_works(channel: Channel) -> None:
    """The channel sends again."""
    channel.failing_since, channel.failing_words, channel.failures = None, "", 0
    channel.rests_until = None
    Channel.objects.filter(pk=channel.pk).update(
        failing_since=None, failing_words="", failures=0, held_until=None
    )


def channel_failed(channel: Channel, words: str) -> dt.datetime:
    """The channel itself fails: nothing on it is tried before the moment that is returned."""
    now = clock.now()
    until = now + channel_wait(channel.failures)
    channel.failures += 1
    channel.failing_since, channel.rests_until = channel.failing_since or now, until
    Channel.objects.filter(pk=channel.pk).update(
        failures=channel.failures,
        failing_since=channel.failing_since,
        failing_words=words[:500],
        held_until=until,
    )
    return until


@transaction.atomic
def heard(delivery: Delivery, outcome: Outcome) -> None:
    """The other side told by itself (a webhook, a bounce) that it has the message: certain, whatever was thought."""
    now = clock.now()
    fresh = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if fresh.state not in (State.UNCERTAIN, State.NEEDS_PERSON, State.SENDING):
        return
    Attempt.objects.filter(delivery=fresh, ended_at=None).update(
        outcome=outcome.verdict.value, words=outcome.words[:500], ended_at=now
    )
    Attempt.objects.create(
        delivery=fresh,
        number=fresh.fence,
        kind=Attempt.Kind.REPORT,
        outcome=outcome.verdict.value,
        words=outcome.words[:500],
        payload_sha256=fresh.payload_sha256,
        began_at=now,
        ended_at=now,
    )
    fresh.fence += 1
    fresh.lease_owner, fresh.lease_until, fresh.changed_at = "", None, now
    _sent(fresh, outcome, now)
    fresh.save(update_fields=WRITTEN)
    _tell_about(fresh)
    signals.settled.send(sender=Delivery, delivery=fresh)


def withheld_words() -> str:
    """For a delivery whose payload is not the one that was frozen."""
    return _("The content is not the one that was frozen; nothing was sent.")


def gave_way_words() -> str:
    """For a correction that does not leave since something newer does."""
    return _("A newer one takes its place.")
