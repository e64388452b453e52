"""What was left behind: leases of the dead, times that are over, a silence in which nobody sent."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.connectors.base import connectors
from folkmoot.kernel import clock
from folkmoot.kernel.jobs.leases import is_dead
from folkmoot.outbox import signals
from folkmoot.outbox.engine import telling
from folkmoot.outbox.engine.outcomes import ASK_FOR
from folkmoot.outbox.models import Attempt, Delivery, State, Switch, Verb

log = structlog.get_logger(__name__)

#: How often somebody sweeps, in seconds.
EVERY = dt.timedelta(seconds=10)
#: When nobody has looked for so long, what is overdue goes out one by one.
SILENCE = dt.timedelta(minutes=10)
#: The pause between two of them on one channel.
APART = dt.timedelta(seconds=10)
#: So many may leave at once all the same.
FEW = 3
_CHUNK = 500
#: Their change and what is told of it are one transaction.
_MISSED_AT_ONCE = 100


def beat(now: dt.datetime | None = None) -> bool:
    """Say that somebody looks. Of many workers one is told to sweep, every ten seconds; one UPDATE decides.

    After a long silence what is overdue is spread first, so that starting again never sends a backlog in one go.
    """
    now = now or clock.now()
    before = Switch.objects.filter(pk=1).values_list("beat_at", flat=True).first()
    if before is None:
        Switch.objects.get_or_create(pk=1)
        return bool(Switch.objects.filter(pk=1, beat_at=None).update(beat_at=now))
    if now - before < EVERY:
        return False
    if now - before > SILENCE:
        return _after_silence(before, now)
    return bool(Switch.objects.filter(pk=1, beat_at=before).update(beat_at=now))


@transaction.atomic
def _after_silence(before: dt.datetime, now: dt.datetime) -> bool:
    if not Switch.objects.filter(pk=1, beat_at=before).update(beat_at=now):
        return False
    number = spread(now)
    if number:
        log.warning("messages were due while nothing ran", number=number)
        title = ngettext(
            "%(n)d message was due while nothing ran; it leaves now",
            "%(n)d messages were due while nothing ran; they leave one by one",
            number,
        )
        telling.tell_settings(
            kind=telling.MISSED,
            title=title % {"n": number},
            url=telling.of_state("scheduled"),
            dedupe=f"outbox.silence:{now.isoformat()}",
        )
    return True


def spread(now: dt.datetime) -> int:
    """Let what is overdue leave one by one on each channel.

    Returns:
        how many are overdue.
    """
    late = Delivery.objects.filter(state=State.SCHEDULED, next_at__lte=now, not_after__gte=now)
    places: Counter[int] = Counter()
    number = 0
    for pk, channel in list(late.order_by("due_at", "pk").values_list("pk", "channel_id")):
        number += 1
        places[channel] += 1
        if places[channel] > FEW:
            Delivery.objects.filter(pk=pk, state=State.SCHEDULED).update(
                next_at=now + (places[channel] - FEW) * APART
            )
    return number


def sweep(now: dt.datetime | None = None) -> dict[str, int]:
    """Look after what was left behind. Safe at any time, by any number of workers.

    Returns:
        how many were given back, have to be asked for, were missed.
    """
    now = now or clock.now()
    held = Q(lease_until__lt=now) | Q(lease_owner__in=_dead(now))
    back = Delivery.objects.filter(held, state=State.CLAIMED).update(
        state=State.SCHEDULED, lease_owner="", lease_until=None, changed_at=now
    )
    Delivery.objects.filter(held, state=State.UNCERTAIN, lease_until__isnull=False).update(
        lease_owner="", lease_until=None
    )
    never_asked(now)
    return {"back": back, "lost": _lost(held, now), "missed": _missed(now)}


def never_asked(now: dt.datetime) -> int:
    """Lost answers that nobody could ask for, since the channel has no access any more: a person has to look."""
    return Delivery.objects.filter(state=State.UNCERTAIN, lease_until=None, next_at__lt=now - ASK_FOR).update(
        state=State.NEEDS_PERSON,
        words=_("The other side could not be asked what became of it."),
        changed_at=now,
        fence=F("fence") + 1,
    )


def _dead(now: dt.datetime) -> list[str]:
    """Holders that are gone, as far as this machine can know."""
    holders = Delivery.objects.filter(
        state__in=[State.CLAIMED, State.SENDING, State.UNCERTAIN], lease_until__gte=now
    )
    return [
        name for name in holders.order_by().values_list("lease_owner", flat=True).distinct() if is_dead(name)
    ]


def _lost(held: Q, now: dt.datetime) -> int:
    """Whose worker ended while they were leaving: they may be there or not."""
    number = 0
    for delivery in Delivery.objects.select_related("channel").filter(held, state=State.SENDING)[:_CHUNK]:
        with transaction.atomic():
            state, after = _after_a_death(delivery)
            changed = Delivery.objects.filter(
                pk=delivery.pk, fence=delivery.fence, state=State.SENDING
            ).update(
                state=state,
                next_at=F("next_at") if after is None else now + dt.timedelta(seconds=after),
                lease_owner="",
                lease_until=None,
                changed_at=now,
                words=_("The worker ended while it was leaving: it may have arrived."),
            )
            if changed:
                number += 1
                Attempt.objects.filter(delivery=delivery, number=delivery.fence, ended_at=None).update(
                    ended_at=now, words="the worker ended before it knew"
                )
    return number


def _after_a_death(delivery: Delivery) -> tuple[State, int | None]:
    """Where it stands now, and after how many seconds it is looked at; what may be done twice is done again."""
    channel = delivery.channel
    if delivery.verb != Verb.SEND or (channel.kind in connectors and channel.connector.is_manual):
        return State.SCHEDULED, 0
    looks = channel.connector.looks_of(channel.access) if channel.kind in connectors else ()
    return (State.UNCERTAIN, looks[0]) if looks else (State.NEEDS_PERSON, None)


@transaction.atomic
def _missed(now: dt.datetime) -> int:
    """Whose time is over: they are not sent late by themselves, and somebody is told, in the same transaction: who is
    killed here leaves nothing missed in silence.
    """
    over = Delivery.objects.filter(
        Q(state=State.SCHEDULED) | Q(state=State.WAITING) & ~Q(wall_time=""), not_after__lt=now
    )
    told: Counter[int | None] = Counter()
    for delivery in over.select_related("depends_on").order_by("pk")[:_MISSED_AT_ONCE]:
        words = delivery.words or _why_late(delivery)
        changed = Delivery.objects.filter(
            pk=delivery.pk, fence=delivery.fence, state=delivery.state, not_after__lt=now
        ).update(state=State.MISSED, words=words[:500], changed_at=now, fence=F("fence") + 1)
        if changed:
            told[delivery.asked_by_id] += 1
            delivery.state, delivery.words = State.MISSED, words[:500]
            signals.settled.send(sender=Delivery, delivery=delivery)
    for user, count in told.items():
        title = ngettext(
            "%(n)d message was not sent in time", "%(n)d messages were not sent in time", count
        ) % {"n": count}
        telling.tell_asker(
            user,
            kind=telling.MISSED,
            title=title,
            url=telling.of_state("missed"),
            dedupe=f"{telling.MISSED}:{now.isoformat()}",
        )
    return sum(told.values())


def _why_late(delivery: Delivery) -> str:
    if delivery.state == State.WAITING:
        return _("Nobody approved it in time.")
    if delivery.depends_on is not None and delivery.depends_on.state != State.SENT:
        return _("What it follows was not sent.")
    return _("It could not leave in time.")
