"""How fresh what is known of a tracker is, and what the ledger's reader of GitHub asks and tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q

from folkmoot.ledger.public import IssueReader, TrackerState, issue_readers, tracker_states
from folkmoot.people.public import repository_key
from folkmoot.reviews.live.taking import take
from folkmoot.reviews.models import Programme, Submission


def trackers() -> dict[str, Programme]:
    """The repositories whose issues are submissions, by key; one query."""
    rows = Programme.objects.filter(is_archived=False).exclude(tracker="").order_by("-pk")
    return {key: row for row in rows if (key := repository_key(row.tracker))}


def wants(keys: Sequence[str]) -> set[str]:
    """Which of these repositories are somebody's tracker."""
    return set(keys) & set(trackers())


def _of(key: str) -> Q:
    return Q(key__startswith=f"{key}#")


def is_stale(key: str, since: dt.datetime) -> None:
    """Its issues cannot be read since then: what is known of them stays, marked."""
    Submission.objects.filter(_of(key), stale_since=None).update(stale_since=since)


def is_fresh(key: str, at: dt.datetime) -> None:
    """Everything that happened to its issues is known."""
    Submission.objects.filter(_of(key), stale_since__isnull=False).update(stale_since=None)


def states() -> list[tuple[Programme, TrackerState | None]]:
    """Each programme with a tracker and how that is read; ``None``: by nobody. Three queries."""
    known = trackers()
    read = tracker_states(list(known))
    return [(programme, read.get(key)) for key, programme in known.items()]


issue_readers.register(IssueReader("reviews", wants, take, is_fresh, is_stale))
