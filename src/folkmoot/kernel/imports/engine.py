"""Reading, trying and applying an import. Each step can be killed at any moment and begun again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import bulk, clock
from folkmoot.kernel.imports import review
from folkmoot.kernel.imports.changes import Changes, Counts, add_counts, counters_of, no_counts
from folkmoot.kernel.imports.models import ImportRun, RejectedRow, RunState, StagedRow
from folkmoot.kernel.imports.signals import chunk_applied, rows_changed
from folkmoot.kernel.imports.sources import FileProblem, Part, Reading, Rejection, Row, parts_of, sources
from folkmoot.kernel.jobs.context import JobContext, JobRefused

#: How many rows are staged in one transaction.
STAGING_CHUNK = 1000
#: So many rows are tried out in one transaction on SQLite: some seconds.
SLICE = 5000


def parts_for(run: ImportRun) -> list[Part]:
    """The parts that read a run's source.

    Raises:
        JobRefused: the source, or every area that reads it, is not installed.
    """
    try:
        parts = parts_of(sources.get(run.source))
    except LookupError as error:
        raise JobRefused(str(error)) from error
    if not parts:
        raise JobRefused(f"Nothing that is installed here reads {run.source}.")
    return parts


def stage(run: ImportRun, context: JobContext) -> bool:
    """Read all files into the staging table, from the beginning; nothing else changes.

    Returns:
        ``False`` when a file was refused: then nothing is staged, and ``run.error`` says where and why.
    """
    parts = parts_for(run)
    with transaction.atomic():
        _empty(run)
        context.checkpoint({"step": "stage"}, done=0, note=_("Reading the files"))
    try:
        staged = _read(run, parts, context)
    except FileProblem as problem:
        with transaction.atomic():
            _empty(run)
            run.state = RunState.REFUSED
            run.error = {
                "file": problem.file,
                "line": problem.line,
                "field": problem.field,
                "reason": problem.reason,
            }
            run.save(update_fields=["state", "error"])
            context.checkpoint({"step": "refused"})
        return False
    with transaction.atomic():
        run.staged, run.applied, run.is_staged, run.error = staged, 0, True, None
        run.counts = {}
        run.save(update_fields=["staged", "applied", "is_staged", "error", "counts", "options"])
        context.checkpoint({"step": "staged"}, done=0, total=staged)
    return True


def apply(run: ImportRun, context: JobContext) -> None:
    """Apply what is staged, chunk by chunk; each chunk is one transaction with its counts and its undo."""
    parts = parts_for(run)
    with transaction.atomic():
        run.refresh_from_db()
        run.state, run.error = RunState.APPLYING, None
        run.counts = add_counts(no_counts(counters_of(parts)), run.counts)
        run.save(update_fields=["state", "error", "counts"])
        RejectedRow.objects.filter(run=run, is_foretold=True).delete()
        review.forget(run)
        context.checkpoint({"step": "apply"}, done=run.applied, total=run.staged)
    for part in parts:
        while _apply_chunk(run, part, context):
            pass
    with transaction.atomic():
        left = StagedRow.objects.filter(run=run).order_by("ordinal").first()
        if left is not None:
            raise JobRefused(
                f"The rows of {left.part} cannot be applied: its area is not installed here any more."
            )
        run.refresh_from_db()
        run.state, run.applied_at = RunState.APPLIED, clock.now()
        run.save(update_fields=["state", "applied_at"])
        # The same files read anew: what an earlier reading rejected is said again now, or mended.
        RejectedRow.objects.filter(
            run__source=run.source, run__origin=run.origin, run__pk__lt=run.pk, dismissed_at=None
        ).update(dismissed_at=clock.now())
        context.checkpoint({"step": "applied"}, done=run.applied)


@dataclass(frozen=True)
class Foretold:
    """What applying would do now."""

    counts: Counts
    rejections: tuple[Rejection, ...]


class _RollBack(Exception):
    pass


def foretell(
    run: ImportRun, context: JobContext | None = None, *, differences: list[dict[str, Any]] | None = None
) -> Foretold:
    """Apply everything that is staged and roll it back: what applying would do, exactly.

    On SQLite, where one writes at a time, more than :data:`SLICE` rows are tried slice by slice, so that others can
    write in between; what several slices would make (an organisation, a tag) is then counted in each.

    Args:
        differences: filled with the first :data:`review.MOST` values that would change (see ``review``).
    """
    parts = parts_for(run)
    counts = no_counts(counters_of(parts))
    rejections: list[Rejection] = []
    at: tuple[int, int] | None = (0, -1)
    done = 0
    while at is not None:
        left = SLICE if connection.vendor == "sqlite" else run.staged + 1
        try:
            with transaction.atomic():
                while at is not None and left > 0:
                    place, last = at
                    rows = _staged(run, parts[place], after=last)
                    if not rows:
                        at = (place + 1, -1) if place + 1 < len(parts) else None
                        continue
                    changes = _apply_rows(run, parts[place], rows)
                    counts = add_counts(counts, changes.counts)
                    rejections += changes.rejections
                    at, left, done = (place, rows[-1].ordinal), left - len(rows), done + len(rows)
                    if context is not None:
                        context.tell(done, run.staged, _("Trying it out"))
                if differences is not None:
                    review.note_differences(run, differences)
                raise _RollBack
        except _RollBack:
            pass
        if context is not None and at is not None:
            with transaction.atomic():
                context.checkpoint({"step": "preview"}, done=done, total=run.staged, note=_("Trying it out"))
    return Foretold(counts, tuple(rejections))


def preview(run: ImportRun, context: JobContext) -> None:
    """Keep what applying would do, for a person to look at: counts, differences, rows that look like somebody."""
    with transaction.atomic():
        context.checkpoint({"step": "preview"}, done=0, total=run.staged, note=_("Looking for duplicates"))
        review.forget(run)
    review.find_alike(run, parts_for(run), context)
    differences: list[dict[str, Any]] = []
    foretold = foretell(run, context, differences=differences)
    with transaction.atomic():
        RejectedRow.objects.filter(run=run, is_foretold=True).delete()
        keep_rejections(run, foretold.rejections, is_foretold=True)
        review.keep_differences(run, differences)
        run.preview, run.state = foretold.counts, RunState.STAGED
        run.save(update_fields=["preview", "state"])
        context.checkpoint({"step": "previewed"}, done=run.staged)


def keep_rejections(run: ImportRun, rejections: Sequence[Rejection], *, is_foretold: bool = False) -> None:
    """List rejected rows with the run; one that is listed already stays as it is."""
    if not rejections:
        return
    RejectedRow.objects.bulk_create(
        [
            RejectedRow(
                run=run,
                file=r.file[:300],
                line=r.line,
                field=r.field[:120],
                reason=str(r.reason)[:500],
                content=_plain_or_none(r.content),
                is_foretold=is_foretold,
            )
            for r in rejections
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def _empty(run: ImportRun) -> None:
    StagedRow.objects.filter(run=run).delete()
    RejectedRow.objects.filter(run=run).delete()


def _read(run: ImportRun, parts: Sequence[Part], context: JobContext) -> int:
    """Stage every row of every part; return how many."""
    root = Path(run.path)
    if not root.exists():
        raise FileProblem(str(root), _("is not there: give the folder or file again"))
    reading = Reading(root, run.options, run.mapping)
    ordinal = 0
    for part in parts:
        found = iter(part.read(reading))
        while batch := list(islice(found, STAGING_CHUNK)):
            rejections = [entry for entry in batch if isinstance(entry, Rejection)]
            rows: list[StagedRow] = []
            for entry in batch:
                if not isinstance(entry, Row):
                    continue
                try:
                    payload = plain(entry.payload)
                except ValueError as error:
                    rejections.append(Rejection(entry.file, entry.line, "", str(error)))
                    continue
                rows.append(
                    StagedRow(
                        run=run,
                        ordinal=ordinal,
                        part=part.key,
                        file=entry.file[:300],
                        line=entry.line,
                        payload=payload,
                    )
                )
                ordinal += 1
            with transaction.atomic():
                bulk.insert(StagedRow, rows)
                keep_rejections(run, rejections)
                note = _("Reading %(file)s") % {"file": batch[-1].file}
                context.checkpoint({"step": "stage"}, done=ordinal, note=note)
    # What a person should know of how the files were read stays with the run.
    run.options = {name: value for name, value in run.options.items() if name != "notes"}
    if reading.notes:
        run.options["notes"] = [str(note) for note in reading.notes]
    if choices := run.options.get("choices") or review.choices_of_last_time(run):
        run.options["choices"] = choices
    return ordinal


def plain(value: Any) -> Any:
    """A value as both databases keep it in JSON: dates as text, no NUL, no half of a character.

    Raises:
        ValueError: it cannot be kept; the message says why.
    """
    try:
        text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(
            _("holds half of a character (a lone surrogate): write the character again")
        ) from None
    except (TypeError, ValueError) as error:
        raise ValueError(_("holds a value that cannot be kept: %(error)s") % {"error": error}) from None
    if "\\u0000" in text:
        raise ValueError(_("holds a NUL character: remove it"))
    return json.loads(text)


def _plain_or_none(value: Any) -> Any:
    try:
        return plain(value)
    except ValueError:
        return None


def _staged(run: ImportRun, part: Part, after: int = -1) -> list[StagedRow]:
    rows = StagedRow.objects.filter(run=run, part=part.key, ordinal__gt=after)
    return list(rows.order_by("ordinal")[: part.chunk_size])


@transaction.atomic
def _apply_chunk(run: ImportRun, part: Part, context: JobContext) -> int:
    rows = _staged(run, part)
    if not rows:
        return 0
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    changes = _apply_rows(run, part, rows)
    StagedRow.objects.filter(run=run, part=part.key, ordinal__lte=rows[-1].ordinal).delete()
    keep_rejections(run, changes.rejections)
    run.counts = add_counts(run.counts, changes.counts)
    run.applied += len(rows)
    run.save(update_fields=["counts", "applied"])
    indexed: dict[str, set[int]] = {}
    for model, ids in changes.touched.items():
        rows_changed.send(sender=model, model=model, ids=sorted(ids), done=indexed)
    chunk_applied.send(sender=type(part), run=run, changes=changes)
    note = _("Applying %(file)s") % {"file": rows[-1].file}
    context.checkpoint({"step": "apply"}, done=run.applied, total=run.staged, note=note)
    return len(rows)


def _apply_rows(run: ImportRun, part: Part, staged: Sequence[StagedRow]) -> Changes:
    """Apply a chunk; if the database refuses it, row by row, so that only the bad row is left out and listed."""
    rows = [Row(row.file, row.line, row.payload) for row in staged]
    changes = Changes(run)
    try:
        with transaction.atomic():
            part.apply(rows, changes)
        return changes
    except (DataError, IntegrityError, ValidationError):
        changes = Changes(run)
    for row in rows:
        one = Changes(run)
        try:
            with transaction.atomic():
                part.apply([row], one)
        except (DataError, IntegrityError, ValidationError) as error:
            changes.reject(row, "", _why(error))
        else:
            changes.absorb(one)
    return changes


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return _("the database does not take this row: %(error)s") % {"error": str(error).split("\n", 1)[0]}
