"""A cancelled event tells everybody who has a part or a place in it, or waits for one."""

from __future__ import annotations

from typing import Any

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.saving import Actor, current_version
from folkmoot.training import letters
from folkmoot.training.models import Event, Status
from folkmoot.training.rounds import go_round

JOB = "training.call_off"


def call_off(*, event: Event, actor: Actor) -> None:
    """Queue the mails about a cancelled event, once for each time it is cancelled; none where it is over anyway."""
    if event.ends_at is not None and event.ends_at <= clock.now():
        return
    occasion = current_version(event)
    enqueue(
        kind=JOB,
        arguments={"event": event.pk, "occasion": occasion},
        created_by=actor,
        unique_key=f"{JOB}:{event.pk}:{occasion}",
    )


def tell_everybody(context: JobContext) -> dict[str, int]:
    """The job: a mail to each. Nothing where the event was taken up again meanwhile."""
    return go_round(context, letters.CANCELLED, _said)


def _said(event: Event) -> dict[str, Any] | None:
    if event.status != Status.CANCELLED:
        return None
    return {"reason": event.status_reason, "files": letters.out_of_calendars(event)}
