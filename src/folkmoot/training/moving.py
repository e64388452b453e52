"""An event that is on other days or elsewhere tells everybody who takes part, if whoever changed it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.saving import Actor, current_version
from folkmoot.training import letters
from folkmoot.training.models import Event
from folkmoot.training.rounds import KNOWN, go_round

JOB = "training.tell_moved"
_FIELDS = (
    *("starts_on", "ends_on", "starts_time", "ends_time", "time_zone"),
    *("is_online", "venue", "address", "city", "country"),
)


@dataclass(frozen=True)
class Whereabouts:
    """When and where an event is: to compare, and in words."""

    facts: tuple[str, ...]
    words: str

    @classmethod
    def of(cls, event: Event) -> Whereabouts:
        """As the event says now."""
        facts = tuple(str(getattr(event, name)) for name in _FIELDS)
        words = "; ".join(part for part in (letters.when(event), letters.where(event)) if part)
        return cls(facts, words)


def tell(*, event: Event, was: Whereabouts, actor: Actor) -> bool:
    """Queue the mails about an event that is announced and has moved, once for each change.

    Returns:
        whether there is anything to tell.
    """
    over = event.ends_at is not None and event.ends_at <= clock.now()
    if over or event.status not in KNOWN or Whereabouts.of(event).facts == was.facts:
        return False
    occasion = current_version(event)
    enqueue(
        kind=JOB,
        arguments={"event": event.pk, "occasion": occasion, "facts": list(was.facts), "before": was.words},
        created_by=actor,
        unique_key=f"{JOB}:{event.pk}:{occasion}",
    )
    return True


def tell_everybody(context: JobContext) -> dict[str, int]:
    """The job: a mail to each, with the event as it is when it is written. Nothing where it is as it was again."""

    def said(event: Event) -> dict[str, Any] | None:
        if event.status not in KNOWN or list(Whereabouts.of(event).facts) == context.arguments["facts"]:
            return None
        return {"before": context.arguments["before"], "files": letters.into_calendars(event)}

    return go_round(context, letters.MOVED, said)
