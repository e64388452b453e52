"""What pages of people and projects, and Today, show of reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from folkmoot.kernel.rows import Row, Rows
from folkmoot.reviews.models import OPEN, Assignment, Kind, Outcome, Submission

#: Submissions that a card shows of each part.
SHOWN = 10


def parts_of_person(person: Any) -> Rows:
    """Every part of somebody in submissions that they did not decline."""
    rows = Assignment.objects.filter(person=person).exclude(state=Assignment.State.DECLINED)
    return Rows(
        rows.order_by("-submission__opened_at", "-pk"),
        *("pk", "role", "state", "submission_id"),
        most=None,
        title=F("submission__title"),
        outcome=F("submission__outcome"),
        opened_at=F("submission__opened_at"),
    )


def by_part(rows: Sequence[Row]) -> dict[str, Any] | None:
    """By part: the newest submissions, and how many there are beyond."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["opened_at"], row["pk"]), reverse=True):
        found[row["role"]].append(
            {**row, "outcome_label": Outcome(row["outcome"]).label if row["outcome"] else ""}
        )
    groups = [
        (str(label), found[role][:SHOWN], max(len(found[role]) - SHOWN, 0))
        for role, label in Assignment.Role.choices
        if found[role]
    ]
    return {"groups": groups} if groups else None


def submissions_of_project(project: Any) -> Rows:
    """The submissions of a project, the newest first."""
    return Rows(
        Submission.objects.filter(project=project).order_by("-opened_at", "-pk"),
        *("pk", "kind", "outcome", "accepted_on", "opened_at"),
        most=SHOWN,
        stage=F("stage__name"),
    )


def told(rows: Sequence[Row]) -> dict[str, Any] | None:
    """Submissions for a card."""
    found = [
        {
            **row,
            "kind_label": Kind(row["kind"]).label,
            "outcome_label": Outcome(row["outcome"]).label if row["outcome"] else "",
        }
        for row in sorted(rows, key=lambda row: (row["opened_at"], row["pk"]), reverse=True)
    ]
    return {"submissions": found} if found else None


def arrived_by_form() -> QuerySet[Submission]:
    """Open submissions that authors made by the form and that have no editor-in-chief and no editor."""
    looked_after = Assignment.objects.filter(
        submission=OuterRef("pk"),
        role__in=[Assignment.Role.EIC, Assignment.Role.EDITOR],
        state__in=[Assignment.State.INVITED, Assignment.State.ACCEPTED],
    )
    return (
        Submission.objects.filter(OPEN, draft__isnull=False, on_hold_since=None)
        .exclude(Exists(looked_after))
        .order_by("opened_at", "pk")
    )
