"""A backup each night, and which of the older ones stay."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from folkmoot.kernel import clock
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.jobs.context import JobContext, JobRefused
from folkmoot.kernel.ops import backup, streams
from folkmoot.kernel.ops.archive import Progress

_NAME = re.compile(r"folkmoot-(\d{8}T\d{6})Z\.backup(\.age)?$")
_WHEN = "%Y%m%dT%H%M%S"


def keep() -> tuple[int, int]:
    """How many nightly backups stay, and of how many weeks one more each (``FOLKMOOT_BACKUP_KEEP``).

    Raises:
        ImproperlyConfigured: it is not two numbers, or would keep nothing.
    """
    found = re.fullmatch(r"(\d{1,4})\s*,\s*(\d{1,4})", settings.BACKUP_KEEP)
    if found is None or int(found[1]) < 1:
        raise ImproperlyConfigured(
            f"FOLKMOOT_BACKUP_KEEP is {settings.BACKUP_KEEP!r}: write two numbers such as 7,5 (the last 7 nights, and"
            " one of each of the last 5 weeks)."
        )
    return int(found[1]), int(found[2])


def made_at(path: Path) -> dt.datetime | None:
    """When a scheduled backup began (UTC), by its name; ``None`` for any other file."""
    found = _NAME.fullmatch(path.name)
    return dt.datetime.strptime(found[1], _WHEN).replace(tzinfo=dt.UTC) if found else None


def existing() -> list[Path]:
    """The scheduled backups that are there, newest first."""
    if not settings.BACKUP_DIR or not Path(settings.BACKUP_DIR).is_dir():
        return []
    return sorted((path for path in Path(settings.BACKUP_DIR).iterdir() if made_at(path)), reverse=True)


def newest() -> dt.datetime | None:
    """When the newest scheduled backup began (UTC)."""
    found = existing()
    return made_at(found[0]) if found else None


def surplus(paths: Iterable[Path], *, daily: int, weekly: int) -> list[Path]:
    """Those that need not stay: neither the newest of one of the last ``daily`` days that have one, nor the newest of
    one of the last ``weekly`` ISO weeks that have one.
    """
    days: dict[dt.date, Path] = {}
    weeks: dict[tuple[int, int], Path] = {}
    ordered = sorted(paths, reverse=True)
    for path in ordered:
        when = made_at(path)
        if when is not None:
            days.setdefault(when.date(), path)
            weeks.setdefault(when.isocalendar()[:2], path)
    staying = {*list(days.values())[:daily], *list(weeks.values())[:weekly]}
    return [path for path in ordered if path not in staying]


def nightly(now: dt.datetime) -> str:
    """The slot of the night's backup: from 02:00 UTC; none where no folder is set."""
    return (
        now.astimezone(dt.UTC).date().isoformat()
        if settings.BACKUP_DIR and now.astimezone(dt.UTC).hour >= 2
        else ""
    )


def _checkpoints(context: JobContext) -> Progress:
    """Progress that is kept with the job every two seconds. A worker that ends gives the job to another."""
    last = time.monotonic()

    def tell(done: int, total: int | None, note: str) -> None:
        nonlocal last
        if time.monotonic() - last >= 2:
            context.checkpoint(None, done=done, total=total, note=note)
            last = time.monotonic()

    return tell


def run(context: JobContext) -> dict[str, Any]:
    """The job: take a backup, verify it, and only then remove those that need not stay."""
    folder = Path(settings.BACKUP_DIR)
    try:
        if not settings.BACKUP_DIR:
            raise Problem("FOLKMOOT_BACKUP_DIR names no folder for backups.")
        daily, weekly = keep()
        key = streams.find_key(None, settings.BACKUP_KEY)
        name = f"folkmoot-{clock.now():{_WHEN}}Z.backup{'.age' if key else ''}"

        taken = backup.take(folder / name, key, on_progress=_checkpoints(context))
    except (Problem, ImproperlyConfigured) as problem:
        raise JobRefused(f"No backup was taken: {problem}") from problem
    for leftover in folder.glob(".folkmoot-*.part"):
        if dt.datetime.fromtimestamp(leftover.stat().st_mtime, dt.UTC) < clock.now() - dt.timedelta(days=1):
            leftover.unlink()  # of a worker that was killed
    gone = surplus(existing(), daily=daily, weekly=weekly)
    for path in gone:
        path.unlink()
    return {
        "file": str(taken.path),
        "rows": taken.rows,
        "files": taken.files,
        "bytes": taken.bytes,
        "removed": [path.name for path in gone],
    }
