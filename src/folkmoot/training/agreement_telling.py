"""What the ledger is told of agreements: that they began, ended, and were renewed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from folkmoot.kernel import clock, events
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.training.models import Agreement
from folkmoot.training.telling import SOURCE

JOB = "training.agreements"
BEGAN, ENDED, RENEWED = (
    "training.agreement_began",
    "training.agreement_ended",
    "training.agreement_renewed",
)
CHUNK = 200


def facts(row: Agreement) -> dict[str, Any]:
    """What there is to tell of an agreement."""
    return {
        "agreement": row.pk,
        "title": str(row),
        "kind": row.kind,
        "tier": row.tier.slug,
        "organization": row.organization_id,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.last_day.isoformat(),
        "is_public": row.is_public,
    }


def _key(kind: str, row: Agreement) -> str:
    """One for each time that it may happen: an extended agreement ends again."""
    day = {BEGAN: row.starts_on, ENDED: row.last_day}.get(kind)
    return f"{kind}:{row.pk}:{day.isoformat()}" if day else f"{kind}:{row.pk}"


def _happening(kind: str, row: Agreement, at: dt.datetime) -> events.Happening:
    return events.Happening(
        kind=kind,
        identity_id=None,
        occurred_at=at,
        source=SOURCE,
        external_id=_key(kind, row),
        detail=facts(row),
    )


def tell_renewed(made: Agreement) -> int:
    """Note that an agreement continues another one."""
    return events.record(_happening(RENEWED, made, clock.now()))


def tell_days(context: JobContext) -> dict[str, int]:
    """The job: note every agreement that has begun, and every one that is over; each once, however often it runs."""
    today = clock.today()
    told = 0
    while True:
        last = int((context.cursor or {}).get("after", 0))
        with transaction.atomic():
            rows = list(
                Agreement.objects.filter(pk__gt=last, starts_on__lte=today)
                .select_related("organization", "tier")
                .order_by("pk")[:CHUNK]
            )
            if not rows:
                return {"told": told}
            told += events.record(
                *(_happening(BEGAN, row, clock.start_of_day(row.starts_on)) for row in rows),
                *(
                    _happening(ENDED, row, clock.start_of_day(row.last_day + dt.timedelta(days=1)))
                    for row in rows
                    if row.last_day < today
                ),
            )
            context.checkpoint(cursor={"after": rows[-1].pk})
