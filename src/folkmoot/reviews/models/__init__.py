"""Programmes with their stages as rows; submissions, who takes part in them, and how they got where they stand."""

from folkmoot.reviews.models.assignments import Assignment, Conflict
from folkmoot.reviews.models.drafts import SubmissionDraft
from folkmoot.reviews.models.history import Sighting, StageChange
from folkmoot.reviews.models.messages import SubmissionMessage
from folkmoot.reviews.models.notes import ChecklistTick, Flag, SubmissionNote
from folkmoot.reviews.models.programmes import (
    ChecklistItem,
    HoldUpRule,
    LabelMeaning,
    Programme,
    Stage,
    Turn,
)
from folkmoot.reviews.models.submissions import OPEN, Joss, Kind, Outcome, Submission

__all__ = [
    "OPEN",
    "Assignment",
    "ChecklistItem",
    "ChecklistTick",
    "Conflict",
    "Flag",
    "HoldUpRule",
    "Joss",
    "Kind",
    "LabelMeaning",
    "Outcome",
    "Programme",
    "Sighting",
    "Stage",
    "StageChange",
    "Submission",
    "SubmissionDraft",
    "SubmissionMessage",
    "SubmissionNote",
    "Turn",
]
