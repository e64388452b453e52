"""What the page of one delivery shows: a post as its readers see it, and what followed from each try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import MEDIUM, Ability, Content, PostConnector, Segment, pieces
from folkmoot.outbox import queries
from folkmoot.outbox.models import Attempt, Delivery, State, Verb


@dataclass(frozen=True)
class ShownPost:
    """A post for its page."""

    content: Content
    segments: Sequence[Segment]


def post(delivery: Delivery) -> ShownPost | None:
    """The post that a delivery is; ``None``: it is none, or takes one away."""
    if delivery.channel.medium != MEDIUM or delivery.verb == Verb.WITHDRAW:
        return None
    try:
        content = Content.of(delivery.payload)
        known = connectors.get(delivery.channel.kind) if delivery.channel.kind in connectors else None
        segments = known.segments(content) if isinstance(known, PostConnector) else pieces(content)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return ShownPost(content, segments)


def others(delivery: Delivery) -> list[tuple[str, list[list[str]]]]:
    """Who gets a mail beside the first: in which line, and their names and addresses."""
    lines = (("more_to", _("Also to")), ("cc", _("Copy to")), ("bcc", _("Hidden copy to")))
    return [(label, delivery.payload[key]) for key, label in lines if delivery.payload.get(key)]


def can_withdraw(delivery: Delivery) -> bool:
    """Whether it is there and its platform lets us take it away."""
    return (
        delivery.state == State.SENT
        and delivery.verb == Verb.SEND
        and queries.can(delivery.channel, Ability.WITHDRAW)
        and not delivery.is_withdrawn
    )


@dataclass(frozen=True)
class Step:
    """One try, and what followed from its answer."""

    attempt: Attempt
    decided: str


def steps(delivery: Delivery, attempts: Sequence[Attempt]) -> list[Step]:
    """What was tried, in its order."""
    return [
        Step(one, _decided(delivery, one, attempts[place] if place < len(attempts) else None))
        for place, one in enumerate(attempts, 1)
    ]


def _decided(delivery: Delivery, attempt: Attempt, after: Attempt | None) -> str:
    if attempt.ended_at is None or attempt.outcome == Attempt.Outcome.YES:
        return ""
    kind = str(after.kind) if after is not None else _next_kind(delivery)
    said: dict[str, str]
    if attempt.outcome == Attempt.Outcome.NO:
        said = {
            Attempt.Kind.SEND: _("It is certainly not there, so it is sent again."),
            Attempt.Kind.LOOK: _("The other side could not be asked, so it is asked again."),
            Attempt.Kind.PERSON: _("A person decided."),
            State.FAILED: _("Trying again would not help, so it stays refused."),
            State.NEEDS_PERSON: _("This platform cannot be trusted to know, so a person looks."),
        }
    elif delivery.verb != Verb.SEND:
        said = {
            Attempt.Kind.SEND: _("Nobody knows; doing it twice does no more than once, so it is done again."),
            State.NEEDS_PERSON: _("It was tried often enough: a person looks."),
        }
    else:
        said = {
            Attempt.Kind.SEND: _("It is not there, so it is sent again."),
            Attempt.Kind.LOOK: _(
                "Nobody knows whether it is there, so the other side is asked before anything is sent."
            ),
            Attempt.Kind.PERSON: _("Nobody knows whether it is there, so a person looked."),
            Attempt.Kind.REPORT: _("The other side told of it by itself."),
            State.NEEDS_PERSON: _(
                "It cannot be found out by machine, so a person looks before anything is sent again."
            ),
        }
    return said.get(kind, "")


def _next_kind(delivery: Delivery) -> str:
    """What comes after the last try."""
    if delivery.state in (State.SCHEDULED, State.CLAIMED, State.SENDING):
        return Attempt.Kind.SEND
    return Attempt.Kind.LOOK if delivery.state == State.UNCERTAIN else delivery.state
