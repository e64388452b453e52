"""What trainees submitted and waits."""

from __future__ import annotations

from django.db.models import QuerySet

from folkmoot.training.models import Progress, ProgressState, Requirement


def submissions() -> QuerySet[Progress]:
    """Everything that waits to be evaluated."""
    return Progress.objects.filter(
        state=ProgressState.SUBMITTED, person__erased_at=None, person__archived_at=None
    ).select_related("person", "requirement", "involvement")


def requirement_choices() -> list[tuple[str, str]]:
    """Requirements; one query."""
    return list(Requirement.objects.values_list("slug", "name"))
