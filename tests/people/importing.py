"""Running imports in tests, as the command line does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.apps import apps

from folkmoot.kernel.imports import actions
from folkmoot.kernel.imports.models import ImportRun, RunState
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.runner import run_in_foreground

REGISTER_FILES = (
    "contributors.yml",
    "packages.yml",
    "editorial_team_domains.csv",
    "emeritus_editor_domains.csv",
    "editorial-board.yml",
    "emeritus-editors.yml",
)


def run_import(source: str, path: Path, **options: Any) -> ImportRun:
    """Import to the end; the run says how it went."""
    mapping = options.pop("mapping", None)
    run, _again = actions.start(
        source=sources.get(source),
        path=path,
        actor=None,
        options=options,
        mapping=mapping,
        apply_at_once=True,
        hold=True,
    )
    assert run.job is not None
    run_in_foreground(run.job)
    run.refresh_from_db()
    return run


def applied(source: str, path: Path, **options: Any) -> ImportRun:
    """Import what must be readable."""
    run = run_import(source, path, **options)
    assert run.state == RunState.APPLIED, run.error
    return run


def refused(source: str, path: Path) -> tuple[str, int | None, str]:
    """Import what cannot be read as its format: file, line, reason."""
    run = run_import(source, path)
    assert run.state == RunState.REFUSED
    assert run.error is not None
    return run.error["file"], run.error["line"], run.error["reason"]


def undone(run: ImportRun) -> ImportRun:
    """Take an import back."""
    run = actions.undo(run=run, actor=None, hold=True)
    assert run.job is not None
    run_in_foreground(run.job)
    run.refresh_from_db()
    return run


def created(run: ImportRun) -> dict[str, int]:
    return {counter: number for counter, number in run.counts["created"].items() if number}


def updated(run: ImportRun) -> dict[str, int]:
    return {counter: number for counter, number in run.counts["updated"].items() if number}


def rejections(run: ImportRun) -> list[tuple[str, int | None, str, str]]:
    """File, line, field, reason, in the files' order."""
    rows = run.rejected.values_list("file", "line", "field", "reason")
    return sorted(rows, key=lambda row: (row[0], row[1] or 0, row[2], row[3]))


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the register, its history apart."""
    return {
        model._meta.label: sorted(model._default_manager.values_list(), key=repr)
        for model in apps.get_app_config("people").get_models(include_auto_created=True)
        if not hasattr(model, "history_object")
    }


def write(folder: Path, **files: str) -> Path:
    """Files named by their stem with ``_`` for ``.``: ``contributors_yml="…"``."""
    for name, text in files.items():
        stem, _underscore, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text, encoding="utf-8")
    return folder


def register_only(real_data: Path, folder: Path) -> Path:
    """The real registry's files without the activity."""
    for name in REGISTER_FILES:
        shutil.copy(real_data / "pyopensci" / name, folder / name)
    return folder
