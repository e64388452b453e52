"""What time does to events: once announced they run, and once they are over they are done."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.search.index import rows_changed
from folkmoot.training.actions import base
from folkmoot.training.actions.events import finish
from folkmoot.training.models import Event, Status

JOB = "training.settle"


def _conditions(now: dt.datetime) -> tuple[Q, Q]:
    """Announced events that are over, and those that have begun and are not."""
    return (
        Q(status__in=[Status.ANNOUNCED, Status.RUNNING], ends_at__lte=now),
        Q(status=Status.ANNOUNCED, starts_at__lte=now, ends_at__gt=now),
    )


def due(now: dt.datetime) -> QuerySet[Event]:
    """Events whose status time has changed."""
    over, begun = _conditions(now)
    return Event.objects.filter(over | begun)


def settle(context: JobContext | None) -> dict[str, int]:
    """The job: announced events that have begun run, those that have ended are done; each in its own transaction, so
    that one that cannot be does not hold up the others.
    """
    over, begun = _conditions(clock.now())
    done = running = 0
    for pk in Event.objects.filter(over).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            event = Event.objects.select_for_update().filter(over, pk=pk).first()
            if event is not None:
                finish(event=event, actor=None)
                done += 1
    for pk in Event.objects.filter(begun).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            event = Event.objects.select_for_update().filter(begun, pk=pk).first()
            if event is not None:
                base.put(event, {"status": Status.RUNNING})
                base.write(event, actor=None, reason="begun")
                rows_changed(Event, [event.pk])
                running += 1
    return {"done": done, "running": running}
