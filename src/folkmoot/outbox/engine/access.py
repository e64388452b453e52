"""The access of a channel: renewed by one worker at a time, tested before it is needed, missed in time by people.

Of many workers one renews: the lease for it stands in the channel's row, and no lock of the database is held while
the platform is asked. What a platform gives replaces only what it was asked with: who connected anew meanwhile wins.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.connectors.base import CannotOpen, MustConnect, Renewed, connectors
from folkmoot.kernel import clock
from folkmoot.kernel.http import HttpProblem
from folkmoot.kernel.ids import token
from folkmoot.kernel.jobs.leases import is_dead, owner
from folkmoot.kernel.ops import redact
from folkmoot.kernel.ops.redact import hide
from folkmoot.outbox.engine import outcomes, telling
from folkmoot.outbox.models import Channel

log = structlog.get_logger(__name__)

#: It is renewed so long before it is over, when something is sent; and when the platform is tested for what is due.
NEAR = dt.timedelta(minutes=5)
NEAR_BEFORE_DUE = dt.timedelta(hours=24)
#: How long one worker may take to renew; longer than the HTTP client lets a request take, tries included.
LEASE = dt.timedelta(seconds=200)


class Renewal(Enum):
    """What became of a renewing."""

    READY = "ready"  # by this worker, or by another meanwhile
    NOTHING = "nothing"  # the connector has nothing to renew
    BUSY = "busy"  # another worker is at it
    LATER = "later"  # nobody answers
    OVER = "over"  # a person has to connect anew


def is_near(channel: Channel, within: dt.timedelta = NEAR) -> bool:
    """The access has to be renewed within that time."""
    return channel.renew_at is not None and channel.renew_at - within <= clock.now()


def renew(channel: Channel, *, refused: bool = False, within: dt.timedelta = NEAR) -> tuple[Renewal, str]:
    """Renew the access, if it is still needed when it is this worker's turn. ``channel`` is brought up to date.

    Args:
        refused: the platform refused the access that ``channel`` holds, whatever its time.

    Returns:
        what became of it, and words for people.
    """
    mine = f"{owner()}/{token()}"
    if not _take(channel, mine):
        return Renewal.BUSY, ""
    try:
        fresh = Channel.objects.get(pk=channel.pk)
        needed = is_near(fresh, within) or (refused and fresh.secrets == channel.secrets)
        _adopt(channel, fresh)
        if channel.must_connect:
            return Renewal.OVER, channel.failing_words
        return _renew(channel) if needed else (Renewal.READY, "")
    finally:
        Channel.objects.filter(pk=channel.pk, renewing_by=mine).update(renewing_by="", renewing_until=None)


def _take(channel: Channel, mine: str) -> bool:
    """One UPDATE decides who renews; a holder that is dead holds nobody up."""
    now = clock.now()
    free = Q(renewing_until=None) | Q(renewing_until__lt=now)
    held = Channel.objects.filter(pk=channel.pk).values_list("renewing_by", flat=True).first() or ""
    if held and is_dead(held.partition("/")[0]):
        free |= Q(renewing_by=held)
    rows = Channel.objects.filter(free, pk=channel.pk)
    return bool(rows.update(renewing_by=mine, renewing_until=now + LEASE))


def _renew(channel: Channel) -> tuple[Renewal, str]:
    try:
        found = channel.connector.renew(channel.access)
    except MustConnect as over:
        words = redact.text(str(over))
        return (Renewal.OVER, words) if must_connect(channel, words) else (Renewal.READY, "")
    except DatabaseError:
        raise
    except Exception as problem:
        words = redact.text(str(problem) if isinstance(problem, HttpProblem | CannotOpen) else repr(problem))
        log.warning("access cannot be renewed now", channel=channel.pk, why=words)
        return Renewal.LATER, words
    if found is None:
        return Renewal.NOTHING, ""
    keep(channel, found)
    return Renewal.READY, ""


@transaction.atomic
def keep(channel: Channel, found: Renewed) -> None:
    """Write a new access down: an empty secret replaces none, nor is one replaced that changed meanwhile."""
    hide(value for value in found.secrets.values() if value)
    fresh = Channel.objects.select_for_update().get(pk=channel.pk)
    before, stored = _secrets(channel), _secrets(fresh)
    wanted = {name: value for name, value in found.secrets.items() if value}
    if all(stored.get(name, "") == before.get(name, "") for name in wanted):
        learnt = {name: value for name, value in found.settings.items() if value not in ("", None)}
        Channel.objects.filter(pk=channel.pk).update(
            secrets=json.dumps({**stored, **wanted}),
            settings={**fresh.settings, **learnt},
            renew_at=found.renew_at,
            expires_at=found.expires_at,
        )
    _adopt(channel, Channel.objects.get(pk=channel.pk))


@transaction.atomic
def must_connect(channel: Channel, words: str) -> bool:
    """Nothing leaves any more until a person has connected the channel anew; they are told.

    Returns:
        ``False`` when somebody has done so meanwhile.
    """
    now = clock.now()
    fresh = Channel.objects.select_for_update().get(pk=channel.pk)
    if fresh.secrets != channel.secrets:
        _adopt(channel, fresh)
        return False
    said = (
        _("It has to be connected anew: %(why)s") % {"why": words}
        if words
        else _("It has to be connected anew.")
    )
    Channel.objects.filter(pk=channel.pk).update(
        expires_at=min(now, fresh.expires_at or now),
        failing_since=fresh.failing_since or now,
        failing_words=said[:500],
    )
    _adopt(channel, Channel.objects.get(pk=channel.pk))
    since = channel.failing_since or now
    telling.tell_settings(
        kind=telling.ACCESS,
        title=_("%(name)s has to be connected anew") % {"name": channel.name},
        body=words,
        url=reverse("outbox:channel", args=[channel.pk]),
        dedupe=f"{telling.ACCESS}:{channel.pk}:{since.isoformat()}",
    )
    return True


def probe(channel: Channel, *, within: dt.timedelta = NEAR) -> str:
    """Ask the platform whether the access works, and what it says of its limits; sends nothing.

    Args:
        within: the access is renewed first when it is over in that time.

    Returns:
        ``""``, or what is wrong, in words: then the channel fails until it works again.
    """
    words = _tested(channel, within)
    if not words:
        if channel.failing_since is not None:
            outcomes.channel_works(channel)
    elif not channel.must_connect:
        outcomes.channel_failed(channel, words)
    return words


def _tested(channel: Channel, within: dt.timedelta) -> str:
    if channel.kind not in connectors:
        return _("This version knows no channel of this kind.")
    over = _("It has to be connected anew.")
    if channel.must_connect:
        return channel.failing_words or over
    if is_near(channel, within):
        renewal, words = renew(channel, within=within)
        if renewal is Renewal.OVER:
            return words or over
    said = _ask(channel)
    if said and channel.renew_at is not None:  # it may only be over
        renewal, words = renew(channel, refused=True)
        if renewal is Renewal.OVER:
            return words or over
        if renewal is Renewal.READY:
            said = _ask(channel)
    return said


def _ask(channel: Channel) -> str:
    try:
        line = channel.connector.open(channel.access)
        try:
            line.account()
            facts = dict(line.facts())
        finally:
            line.close()
    except DatabaseError:
        raise
    except Exception as problem:
        return redact.text(str(problem) or type(problem).__name__)
    now = clock.now()
    channel.facts, channel.facts_at = facts or channel.facts, now
    Channel.objects.filter(pk=channel.pk).update(facts=channel.facts, facts_at=now)
    return ""


def _secrets(channel: Channel) -> Mapping[str, Any]:
    return json.loads(channel.secrets) if channel.secrets else {}


def _adopt(channel: Channel, fresh: Channel) -> None:
    """Bring what a caller holds up to date."""
    for name in (
        "secrets",
        "settings",
        "renew_at",
        "expires_at",
        "failing_since",
        "failing_words",
        "failures",
    ):
        setattr(channel, name, getattr(fresh, name))
