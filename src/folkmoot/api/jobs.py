"""Work by the clock."""

from __future__ import annotations

import datetime as dt

from folkmoot.api.webhooks.actions import pause_failing
from folkmoot.kernel.jobs.context import JobContext

FAILING = "api.failing_webhooks"


def hourly(now: dt.datetime) -> str:
    """A slot for each UTC hour."""
    return now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H")


def pause_webhooks(context: JobContext) -> dict[str, int]:
    """Pause webhooks that failed for days."""
    return {"paused": pause_failing()}
