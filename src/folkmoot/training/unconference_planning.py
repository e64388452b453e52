"""Planning the grid as a job: it takes seconds, shows how far it is, and can be stopped."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext, JobRefused
from folkmoot.kernel.jobs.models import Job
from folkmoot.training import planning
from folkmoot.training.actions import grid as actions
from folkmoot.training.models import Unconference
from folkmoot.training.queries import grid as queries
from folkmoot.training.queries.unconferences import of_event

JOB = "training.plan_grid"
#: Seconds that are taken where nothing else is said, and at most.
SECONDS, MOST_SECONDS = 8, 120


def plan(*, unconference: Unconference, actor: User, seconds: int = SECONDS) -> Job:
    """Queue planning the grid.

    Args:
        seconds: how long to search; what is best by then is taken.
    """
    arguments = {"event": unconference.event_id, "seconds": max(1, min(seconds, MOST_SECONDS))}
    return enqueue(kind=JOB, arguments=arguments, created_by=actor)


def run(context: JobContext) -> dict[str, int]:
    """The job: read, search, and put the sessions where they cost least. Stopped half-way nothing has changed."""
    unconference = of_event(context.arguments["event"])
    if unconference is None:
        raise JobRefused(_("This event is no unconference any more."))
    loaded = queries.load(unconference)
    problem = queries.problem_of(loaded)
    if not problem.rounds or not problem.spaces:
        raise JobRefused(_("Add rounds and spaces first."))
    if not problem.candidates:
        raise JobRefused(_("Nobody has proposed anything yet."))

    def progress(done: int, total: int) -> None:
        with transaction.atomic():
            context.checkpoint(None, done=done, total=total)

    solution = planning.solve(problem, seconds=float(context.arguments["seconds"]), progress=progress)
    left = sum(clash.people for clash in planning.clashes(problem, solution.found))
    unplaced = len(problem.candidates) - len(solution.found)
    told = {
        "seconds": round(solution.seconds, 1),
        "is_proven": solution.is_proven,
        "clashes": left,
        "unplaced": unplaced,
    }
    with transaction.atomic():
        now = Unconference.objects.select_for_update().get(pk=unconference.pk)
        if now.revision != unconference.revision:
            raise JobRefused(_("Somebody changed proposals or the grid meanwhile: plan it again."))
        moved = actions.apply_plan(
            unconference=now, found=solution.found, told=told, actor=context.job.created_by
        )
        context.checkpoint(None, done=1, total=1)
    return {"placed": len(solution.found), "moved": moved, "clashes": left, "unplaced": unplaced}


def page_of(job: Job) -> str | None:
    """The grid that a job plans."""
    event = job.arguments.get("event")
    return reverse("training:grid", args=[event]) if isinstance(event, int) else None
