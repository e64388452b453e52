"""What an event's page shows of its unconference, and what its timeline tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.plugs import TimelineEntry, counted, older
from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.models import Proposal, ProposalState, Unconference

PROPOSALS, LABEL = "proposals", gettext_lazy("Proposals")
Before = tuple[dt.datetime, int] | None
_FIELDS = (
    *("pk", "phase_by_hand", "proposals_open_at", "proposals_close_at", "votes_open_at"),
    *("votes_close_at", "published_at"),
)


def card_rows(user: Any, event: Any) -> Rows:
    """The event's unconference with how large it is."""
    return Rows(
        Unconference.objects.filter(event=event).order_by("pk"),
        *_FIELDS,
        proposals=Count("proposals", filter=Q(proposals__state=ProposalState.OPEN)),
        waiting=Count("proposals", filter=Q(proposals__state=ProposalState.WAITING)),
        placed=Count(
            "proposals",
            filter=Q(proposals__placement__isnull=False, proposals__placement__is_cancelled=False),
        ),
    )


def card(user: Any, event: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Its phase and figures; nothing for an ordinary event."""
    if not rows:
        return None
    row = rows[0]
    about = Unconference(event=event, **{name: row[name] for name in _FIELDS})
    return {
        "event": event,
        "phase": about.phase(clock.now()).label,
        "is_published": row["published_at"] is not None,
        **{name: row[name] for name in ("proposals", "waiting", "placed")},
    }


def _proposals(event: Any) -> QuerySet[Proposal]:
    return Proposal.objects.filter(unconference__event=event).exclude(state=ProposalState.UNPROVEN)


def timeline_counts(user: Any, event: Any) -> Rows:
    """How much was proposed."""
    return counted(_proposals(event))


def timeline_rows(user: Any, event: Any, group: str, before: Before, limit: int) -> Rows | None:
    """Proposals, newest first."""
    if group not in ("", PROPOSALS):
        return None
    return Rows(
        older(_proposals(event), "proposed_at", before), *("pk", "proposed_at", "title", "state"), most=limit
    )


def tell_timeline(user: Any, event: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each, with how it stands by now."""
    for row in rows:
        yield TimelineEntry(
            number=row["pk"],
            at=row["proposed_at"],
            group=PROPOSALS,
            icon="lightbulb",
            verb=_("Proposed:"),
            title=row["title"],
            url=reverse("training:proposal", args=[row["pk"]]),
            after="",
            meta=(str(ProposalState(row["state"]).label),),
        )
