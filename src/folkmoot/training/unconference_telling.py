"""What the ledger is told of unconferences: who proposed a session, and who led one."""

from __future__ import annotations

from folkmoot.kernel import clock, events
from folkmoot.kernel.saving import Actor
from folkmoot.people.public import home_identity
from folkmoot.training.models import Event, Proposal, ProposalState

PROPOSED, LED = "training.session_proposed", "training.session_led"
SOURCE = "training"


def tell_proposed(proposal: Proposal, *, actor: Actor) -> int:
    """Note that somebody of the register proposed a session, once; the event is read beforehand."""
    if proposal.person is None:
        return 0
    return events.record(_happening(PROPOSED, proposal, proposal.person, actor))


def tell_led(event: Event) -> int:
    """Note who led sessions of an event that is over, each once."""
    rows = (
        Proposal.objects.filter(
            unconference__event=event,
            state=ProposalState.OPEN,
            leader__isnull=False,
            placement__is_cancelled=False,
            session__isnull=False,
        )
        .select_related("leader", "unconference__event", "session")
        .order_by("pk")
    )
    told = [_happening(LED, row, row.leader, None) for row in rows if row.leader is not None]
    return events.record(*told) if told else 0


def _happening(kind: str, row: Proposal, person: object, actor: Actor) -> events.Happening:
    event = row.unconference.event
    at = row.proposed_at if kind == PROPOSED else row.session.starts_at if row.session else None
    return events.Happening(
        kind=kind,
        identity_id=home_identity(person, actor=actor).pk,  # type: ignore[arg-type]
        occurred_at=at or clock.now(),
        source=SOURCE,
        external_id=f"{kind}:{row.pk}",
        detail={"event": event.pk, "title": row.title, "at": event.title},
    )
