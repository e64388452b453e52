"""The work of imports in the background; it only delegates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from folkmoot.kernel import clock
from folkmoot.kernel.imports import engine, files, undo
from folkmoot.kernel.imports.models import ImportRun, RunState
from folkmoot.kernel.jobs.context import JobContext, JobRefused
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.queries import error_summary

#: How long uploads, and imports that wait for a person's word, are kept.
KEEP = dt.timedelta(days=30)


def run_import(context: JobContext) -> dict[str, Any]:
    """Read, then apply or try out: whatever the run has not done yet."""
    run = _run(context)
    if run.state == RunState.APPLIED:
        return _outcome(run)
    if not run.is_staged and not engine.stage(run, context):
        return {"run": run.pk, "refused": run.error}
    if run.apply_at_once:
        engine.apply(run, context)
    else:
        engine.preview(run, context)
    return _outcome(run)


def undo_import(context: JobContext) -> dict[str, Any]:
    """Take back what an import did."""
    run = _run(context)
    return {"run": run.pk, **undo.run_undo(run, context).as_json()}


def stopped(job: Job) -> None:
    """An import's job failed or was cancelled: its run says so and waits to be gone on with."""
    reason = "cancelled" if job.state == JobState.CANCELLED else error_summary(job)
    ImportRun.objects.filter(
        pk=job.arguments["run"], job=job, state__in=[RunState.STAGING, RunState.APPLYING]
    ).update(state=RunState.FAILED, error={"file": "", "line": None, "field": "", "reason": reason})


def clean(context: JobContext) -> dict[str, int]:
    """Remove uploaded files, imports that nobody confirmed, and leftovers of dry runs, after :data:`KEEP`."""
    before = clock.now() - KEEP
    waiting = ImportRun.objects.filter(created_at__lt=before).filter(
        Q(state__in=[RunState.MAPPING, RunState.STAGED]) | Q(state=RunState.STAGING, fingerprint="")
    )
    runs, _by_model = waiting.delete()
    removed = 0
    for folder in files.uploads().glob("*"):
        if folder.stat().st_mtime < before.timestamp():
            files.remove_upload(folder)
            removed += 1
    context.checkpoint(None, done=removed)
    return {"imports": runs, "uploads": removed}


def _run(context: JobContext) -> ImportRun:
    run = ImportRun.objects.select_related("created_by").filter(pk=context.arguments["run"]).first()
    if run is None:
        raise JobRefused("The import is not there any more.")
    return run


def _outcome(run: ImportRun) -> dict[str, Any]:
    run.refresh_from_db()
    counts = run.preview if run.state == RunState.STAGED else run.counts
    return {"run": run.pk, **(counts or {})}
