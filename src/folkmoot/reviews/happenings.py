"""What the ledger hears of reviews. Every row has a name of its own, so that telling it twice is telling it once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from folkmoot.kernel.events import Happening
from folkmoot.reviews import celebration
from folkmoot.reviews.models import Assignment, StageChange, Submission

SOURCE = "reviews"


def _about(submission: Submission, kind: str, name: str, at: dt.datetime, identity: int | None) -> Happening:
    return Happening(
        kind=kind,
        identity_id=identity,
        occurred_at=at,
        item_id=submission.item_id,
        project_id=submission.project_id,
        source=SOURCE,
        external_id=f"{kind}:{submission.pk}{name}",
        detail={"submission": submission.pk, "title": submission.title, "kind": submission.kind},
    )


def opened(submission: Submission, identity: int | None = None) -> Happening:
    """It was submitted; by whose identity."""
    return _about(submission, "reviews.opened", "", submission.opened_at, identity)


def accepted(
    submission: Submission, identity: int | None = None, *, facts: dict[str, Any] | None = None
) -> Happening:
    """It was accepted, on the day that it names; ``facts`` where they are read already (:mod:`.celebration`)."""
    day = submission.accepted_on
    assert day is not None  # noqa: S101 - only of accepted ones
    at = dt.datetime.combine(day, dt.time(), dt.UTC)
    made = _about(submission, celebration.ACCEPTED, f":{day.isoformat()}", at, identity)
    made.detail.update(celebration.facts(submission) if facts is None else facts)
    return made


def closed(submission: Submission, at: dt.datetime, identity: int | None = None) -> Happening:
    """It ended otherwise; the outcome is in the detail."""
    made = _about(submission, "reviews.closed", f":{at.isoformat()}", at, identity)
    made.detail["outcome"] = submission.outcome
    made.detail["title_outcome"] = submission.get_outcome_display()
    return made


def reopened(submission: Submission, at: dt.datetime, identity: int | None = None) -> Happening:
    """A decision was taken back."""
    return _about(submission, "reviews.reopened", f":{at.isoformat()}", at, identity)


def entered(change: StageChange) -> Happening | None:
    """It entered a stage at a moment that is known; ``None`` where only an interval is."""
    if not change.is_exact or change.stage is None:
        return None
    made = _about(
        change.submission,
        "reviews.stage",
        f":{change.stage_id}:{change.at.isoformat()}",
        change.at,
        change.actor_id,
    )
    made.detail["stage"] = change.stage.name
    return made


def of_assignment(assignment: Assignment, kind: str, at: dt.datetime, identity: int | None) -> Happening:
    """Somebody was asked, answered, or is done (``reviews.invited``, ``reviews.answered``, ``reviews.reviewed``)."""
    made = _about(assignment.submission, kind, f":{assignment.pk}:{at.isoformat()}", at, identity)
    made.detail.update(assignment=assignment.pk, role=assignment.role, state=assignment.state)
    return made
