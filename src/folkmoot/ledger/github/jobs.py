"""When GitHub is read, and what is tidied up."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from folkmoot.kernel.jobs.context import JobContext
from folkmoot.ledger.github import actions


def hours(now: dt.datetime) -> str:
    """A slot for each UTC hour."""
    return f"{now.astimezone(dt.UTC):%Y-%m-%dT%H}"


def days(now: dt.datetime) -> str:
    """A slot for each UTC day."""
    return now.astimezone(dt.UTC).date().isoformat()


@transaction.atomic
def tidy(context: JobContext) -> dict[str, int]:
    """The job that forgets old webhook deliveries."""
    return {"removed": actions.forget_deliveries()}
