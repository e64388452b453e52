"""Planned times stay true: a wall time means another moment when the rules of its zone change."""

from __future__ import annotations

from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.outbox.public import instant
from folkmoot.publishing.actions import base
from folkmoot.publishing.models import EDITABLE, Post, Variant

JOB = "publishing.times"


@transaction.atomic
def keep_times(context: JobContext | None) -> dict[str, int]:
    """The job: reckon the moments of what has not left anew; the outbox does so for the messages themselves."""
    changed = 0
    now = clock.now()
    for model, rows in (
        (Post, Post.objects.filter(state__in=EDITABLE, due_at__gt=now)),
        (Variant, Variant.objects.filter(post__state__in=EDITABLE, due_at__gt=now)),
    ):
        for pk, wall_time, zone, due in rows.order_by("pk").values_list("pk", "wall_time", "zone", "due_at"):
            at = base.wall(wall_time)
            if at is not None and instant(at, zone) != due:
                changed += model._default_manager.filter(pk=pk).update(due_at=instant(at, zone))
    return {"changed": changed}
