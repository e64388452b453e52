"""A mail to everybody who has a part or a place in an event, or waits for one: a job, since they are many."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from folkmoot.kernel.jobs.context import JobContext
from folkmoot.training import letters
from folkmoot.training.actions.place_letters import link_of
from folkmoot.training.models import TAKEN, Event, Registration, RegistrationState, Status, Task

#: People written to in one transaction.
CHUNK = 25
#: Somebody who takes part knows of it.
KNOWN = (Status.ANNOUNCED, Status.RUNNING)
_REGISTERED = (RegistrationState.WAITING, RegistrationState.CONFIRMED)

#: What is said beside (``reason``, ``before``, ``files``); ``None``: there is nothing to tell any more.
Said = Callable[[Event], dict[str, Any] | None]


def how_many(event: Event) -> int:
    """How many are written to; two queries."""
    parts = Task.objects.filter(event=event, state__in=TAKEN).values("person")
    registered = Registration.objects.filter(event=event, state__in=_REGISTERED)
    alone = registered.exclude(person__in=parts)
    return parts.distinct().count() + alone.count()


def go_round(context: JobContext, kind: str, say: Said) -> dict[str, int]:
    """Write to each, those who registered first; goes on where it was stopped.

    The job's arguments name the ``event`` and the ``occasion``: nobody is written to twice about the same one.
    """
    told = 0
    for stage, step in (("registered", _registered), ("parts", _parts)):
        done, after = (context.cursor or ["registered", 0])[:2]
        if stage == "registered" and done == "parts":
            continue
        last = after if done == stage else 0
        while True:
            with transaction.atomic():
                event = Event.objects.filter(pk=context.arguments["event"]).first()
                said = say(event) if event is not None else None
                if event is None or said is None:
                    return {"told": told}
                key = f"{kind}:{event.pk}:{context.arguments['occasion']}"
                found = step(event, last, kind, key, said)
                if found is None:
                    break
                last, n = found
                told += n
                context.checkpoint([stage, last], done=told)
    return {"told": told}


def _registered(
    event: Event, after: int, kind: str, key: str, said: dict[str, Any]
) -> tuple[int, int] | None:
    rows = list(
        Registration.objects.filter(event=event, pk__gt=after, state__in=_REGISTERED)
        .select_related("event", "person")
        .order_by("pk")[:CHUNK]
    )
    if not rows:
        return None
    told = 0
    for row in rows:
        who = row.person_id or f"r{row.pk}"
        write = partial(letters.send, kind, row, key=f"{key}:{who}", link=link_of(row), **said)
        told += letters.try_to(kind, write)
    return rows[-1].pk, told


def _parts(event: Event, after: int, kind: str, key: str, said: dict[str, Any]) -> tuple[int, int] | None:
    rows = list(
        Task.objects.filter(event=event, pk__gt=after, state__in=TAKEN)
        .select_related("person")
        .order_by("pk")[:CHUNK]
    )
    if not rows:
        return None
    known = set(
        Registration.objects.filter(
            event=event, person__in=[row.person_id for row in rows], state__in=_REGISTERED
        ).values_list("person", flat=True)
    )
    told = 0
    for row in rows:
        if row.person_id in known:
            continue  # written to by their registration
        write = partial(
            letters.write_person, kind, row.person, event, actor=None, key=f"{key}:{row.person_id}", **said
        )
        told += letters.try_to(kind, write)
    return rows[-1].pk, told
