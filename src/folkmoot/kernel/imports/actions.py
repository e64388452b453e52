"""Everything that a person does with imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import bulk, clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import review
from folkmoot.kernel.imports.files import fingerprint
from folkmoot.kernel.imports.models import (
    UNFINISHED,
    ImportChange,
    ImportRun,
    RejectedRow,
    RunState,
    StagedRow,
)
from folkmoot.kernel.imports.sources import SKIP, Source
from folkmoot.kernel.jobs import actions as jobs
from folkmoot.kernel.jobs.models import Job

#: Any number, the same everywhere: who decides whether an import is new does so alone.
_LOCK = 0x666F6C6B


class ImportStateError(Exception):
    """What was asked does not fit the import's state; the message says why."""


def start(
    *,
    source: Source,
    path: Path,
    actor: User | None,
    origin: str = "",
    options: Mapping[str, Any] | None = None,
    mapping: Mapping[str, str] | None = None,
    apply_at_once: bool = False,
    keep: bool = True,
    hold: bool = False,
    run: ImportRun | None = None,
) -> tuple[ImportRun, bool]:
    """Begin an import, or go on with the unfinished one of the very same files, options and columns.

    Args:
        path: the folder or file to read; it must stay there until everything is read.
        origin: how the list of imports names where it comes from; the path when empty.
        options: what the source's own options say.
        mapping: for plain tables, field name -> heading.
        apply_at_once: apply when everything is read; else try it out and wait for :func:`confirm`.
        keep: ``False`` for a dry run: it is never gone on with; the caller removes it with :func:`discard`.
        hold: as for ``jobs.actions.enqueue``: the caller runs the job itself.
        run: an upload that was waiting for its columns and begins now.

    Returns:
        the import, and whether it was begun before.

    Raises:
        FileProblem: the files cannot be read at all.
    """
    said = {name: value for name, value in (options or {}).items() if value not in (None, "", [], ())}
    digest = fingerprint(source, path, said, mapping or {}) if keep else ""
    with transaction.atomic():
        _alone()
        before = ImportRun.objects.filter(fingerprint=digest, state__in=UNFINISHED).order_by("-pk").first()
        if keep and before is not None:
            if run is not None and run.pk != before.pk:
                run.delete()
            if not before.is_staged:
                before.path = str(path)
            before.apply_at_once = before.apply_at_once or apply_at_once
            before.save(update_fields=["path", "apply_at_once"])
            _work(before, actor=actor, hold=hold)
            return before, True
        run = run or ImportRun(source=source.key, created_by=actor)
        run.path, run.origin = str(path), (origin or run.origin or str(path))[:500]
        run.options, run.mapping, run.fingerprint = said, dict(mapping or {}), digest
        run.apply_at_once, run.state = apply_at_once, RunState.STAGING
        run.save()
        _work(run, actor=actor, hold=hold)
    return run, False


@transaction.atomic
def confirm(*, run: ImportRun, actor: User | None, hold: bool = False) -> ImportRun:
    """Apply an import that was read and tried out, or go on with one that stopped. Twice does nothing more.

    Raises:
        ImportStateError: there is nothing to apply.
    """
    run = _locked(run)
    if run.state not in (RunState.STAGED, RunState.FAILED, RunState.STAGING, RunState.APPLYING):
        raise ImportStateError(f"This import is {run.get_state_display()}: there is nothing to apply.")
    run.apply_at_once = True
    run.save(update_fields=["apply_at_once"])
    _work(run, actor=actor, hold=hold)
    return run


@transaction.atomic
def resume(*, run: ImportRun, actor: User | None, hold: bool = False) -> ImportRun:
    """Go on with an import that stopped, as it was meant: to be tried out, or to be applied.

    Raises:
        ImportStateError: it has not stopped.
    """
    run = _locked(run)
    if run.state not in (RunState.FAILED, RunState.STAGING, RunState.APPLYING):
        raise ImportStateError(f"This import is {run.get_state_display()}: there is nothing to go on with.")
    _work(run, actor=actor, hold=hold)
    return run


@transaction.atomic
def discard(*, run: ImportRun, actor: User | None) -> None:
    """Remove an import that has changed nothing: one that waits, was refused, or was only tried out.

    Raises:
        ImportStateError: it has changed something (undo it), or is being worked on.
    """
    run = _locked(run)
    if run.changes.exists() or run.state in (RunState.APPLIED, RunState.UNDOING, RunState.UNDONE):
        raise ImportStateError("This import has changed something: undo it instead.")
    if run.job is not None and not run.job.is_finished and run.state != RunState.MAPPING:
        raise ImportStateError("This import is being worked on: cancel it first.")
    run.delete()


@transaction.atomic
def choose(*, run: ImportRun, rows: Iterable[int], choice: str, actor: User | None) -> int:
    """Say for rows that look like somebody whether they are: kept with the run, done when it is applied.

    Args:
        rows: keys of ``review.alike_of(run)``.
        choice: ``""`` (import as new), ``skip``, ``first`` (the same as the likeliest), or a candidate's choice.

    Returns:
        for how many rows it was said.

    Raises:
        ImportStateError: the import does not wait for a word any more, or nobody of that choice was offered.
    """
    run = _locked(run)
    if run.state != RunState.STAGED:
        raise ImportStateError(_("This import does not wait any more: nothing can be chosen now."))
    chosen: dict[str, str] = dict(run.options.get("choices") or {})
    changed = list(review.alike_of(run).filter(pk__in=list(rows)).select_for_update())
    for row in changed:
        offered = [one["choice"] for one in row.payload["candidates"]]
        said = offered[0] if choice == "first" else choice
        if said not in ("", SKIP, *offered):
            raise ImportStateError(_("This was not offered for line %(line)s.") % {"line": row.line})
        row.payload["choice"] = said
        chosen.pop(row.payload["key"], None)
        if said:
            chosen[row.payload["key"]] = said
    bulk.update(StagedRow, changed, ["payload"])
    run.options["choices"] = chosen
    run.save(update_fields=["options"])
    return len(changed)


@transaction.atomic
def undo(*, run: ImportRun, actor: User | None, hold: bool = False) -> ImportRun:
    """Take a whole import back in the background; asked again of what stayed, it is tried again.

    Raises:
        ImportStateError: nothing was applied, or it is being worked on.
    """
    run = _locked(run)
    if run.state not in (RunState.APPLIED, RunState.FAILED, RunState.UNDOING, RunState.UNDONE):
        raise ImportStateError(
            f"This import has changed nothing ({run.get_state_display()}): there is nothing to undo."
        )
    if run.job is not None and not run.job.is_finished:
        if run.state == RunState.UNDOING:
            return run
        raise ImportStateError("This import is being worked on: cancel it first.")
    changes = ImportChange.objects.filter(run=run, undone=False)
    if not changes.exists() and run.state == RunState.UNDONE:
        raise ImportStateError("This import is undone already.")
    changes.exclude(kept_reason="").update(kept_reason="")
    StagedRow.objects.filter(run=run).delete()
    run.state, run.undone_by, run.error = RunState.UNDOING, actor, None
    run.job = jobs.enqueue(kind="imports.undo", arguments={"run": run.pk}, created_by=actor, hold=hold)
    run.save(update_fields=["state", "undone_by", "error", "job"])
    return run


@transaction.atomic
def dismiss_rejected(*, run: ImportRun, actor: User | None, rows: Iterable[int] | None = None) -> int:
    """Lay rejected rows aside: these, or all of the import. They leave Today and stay listed.

    Returns:
        how many were laid aside now.
    """
    listed = RejectedRow.objects.filter(run=run, dismissed_at=None)
    if rows is not None:
        listed = listed.filter(pk__in=list(rows))
    return listed.update(dismissed_at=clock.now(), dismissed_by=actor)


def _work(run: ImportRun, *, actor: User | None, hold: bool) -> None:
    """See to it that a job does what is left to do; one that is at it already is left alone."""
    if run.job is not None and not run.job.is_finished:
        return
    if run.state == RunState.STAGED and not run.apply_at_once:
        return
    run.state = RunState.APPLYING if run.is_staged and run.apply_at_once else RunState.STAGING
    run.error = None
    run.job = _job(run, actor, hold)
    run.save(update_fields=["state", "error", "job"])


def _job(run: ImportRun, actor: User | None, hold: bool) -> Job:
    return jobs.enqueue(kind="imports.run", arguments={"run": run.pk}, created_by=actor, hold=hold)


def _locked(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)


def _alone() -> None:
    """Until the transaction ends, nobody else begins an import (on SQLite the transaction itself sees to that)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
