"""The ledger as Parquet files, partitioned by month: what DuckDB, Spark, Trino or ClickHouse read.

Everything is read as of one moment, row by row in the order of time, so memory does not grow with the ledger. The files
hold no name, handle or address of a person: people and identities are numbers, and what a source said beside the fields
(``detail``), where logins stand, stays at home.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.ops.snapshot import snapshot
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.public import Identity, Project

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows that are held at a time.
CHUNK = 20_000
#: What says that a folder was made here, and what is in it.
MANIFEST = "folkmoot-ledger.json"
VERSION = 1


class ExportProblem(Exception):
    """Why nothing was written; the message says what to do."""


def write(folder: Path, told: Callable[[str, int], object] = lambda table, rows: None) -> dict[str, int]:
    """Write the whole ledger into a folder: all of it, or nothing.

    Layout: ``activity/month=2026-04/part-0.parquet`` and one file each for ``item``, ``identity`` and ``project``.
    Times are UTC, in microseconds. ``labels`` is JSON text.

    Args:
        folder: missing, empty, or made by an earlier export, which is replaced once the new one is complete.
        told: called with a table's name and the number of its rows so far.

    Returns:
        table to number of rows.

    Raises:
        ExportProblem: the extra ``scale`` is not installed, or the folder holds something else.
        OSError: the disk refuses.
    """
    _need_pyarrow()
    if folder.exists() and not folder.is_dir():
        raise ExportProblem(_("%(folder)s is no folder.") % {"folder": folder})
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise ExportProblem(
            _("%(folder)s holds something that is no earlier export: choose an empty folder.")
            % {"folder": folder}
        )
    growing = folder.parent / f".{folder.name}.growing"
    shutil.rmtree(growing, ignore_errors=True)
    growing.mkdir(parents=True)
    try:
        counts = _write_all(growing, told)
        manifest = {"version": VERSION, "made_at": clock.now().isoformat(), "rows": counts}
        (growing / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        _put_in_place(growing, folder)
    finally:
        shutil.rmtree(growing, ignore_errors=True)
    return counts


def _need_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError:
        raise ExportProblem(
            _("Parquet files need the extra “scale”: pip install 'folkmoot[scale]'.")
        ) from None


def _put_in_place(growing: Path, folder: Path) -> None:
    """The new export under its name; the earlier one goes last."""
    old = folder.parent / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    growing.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write_all(folder: Path, told: Callable[[str, int], object]) -> dict[str, int]:
    with snapshot() as connection:
        using = connection.alias
        counts = {"activity": 0, "item": 0, "identity": 0, "project": 0}
        activities = Activity.objects.using(using)
        for month, start, end in _months(activities):
            rows = activities.filter(occurred_at__gte=start, occurred_at__lt=end).order_by(
                "occurred_at", "pk"
            )
            path = folder / "activity" / f"month={month}" / "part-0.parquet"
            counts["activity"] += _table(path, rows, ACTIVITY, told, "activity", counts["activity"])
        for name, queryset, columns in (
            ("item", Item.objects.using(using), ITEM),
            ("identity", Identity.objects.using(using), IDENTITY),
            ("project", Project.objects.using(using), PROJECT),
        ):
            path = folder / f"{name}.parquet"
            counts[name] = _table(path, queryset.order_by("pk"), columns, told, name, 0)
    return counts


def _months(activities: QuerySet[Activity]) -> Iterator[tuple[str, dt.datetime, dt.datetime]]:
    """Each UTC month in which something happened: its name, its first moment and the first one after it."""
    ends = activities.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    if ends["first"] is None:
        return
    start = ends["first"].astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while start <= ends["last"]:
        end = (start + dt.timedelta(days=32)).replace(day=1)
        if activities.filter(occurred_at__gte=start, occurred_at__lt=end).exists():
            yield f"{start:%Y-%m}", start, end
        start = end


#: Column in the file -> field of the model. What a type is, :func:`_schema` says.
ACTIVITY = {
    "id": "pk",
    "kind": "kind",
    "identity_id": "identity_id",
    "person_id": "identity__person_id",
    "is_bot": "identity__is_bot",
    "item_id": "item_id",
    "project_id": "project_id",
    "occurred_at": "occurred_at",
    "source": "source",
    "external_id": "external_id",
    "recorded_at": "recorded_at",
}
ITEM = {
    "id": "pk",
    "kind": "kind",
    "title": "title",
    "state": "state",
    "url": "url",
    "project_id": "project_id",
    "labels": "labels",
    "opened_at": "opened_at",
    "closed_at": "closed_at",
    "source": "source",
    "external_id": "external_id",
}
IDENTITY = {"id": "pk", "person_id": "person_id", "system": "system", "is_bot": "is_bot"}
PROJECT = {
    "id": "pk",
    "kind": "kind",
    "name": "name",
    "repository": "repository",
    "is_archived": "is_archived",
}


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    """Numbers, times, truths and texts by the columns' names: ``…id`` but ``external_id``, ``…_at``, ``is_…``."""
    import pyarrow as pa

    def kind(name: str) -> pa.DataType:
        if name == "id" or (name.endswith("_id") and name != "external_id"):
            return pa.int64()
        if name.endswith("_at"):
            return pa.timestamp("us", tz="UTC")
        return pa.bool_() if name.startswith("is_") else pa.string()

    return pa.schema([pa.field(name, kind(name)) for name in columns])


def _table(
    path: Path,
    rows: QuerySet[Any],
    columns: Mapping[str, str],
    told: Callable[[str, int], object],
    table: str,
    before: int,
) -> int:
    """One file; returns how many rows it holds."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(columns)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    stream = rows.values_list(*columns.values()).iterator(chunk_size=CHUNK)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while chunk := list(islice(stream, CHUNK)):
            arrays = [
                pa.array(_plain(column, values), type=schema.field(column).type)
                for column, values in zip(columns, zip(*chunk, strict=True), strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            written += len(chunk)
            told(table, before + written)
    return written


def _plain(column: str, values: Sequence[Any]) -> Sequence[Any]:
    if column == "labels":
        return [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in values]
    return values
