"""A cancelled event tells everybody who has a part or a place in it, or waits for one: a job, since they are many."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.saving import Actor, current_version
from folkmoot.training import letters
from folkmoot.training.actions.registering import link_of
from folkmoot.training.models import (
    TAKEN,
    Event,
    Registration,
    RegistrationState,
    Status,
    Task,
)

JOB = "training.call_off"
#: People written to in one transaction.
CHUNK = 25


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
    """The job: a mail to each, those who registered first; goes on where it was stopped. Nothing where the event was
    taken up again meanwhile.
    """
    told = 0
    for stage, step in (("registered", _registered), ("parts", _parts)):
        done, after = (context.cursor or ["registered", 0])[:2]
        if stage == "registered" and done == "parts":
            continue
        last = after if done == stage else 0
        while True:
            with transaction.atomic():
                event = Event.objects.get(pk=context.arguments["event"])
                if event.status != Status.CANCELLED:
                    return {"told": told}
                found = step(event, last, int(context.arguments["occasion"]))
                if found is None:
                    break
                last, n = found
                told += n
                context.checkpoint([stage, last], done=told)
    return {"told": told}


def _registered(event: Event, after: int, occasion: int) -> tuple[int, int] | None:
    rows = list(
        Registration.objects.filter(
            event=event, pk__gt=after, state__in=[RegistrationState.WAITING, RegistrationState.CONFIRMED]
        )
        .select_related("event", "person")
        .order_by("pk")[:CHUNK]
    )
    if not rows:
        return None
    told = 0
    for row in rows:
        write = partial(
            letters.send,
            letters.CANCELLED,
            row,
            key=f"{letters.CANCELLED}:{event.pk}:{occasion}:{row.person_id}",
            link=link_of(row),
            reason=event.status_reason,
            files=letters.out_of_calendars(event),
        )
        told += letters.try_to(letters.CANCELLED, write)
    return rows[-1].pk, told


def _parts(event: Event, after: int, occasion: int) -> tuple[int, int] | None:
    rows = list(
        Task.objects.filter(event=event, pk__gt=after, state__in=TAKEN)
        .select_related("person")
        .order_by("pk")[:CHUNK]
    )
    if not rows:
        return None
    known = set(
        Registration.objects.filter(event=event, person__in=[row.person_id for row in rows])
        .filter(state__in=[RegistrationState.WAITING, RegistrationState.CONFIRMED])
        .values_list("person", flat=True)
    )
    told = 0
    for row in rows:
        if row.person_id in known:
            continue  # written to by their registration
        write = partial(
            letters.write_person,
            letters.CANCELLED,
            row.person,
            event,
            actor=None,
            key=f"{letters.CANCELLED}:{event.pk}:{occasion}:{row.person_id}",
            reason=event.status_reason,
            files=letters.out_of_calendars(event),
        )
        told += letters.try_to(letters.CANCELLED, write)
    return rows[-1].pk, told
