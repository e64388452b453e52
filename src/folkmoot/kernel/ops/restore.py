"""Putting a backup back: all of it, or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.apps.registry import Apps
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from folkmoot.kernel import secrets
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.ops import fresh, load, media, rebuild
from folkmoot.kernel.ops.archive import Backup, Header, Manifest, Progress, silent
from folkmoot.kernel.ops.snapshot import Node, applied, apps_at, tips
from folkmoot.kernel.ops.streams import Key
from folkmoot.kernel.ops.tables import Table, Tally, rows_of


@dataclass(frozen=True)
class Restored:
    """A backup that was put back; ``after`` holds a sentence for each thing done once the rows were in place."""

    header: Header
    rows: int
    files: int
    after: tuple[str, ...]


def restore(
    path: Path,
    key: Key | None,
    *,
    replace: bool = False,
    on_progress: Progress = silent,
    alias: str = "default",
) -> Restored:
    """Fill the database and the file storage with what a backup holds.

    The whole file is verified before anything is touched. The rows go in within one transaction, are read back and
    compared; files are put back as they were when that fails.

    Raises:
        Problem: the file is damaged, of a newer Folkmoot or another key; or there is something already where it
            should go, and ``replace`` does not allow to lose it.
    """
    backup = Backup(path, key)
    header = backup.header()
    connection = connections[alias]
    loader, nodes = applied(connection)
    _refuse_newer(path, header, loader)
    _refuse_to_lose(connection, apps_at(loader, nodes) if nodes else None, header, loader, replace=replace)
    header, manifest = backup.verify(lambda done, total, note: on_progress(done, total, "checking the file"))
    apps = _ready(connection, loader, nodes, set(header.migrations))
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(prefix="restoring-", dir=settings.DATA_DIR))
    placement = media.Placement(waiting)
    try:
        keys = b""
        for name, content in backup.others():
            if name == "keys/encryption-keys":
                keys = content.read()
            else:
                placement.take(name.removeprefix("media/"), content)
        with transaction.atomic(using=alias):
            _load(connection, apps, backup, header, manifest, on_progress)
            files = placement.place()
            if keys:
                secrets.add_known(keys)
    except BaseException:
        placement.undo()
        raise
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    return Restored(header, manifest.rows, files, tuple(rebuild.run_all()))


def _load(
    connection: BaseDatabaseWrapper,
    apps: Apps,
    backup: Backup,
    header: Header,
    manifest: Manifest,
    on_progress: Progress,
) -> None:
    heads = {head.table: head for head in header.tables}
    by_label = {model._meta.label_lower: model for model in apps.get_models(include_auto_created=True)}
    tables: dict[str, Table] = {}
    for head in header.tables:
        model = by_label.get(head.model)
        if model is None or model._meta.db_table != head.table:
            raise Problem(f"The backup holds {head.table}, for which there is no table here.")
        table = Table(model, head.columns)
        try:
            table.fields  # noqa: B018 - looks every column up
        except LookupError as error:
            raise Problem(f"The backup does not fit this database: {error}.") from None
        tables[head.table] = table
    load.begin(connection)
    load.clear(connection, apps)
    tallies = {name: Tally() for name in tables}
    done = 0
    for name, lines in backup.tables():

        def tell(rows: int, before: int = done, name: str = name) -> None:
            on_progress(before + rows, header.rows, name)

        done += load.insert(connection, tables[name], rows_of(lines, tallies[name]), tell)
    last = {name: head.last_key for name, head in heads.items() if head.last_key is not None}
    load.finish(connection, apps, last, list(tables.values()))
    for name, table in tables.items():
        if tallies[name].rows != manifest.tables[name]["rows"]:
            raise Problem(f"{backup.path} was changed while it was read. Nothing was changed.")
        on_progress(done, header.rows, f"reading back {name}")
        load.compare(connection, table, tallies[name])


def _refuse_newer(path: Path, header: Header, loader: MigrationLoader) -> None:
    unknown = sorted(set(header.migrations) - set(loader.disk_migrations))
    if unknown:
        app, name = unknown[0]
        raise Problem(
            f"{path} was made by Folkmoot {header.version}, which is newer than the one here (it knows {app}.{name}):"
            " update Folkmoot first."
        )


def _refuse_to_lose(
    connection: BaseDatabaseWrapper,
    apps: Apps | None,
    header: Header,
    loader: MigrationLoader,
    *,
    replace: bool,
) -> None:
    if apps is None and connection.introspection.table_names():
        raise Problem("The database holds tables that are not Folkmoot's: name an empty one.")
    held = load.holdings(connection, apps) if apps is not None else []
    files = sum(1 for _ in media.names())
    parts = [load.in_words(held)] if held else []
    if files:
        parts.append(f"{files:,} {'file' if files == 1 else 'files'}")
    if not parts:
        return
    what = " and ".join(parts)
    if not replace:
        raise Problem(
            f"There is something here already that a restore would remove: {what}. Name an empty database, or say"
            " --replace to lose all of it."
        )
    if held and set(header.migrations) != set(loader.graph.nodes):
        raise Problem(
            "The backup is of an older Folkmoot than the database: restore it into a new, empty one"
            " (FOLKMOOT_DATABASE_URL), where it is brought up to date."
        )


def _ready(
    connection: BaseDatabaseWrapper, loader: MigrationLoader, nodes: set[Node], wanted: set[Node]
) -> Apps:
    """Give the database the tables that the backup was made with.

    Returns:
        the models as they were then.
    """
    if nodes != wanted:
        if nodes and not wanted >= nodes:
            _drop_all(connection)
        targets = tips(loader, wanted)
        if not fresh.create(connection, targets):
            MigrationExecutor(connection).migrate(targets)
        loader, nodes = applied(connection)
    return apps_at(loader, nodes)


def _drop_all(connection: BaseDatabaseWrapper) -> None:
    """Take every table away, once it is known that none holds a row."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names: Sequence[str] = connection.introspection.table_names(cursor)
            cursor.execute(f"DROP TABLE {', '.join(map(quote, names))} CASCADE")
            return
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'"
            " ORDER BY sql LIKE 'CREATE VIRTUAL%%' DESC, name DESC"
        )
        names = [row[0] for row in cursor.fetchall()]
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE IF EXISTS {quote(name)}")
