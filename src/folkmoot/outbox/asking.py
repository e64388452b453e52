"""Asking platforms without sending: how posts fare, how many follow, what a server says of its limits.

One line for each channel. What cannot be asked is left out and said in the log: it is asked again next time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import structlog
from django.db import DatabaseError

from folkmoot.connectors.base import Sender, Sent
from folkmoot.connectors.posts import Ability
from folkmoot.kernel.ops import redact
from folkmoot.outbox import queries
from folkmoot.outbox.engine import access, context
from folkmoot.outbox.engine.access import Renewal
from folkmoot.outbox.models import Channel, Delivery, State, Verb

log = structlog.get_logger(__name__)
T = TypeVar("T")


def figures_of(deliveries: Iterable[Delivery]) -> dict[int, dict[str, int]]:
    """How posts fare there now, by the number of their delivery: ``likes``, ``shares``, ``replies``, ``views`` …

    What is not there any more, what its platform does not tell, and what could not be asked now has no entry.
    """
    there: dict[Channel, list[Delivery]] = defaultdict(list)
    for one in deliveries:
        if one.state == State.SENT and one.verb == Verb.SEND and one.remote_id:
            there[one.channel].append(one)
    found: dict[int, dict[str, int]] = {}
    for channel, posts in there.items():
        if not queries.can(channel, Ability.FIGURES):
            continue
        nothing: Mapping[str, Mapping[str, int]] = {}
        told = _asked(channel, _figures([context.sent(one) for one in posts]), nothing)
        found |= {one.pk: dict(told[one.remote_id]) for one in posts if one.remote_id in told}
    return found


def followers_of(channel: Channel) -> int | None:
    """How many follow the account; ``None``: its platform does not tell, or could not be asked now."""
    if not queries.can(channel, Ability.FOLLOWERS):
        return None
    return _asked(channel, lambda line: line.followers(), None)


def refresh_facts(channel: Channel) -> str:
    """Ask the server for its limits and whether the access works; once a day by a job, and whenever somebody asks.

    Returns:
        ``""``, or what is wrong, in words.
    """
    return access.probe(channel)


def _figures(sent: Sequence[Sent]) -> Callable[[Sender], Mapping[str, Mapping[str, int]]]:
    return lambda line: line.figures(sent)


def _asked(channel: Channel, ask: Callable[[Sender], T], otherwise: T) -> T:
    """One question by one line, with an access that works."""
    if channel.must_connect:
        return otherwise
    if access.is_near(channel) and access.renew(channel)[0] is Renewal.OVER:
        return otherwise
    try:
        line: Sender = channel.connector.open_to_ask(channel.access)
        try:
            return ask(line)
        finally:
            line.close()
    except DatabaseError:
        raise
    except Exception as problem:
        log.warning("channel cannot be asked", channel=channel.pk, why=redact.text(str(problem)))
        return otherwise
