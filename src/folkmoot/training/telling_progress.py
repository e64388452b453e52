"""What the ledger is told of progress and awards; people by their numbers, since they may be merged or forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from folkmoot.kernel import clock, events
from folkmoot.kernel.saving import Actor
from folkmoot.people.public import home_identities
from folkmoot.training.models import Award, Progress, ProgressState
from folkmoot.training.telling import SOURCE

PASSED, AWARDED = "training.passed", "training.awarded"


def moment(day: dt.date | None) -> dt.datetime:
    """A day as a moment: its noon in UTC, so that it is that day in most zones; now where it is today or unknown."""
    now = clock.now()
    if day is None:
        return now
    return min(now, dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC))


def tell_passed(rows: Sequence[Progress], *, actor: Actor) -> int:
    """Note each requirement that somebody passed, once; person, requirement and event are read beforehand."""
    done = [row for row in rows if row.state == ProgressState.PASSED]
    if not done:
        return 0
    identities = home_identities((row.person for row in done), actor=actor)
    return events.record(
        *(
            events.Happening(
                kind=PASSED,
                identity_id=identities[row.person_id].pk,
                occurred_at=moment(row.happened_on),
                source=SOURCE,
                external_id=f"progress:{row.pk}",
                detail={
                    "requirement": row.requirement.slug,
                    "title": row.requirement.name,
                    "event": row.event_id,
                },
            )
            for row in done
        )
    )


def tell_awarded(rows: Sequence[Award], *, actor: Actor) -> int:
    """Note each award, once; person and badge are read beforehand."""
    identities = home_identities((row.person for row in rows), actor=actor)
    return events.record(
        *(
            events.Happening(
                kind=AWARDED,
                identity_id=identities[row.person_id].pk,
                occurred_at=moment(row.awarded_on),
                source=SOURCE,
                external_id=f"award:{row.pk}",
                detail={
                    "award": row.pk,
                    "badge": row.badge.slug,
                    "title": row.badge.name,
                    "event": row.event_id,
                },
            )
            for row in rows
        )
    )
