"""Sending what was claimed: the attempt is written and committed first, then the other side is called, once."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Sequence

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Exists, Max, Q

from folkmoot.connectors.base import CannotOpen, Outcome, Sender
from folkmoot.kernel import clock
from folkmoot.kernel.http import NotSent, Verdict
from folkmoot.kernel.jobs.leases import owner
from folkmoot.kernel.jobs.sharing import give_back
from folkmoot.kernel.ops import redact
from folkmoot.outbox import queries, signals
from folkmoot.outbox.engine import access, context, outcomes, telling
from folkmoot.outbox.engine.access import Renewal
from folkmoot.outbox.engine.alone import one_at_a_time
from folkmoot.outbox.engine.claim import LEASE, release
from folkmoot.outbox.kinds import NotYet
from folkmoot.outbox.models import ApprovalRule, Attempt, Channel, Delivery, State, Switch, Verb

log = structlog.get_logger(__name__)

#: After so long a thread gives back what it has not begun: others may be free, and channels may be faster.
SECONDS = 2.0


def work(held: Sequence[Delivery], stopping: threading.Event | None = None) -> None:
    """Send, or look for, what was claimed on one channel."""
    if not held:
        return
    channel = held[0].channel
    if channel.kind not in _known():
        release(list(held), words=f"this version knows no channel of the kind {channel.kind}")
        return
    if held[0].state == State.UNCERTAIN:
        for delivery in held:
            look(delivery)
    else:
        _send_all(channel, list(held), stopping)


def _known() -> set[str]:
    from folkmoot.connectors.base import connectors

    return {connector.key for connector in connectors}


def _send_all(channel: Channel, held: list[Delivery], stopping: threading.Event | None) -> None:
    enough = time.monotonic() + SECONDS
    line: Sender | None = None
    rules = list(ApprovalRule.objects.all())
    try:
        if not _has_access(channel):
            return
        line = _opened(channel, held)
        while held and line is not None:
            if time.monotonic() > enough or (stopping is not None and stopping.is_set()):
                return
            delivery = held.pop(0)
            state, outcome = _tried(delivery, line, rules)
            if outcome is not None and outcome.expired and not _rests(delivery.channel):
                line.close()
                line = _opened(channel, held) if _renewed(channel, outcome.words) else None
            elif state is not None and _rests(delivery.channel):
                release(held, next_at=delivery.channel.rests_until)
                held.clear()
    finally:
        release(held)
        if line is not None:
            line.close()


def _rests(channel: Channel) -> bool:
    """The channel failed, or has to wait for its limit: what else was claimed waits with it."""
    return channel.rests_until is not None and channel.rests_until > clock.now()


def _opened(channel: Channel, held: list[Delivery]) -> Sender | None:
    try:
        return channel.connector.open(channel.access)
    except Exception as problem:
        _cannot_open(channel, held, problem)
        held.clear()
        return None


def _has_access(channel: Channel) -> bool:
    """Renew the access in time. What is near its end may be used all the same while another renews it."""
    if not access.is_near(channel):
        return True
    renewal, _words = access.renew(channel)
    if renewal is Renewal.BUSY and channel.renew_at is not None and channel.renew_at <= clock.now():
        outcomes.hold(channel, clock.now() + dt.timedelta(seconds=1))
        return False
    return renewal is not Renewal.OVER


def _renewed(channel: Channel, refusal: str) -> bool:
    """After the platform refused the access: whether there is a new one. If not, the channel rests or fails."""
    renewal, words = access.renew(channel, refused=True)
    if renewal is Renewal.BUSY:
        outcomes.hold(channel, clock.now() + dt.timedelta(seconds=1))
    elif renewal in (Renewal.NOTHING, Renewal.LATER):
        outcomes.channel_failed(channel, words or refusal)
    return renewal is Renewal.READY


def _cannot_open(channel: Channel, held: list[Delivery], problem: Exception) -> None:
    words = str(problem) if isinstance(problem, CannotOpen) else _told(problem)
    until = outcomes.channel_failed(channel, words)
    release(held, next_at=until, words=words)
    log.warning("channel cannot be reached", channel=channel.pk, why=words)


def send(held: Delivery, line: Sender, rules: Sequence[ApprovalRule] = ()) -> State | None:
    """One delivery: write the attempt, commit, call, write the outcome."""
    return _tried(held, line, rules)[0]


def _tried(
    held: Delivery, line: Sender, rules: Sequence[ApprovalRule]
) -> tuple[State | None, Outcome | None]:
    try:
        if _stopped(held, queries.why_not_now(held, asks_outside=True)):
            return None, None
        attempt = begin(held, rules)
    except DatabaseError:
        raise
    except Exception as problem:  # a check that stumbles says nothing: it is asked again
        log.exception("a check before leaving stumbled", delivery=held.pk)
        _stopped(held, NotYet(_told(problem)))
        return None, None
    if attempt is None:
        return None, None
    give_back()
    try:
        outcome = _done(held, line)
    except Exception as problem:
        log.warning("sending ended in an error", delivery=held.pk, error=_told(problem))
        outcome = Outcome.unknown(_told(problem))
    return outcomes.finish(held, attempt, outcome), outcome


def _done(held: Delivery, line: Sender) -> Outcome:
    """Do what the delivery is for."""
    if held.verb == Verb.SEND or held.about is None:
        return line.send(held.payload, context.of(held))
    there = context.sent(held.about)
    if held.verb == Verb.WITHDRAW:
        return line.withdraw(there)
    return line.correct(there, held.payload, context.of(held))


@one_at_a_time
@transaction.atomic
def begin(held: Delivery, rules: Sequence[ApprovalRule] = ()) -> Attempt | None:
    """Ask everything once more, then write that it is leaving. What this returns for is committed before the call.

    Returns:
        ``None`` when it does not leave now: paused, changed, taken by another, not approved, withheld.
    """
    now = clock.now()
    mine = Delivery.objects.filter(pk=held.pk, fence=held.fence, state=State.CLAIMED, lease_until__gt=now)
    if not held.is_intact:
        _end(held, State.FAILED, outcomes.withheld_words())
        return None
    if held.verb != Verb.SEND and not _its_turn(held, now):
        return None
    if rules and queries.missing_approvals(held, rules):
        _end(held, State.WAITING, "")
        return None
    why_not = queries.why_not(held)
    if why_not:
        _end(held, State.WITHHELD, why_not)
        return None
    if _stopped(held, queries.why_not_now(held, asks_outside=False)):
        return None
    all_paused = Switch.objects.filter(pk=1, paused_at__isnull=False)
    may_leave = mine.filter(~Exists(all_paused), channel__paused_at=None)
    held.stamped_at = held.stamped_at or now
    if not may_leave.update(
        state=State.SENDING, lease_until=now + LEASE, changed_at=now, stamped_at=held.stamped_at
    ):
        release([held])  # paused; or another holds it, then this writes nothing
        return None
    held.state = State.SENDING
    return Attempt.objects.create(
        delivery=held,
        number=held.fence,
        kind=Attempt.Kind.SEND,
        payload_sha256=held.payload_sha256,
        worker=owner(),
        began_at=now,
    )


def _its_turn(held: Delivery, now: dt.datetime) -> bool:
    """Corrections and withdrawals of one message keep their order: the newest is what stays."""
    others = Delivery.objects.filter(about=held.about_id).exclude(pk=held.pk)
    if others.filter(state=State.SENDING).exists():
        release([held], next_at=now + dt.timedelta(seconds=2))
        return False
    over = Q(verb=Verb.WITHDRAW) | Q(pk__gt=held.pk)
    ended = (State.CANCELLED, State.FAILED, State.MISSED, State.WITHHELD)
    if held.verb == Verb.CORRECT and others.filter(over).exclude(state__in=ended).exists():
        _end(held, State.CANCELLED, outcomes.gave_way_words())
        return False
    return True


def _stopped(held: Delivery, why_not: str | NotYet) -> bool:
    """Whether a check keeps it from leaving: for now, or for good, and then somebody is told."""
    if why_not:
        _stop(held, why_not)
    return bool(why_not)


@transaction.atomic
def _stop(held: Delivery, why_not: str | NotYet) -> None:
    if isinstance(why_not, NotYet):
        again = clock.now() + dt.timedelta(seconds=max(1.0, why_not.seconds))
        release([held], next_at=again, words=why_not.words)
    elif _end(held, State.WITHHELD, why_not):
        telling.tell_withheld(held, why_not)


def _end(held: Delivery, state: State, words: str) -> bool:
    """Whether it was still ours to end."""
    changed = Delivery.objects.filter(pk=held.pk, fence=held.fence, state=State.CLAIMED).update(
        state=state, words=words[:500], lease_owner="", lease_until=None, changed_at=clock.now()
    )
    held.state, held.words = state, words[:500]
    if changed and state in (State.FAILED, State.WITHHELD, State.CANCELLED):
        signals.settled.send(sender=Delivery, delivery=held)
    return bool(changed)


def look(held: Delivery) -> State | None:
    """Ask the other side what became of a try whose answer was lost."""
    channel, now = held.channel, clock.now()
    attempt = Attempt.objects.create(
        delivery=held,
        number=held.fence,
        kind=Attempt.Kind.LOOK,
        payload_sha256=held.payload_sha256,
        worker=owner(),
        began_at=now,
    )
    began = held.attempts.filter(kind=Attempt.Kind.SEND).aggregate(at=Max("began_at"))["at"] or now
    if access.is_near(channel):
        access.renew(channel)
    try:
        outcome = _asked(held, began)
        if outcome.verdict is Verdict.NO and outcome.expired and _renewed(channel, outcome.words):
            outcome = _asked(held, began)
    except CannotOpen as problem:
        outcome = Outcome.no(str(problem), transient=True, channel=True)
    except NotSent as problem:
        outcome = Outcome.of_problem(problem)
    except DatabaseError:
        raise
    except Exception as problem:
        outcome = Outcome.unknown(_told(problem))
    return outcomes.finish(held, attempt, outcome)


def _asked(held: Delivery, began: dt.datetime) -> Outcome:
    line = held.channel.connector.open_to_ask(held.channel.access)
    try:
        return line.reconcile(held.payload, context.tried(held, began))
    finally:
        line.close()


def _told(problem: Exception) -> str:
    return redact.text(f"{type(problem).__name__}: {problem}")[:500]
