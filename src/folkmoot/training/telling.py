"""What the ledger is told of events and parts; people by their numbers, since they may be merged or forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from folkmoot.kernel import clock, events
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.saving import Actor
from folkmoot.people.public import home_identity
from folkmoot.training.models import Event, Status, Task, TaskKind, TaskState
from folkmoot.training.unconference_telling import tell_led

JOB = "training.tell"
ANNOUNCED, CANCELLED, CERTIFIED = "training.announced", "training.cancelled", "training.certified"
SOURCE = "training"
#: What is told of a part once the event is over.
PARTS: dict[str, str] = {
    TaskKind.Does.TEACHES: "training.taught",
    TaskKind.Does.HELPS: "training.helped",
    TaskKind.Does.HOSTS: "training.hosted",
    TaskKind.Does.ORGANISES: "training.organised",
    TaskKind.Does.SPEAKS: "training.spoke",
    TaskKind.Does.LEARNS: "training.attended",
    TaskKind.Does.OTHER: "training.part",
}


def facts(event: Event) -> dict[str, Any]:
    """What there is to tell of an event: what a draft of a post may name."""
    return {
        "event": event.pk,
        "title": event.title,
        "slug": event.slug,
        "kind": event.kind.name,
        "starts_on": event.starts_on.isoformat() if event.starts_on else "",
        "ends_on": (event.ends_on or event.starts_on).isoformat() if event.starts_on else "",
        "is_online": event.is_online,
        "venue": event.venue,
        "city": event.city,
        "country": event.country,
        "website": event.website,
        "organization": event.host_id,
    }


def tell(event: Event, kind: str, *, occasion: str) -> int:
    """Note that an event was announced or cancelled, once for each occasion."""
    return events.record(
        events.Happening(
            kind=kind,
            identity_id=None,
            occurred_at=clock.now(),
            source=SOURCE,
            external_id=f"{kind}:{event.pk}:{occasion}",
            detail=facts(event),
        )
    )


def tell_parts(tasks: Iterable[Task], *, actor: Actor) -> int:
    """Note parts of events that are over, each once; who was not there, or did not take the part, is left out.

    The event, kind and person of each are read beforehand (``select_related``).
    """
    told = []
    for task in tasks:
        event = task.event
        if event.status != Status.DONE or task.state != TaskState.CONFIRMED or task.attended is False:
            continue
        told.append(
            events.Happening(
                kind=PARTS[task.kind.does],
                identity_id=home_identity(task.person, actor=actor).pk,
                occurred_at=event.starts_at or clock.now(),
                source=SOURCE,
                external_id=f"task:{task.pk}",
                detail={"event": event.pk, "title": event.title, "part": task.kind.slug},
            )
        )
    return events.record(*told)


def tell_all(context: JobContext) -> dict[str, int]:
    """The job: note every part of an event that is over, a hundred at a time; goes on where it was stopped."""
    told = 0
    while True:
        last = int((context.cursor or {}).get("after", 0))
        with transaction.atomic():
            rows = list(
                Task.objects.filter(event=context.arguments["event"], pk__gt=last, state=TaskState.CONFIRMED)
                .select_related("event", "kind", "person")
                .order_by("pk")[:100]
            )
            if not rows:
                event = Event.objects.filter(pk=context.arguments["event"]).first()
                return {"told": told + (tell_led(event) if event is not None else 0)}
            told += tell_parts(rows, actor=None)
            context.checkpoint(cursor={"after": rows[-1].pk})
