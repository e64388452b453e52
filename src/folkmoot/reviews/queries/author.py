"""What an author sees of their own submission: where it stands, never who is asked or what was noted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from folkmoot.reviews.models import Assignment, Kind, Stage, Submission, Turn
from folkmoot.reviews.queries.turns import turn_of


@dataclass(frozen=True)
class Step:
    """A stage on the author's page."""

    name: str
    is_past: bool
    is_now: bool
    limit_days: int | None


@dataclass(frozen=True)
class Standing:
    """Where a submission stands, in words for its author."""

    steps: list[Step]
    whose: str
    is_yours: bool
    editors: list[str]
    since: dt.datetime | None


def standing_of(submission: Submission) -> Standing:
    """Where it stands, whose turn it is in one word, and who edits it."""
    enquiry = submission.kind == Kind.PRESUBMISSION
    stages = Stage.objects.filter(
        programme=submission.programme_id, is_presubmission=enquiry, is_archived=False
    ).order_by("position", "pk")
    place = submission.stage.position if submission.stage else -1
    steps = [
        Step(stage.name, stage.position < place, stage.pk == submission.stage_id, stage.limit_days)
        for stage in stages
    ]
    whose = turn_of(submission)
    editing = submission.assignments.filter(
        role=Assignment.Role.EDITOR, state__in=[Assignment.State.ACCEPTED, Assignment.State.DONE]
    ).select_related("person")
    return Standing(
        steps=steps,
        whose=_("yours") if whose.turn == Turn.AUTHOR else whose.word if whose.turn else "",
        is_yours=whose.turn == Turn.AUTHOR,
        editors=[part.person.name for part in editing],
        since=submission.stage_since,
    )
