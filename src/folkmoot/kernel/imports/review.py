"""What a person looks at before an import is applied: values that would change, rows that look like somebody.

Both are kept beside the staged rows, as rows of parts that nothing applies, and go when the import is applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, bulk
from folkmoot.kernel.imports.changes import Changes, field_of
from folkmoot.kernel.imports.models import ImportChange, ImportRun, RunState, StagedRow
from folkmoot.kernel.imports.sources import SKIP, Part, Row
from folkmoot.kernel.jobs.context import JobContext

#: Parts of staged rows that are none of a file.
_MARK = "~"
ALIKE, DIFFERENCES = "~alike", "~differences"
#: So many changed records are kept to look at; the counts tell of all.
MOST = 5000


def forget(run: ImportRun) -> None:
    """Remove what an earlier preview found."""
    StagedRow.objects.filter(run=run, part__startswith=_MARK).delete()


def alike_of(run: ImportRun) -> QuerySet[StagedRow]:
    """The rows that look like somebody, in the file's order."""
    return StagedRow.objects.filter(run=run, part=ALIKE).order_by("ordinal")


def differences_of(run: ImportRun) -> QuerySet[StagedRow]:
    """The records that would change, with each value before and after."""
    return StagedRow.objects.filter(run=run, part=DIFFERENCES).order_by("ordinal")


def choices_of_last_time(run: ImportRun) -> dict[str, str]:
    """What was chosen when a file of this name was last imported: the same rows are the same people again."""
    name = PurePath(run.origin).name
    last = ImportRun.objects.filter(source=run.source, state=RunState.APPLIED, origin__endswith=name)
    options = last.exclude(pk=run.pk).order_by("-pk").values_list("options", flat=True).first()
    return dict((options or {}).get("choices") or {})


def find_alike(run: ImportRun, parts: Sequence[Part], context: JobContext) -> None:
    """Ask every part which rows look like somebody; keep them with what may be chosen. Writes nothing else."""
    choices: Mapping[str, str] = run.options.get("choices") or {}
    ordinal = run.staged
    done = 0
    for part in parts:
        memory: dict[str, Any] = {}
        last = -1
        while staged := list(
            StagedRow.objects.filter(run=run, part=part.key, ordinal__gt=last).order_by("ordinal")[
                : part.chunk_size
            ]
        ):
            rows = [Row(row.file, row.line, row.payload) for row in staged]
            found: list[StagedRow] = []
            for alike in part.alike(rows, Changes(run), memory):
                key = str(alike.row.payload["key"])
                payload = {
                    "key": key,
                    "label": alike.label,
                    "choice": choices.get(key, ""),
                    "candidates": [
                        {"choice": one.choice, "label": one.label, "why": one.why, "url": one.url}
                        for one in alike.candidates
                    ],
                }
                found.append(
                    StagedRow(
                        run=run, ordinal=ordinal, part=ALIKE, file=alike.row.file, line=alike.row.line,
                        payload=payload,
                    )
                )  # fmt: skip
                ordinal += 1
            last, done = staged[-1].ordinal, done + len(staged)
            with transaction.atomic():
                bulk.insert(StagedRow, found)
                context.checkpoint(
                    {"step": "preview"}, done=done, total=run.staged, note=_("Looking for duplicates")
                )


def note_differences(run: ImportRun, into: list[dict[str, Any]]) -> None:
    """Add the values that this transaction has changed on records whose edits are kept; called before it is undone."""
    left = MOST - len(into)
    if left <= 0:
        return
    changed = ImportChange.objects.filter(run=run, action=ImportChange.UPDATED).order_by("pk")[:left]
    by_model: dict[str, list[ImportChange]] = {}
    for change in changed:
        by_model.setdefault(change.model, []).append(change)
    for label, changes in by_model.items():
        model = apps.get_model(label)
        if not audit.has_history(model):
            continue
        rows = model._base_manager.in_bulk([change.object_id for change in changes])
        for change in changes:
            fields = _fields(model, change)
            if fields and change.object_id in rows:
                row = rows[change.object_id]
                into.append({"kind": str(model._meta.verbose_name), "name": str(row), "fields": fields})


def _fields(model: type[models.Model], change: ImportChange) -> list[list[Any]]:
    """Label, before and after of each value that a person can edit."""
    before, after = change.before or {}, change.after or {}
    return [
        [str(field.verbose_name), before.get(name), value]
        for name, value in after.items()
        if (field := field_of(model, name)).editable and not isinstance(field, models.JSONField)
    ]


def keep_differences(run: ImportRun, differences: Sequence[dict[str, Any]]) -> None:
    """Keep them beside the staged rows."""
    ordinal = run.staged + alike_of(run).count()
    bulk.insert(
        StagedRow,
        [
            StagedRow(run=run, ordinal=ordinal + n, part=DIFFERENCES, file="", line=None, payload=one)
            for n, one in enumerate(differences)
        ],
    )


def choice_label(payload: Mapping[str, Any]) -> str:
    """What was chosen for a row that looks like somebody, in words."""
    choice = payload.get("choice") or ""
    if choice == SKIP:
        return _("left out")
    for one in payload["candidates"]:
        if one["choice"] == choice:
            return _("the same as %(name)s") % {"name": one["label"]}
    return _("imported as new")
