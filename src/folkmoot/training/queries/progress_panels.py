"""What the page of a person shows of badges, progress and lessons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F

from folkmoot.kernel.rows import Row, Rows
from folkmoot.training.models import Award, Progress, ProgressState, Qualification
from folkmoot.training.queries.standing import LOOKS


def awards_of_person(person: Any) -> Rows:
    """Awards that hold."""
    return Rows(
        Award.objects.filter(person=person, revoked_at=None),
        *("pk", "awarded_on"),
        badge=F("badge__name"),
        slug=F("badge__slug"),
        picture=F("badge__picture"),
    )


def by_day(rows: Sequence[Row]) -> dict[str, Any] | None:
    """The newest first; nothing where there are none."""
    found = sorted(rows, key=lambda row: (row["awarded_on"], row["pk"]), reverse=True)
    return {"awards": found} if found else None


def progress_of_person(person: Any) -> Rows:
    """Every try."""
    return Rows(
        Progress.objects.filter(person=person),
        *("pk", "person_id", "state", "created_at"),
        most=None,
        what=F("requirement__name"),
        order=F("requirement__order"),
        requirement=F("requirement_id"),
    )


def by_requirement(rows: Sequence[Row]) -> dict[str, Any] | None:
    """How each requirement stands of which there is a try; nothing where there is none."""
    found: dict[int, Row] = {}
    for row in sorted(rows, key=lambda row: (row["created_at"], row["pk"])):
        known = found.get(row["requirement"])
        if known is None or known["state"] != ProgressState.PASSED:
            found[row["requirement"]] = row
    if not found:
        return None
    shown = sorted(found.values(), key=lambda row: (row["order"], row["what"]))
    return {
        "person": shown[0]["person_id"],
        "rows": [{**row, "word": str(LOOKS[row["state"]][0])} for row in shown],
    }


def lessons_of_person(person: Any) -> Rows:
    """Lessons that somebody can teach."""
    return Rows(Qualification.objects.filter(person=person), "pk", name=F("lesson__name"))


def by_name(rows: Sequence[Row]) -> dict[str, Any] | None:
    """By name; nothing where there are none."""
    return {"rows": sorted(rows, key=lambda row: row["name"])} if rows else None
