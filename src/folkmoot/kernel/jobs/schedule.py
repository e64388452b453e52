"""Work by the clock: each slot of each scheduled job is queued once, however many schedulers look."""

from __future__ import annotations

import datetime as dt

from folkmoot.kernel import plugs
from folkmoot.kernel.jobs import actions
from folkmoot.kernel.jobs.models import Job


def daily(now: dt.datetime) -> str:
    """A slot for each UTC day."""
    return now.astimezone(dt.UTC).date().isoformat()


def fire(now: dt.datetime) -> int:
    """Queue every scheduled job whose present slot has not been queued yet. One query when there is nothing to do.

    Returns:
        how many were queued here.
    """
    wanted: dict[str, plugs.ScheduledJob] = {}
    for entry in plugs.schedule:
        slot = entry.slot(now)
        if slot:
            wanted[f"schedule:{entry.key}:{slot}"] = entry
    known = set(Job.objects.filter(unique_key__in=wanted).values_list("unique_key", flat=True))
    missing = [key for key in wanted if key not in known]
    for key in missing:
        actions.enqueue(kind=wanted[key].kind, unique_key=key)
    return len(missing)
