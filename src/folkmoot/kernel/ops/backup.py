"""Taking a backup."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.core.files.storage import default_storage
from django.db.backends.base.base import BaseDatabaseWrapper

from folkmoot import __version__
from folkmoot.kernel import clock, secrets
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.ops import load, media
from folkmoot.kernel.ops.archive import Backup, Header, Manifest, Packer, Progress, TableHead, silent
from folkmoot.kernel.ops.snapshot import applied, apps_at, snapshot
from folkmoot.kernel.ops.streams import Key, Sink, writing
from folkmoot.kernel.ops.tables import Table, kept_tables


@dataclass(frozen=True)
class Taken:
    """A backup that was taken and verified.

    ``bytes`` is the file's size; ``read_back`` says how it was verified: row by row, or (with a public key, which
    cannot open it) byte by byte.
    """

    path: Path
    rows: int
    files: int
    bytes: int
    encrypted: bool
    read_back: str
    made_at: dt.datetime


def take(
    path: Path,
    key: Key | None,
    *,
    replace: bool = False,
    on_progress: Progress = silent,
    alias: str = "default",
) -> Taken:
    """Write a backup of the database and the uploaded files, read it back, then give it its name.

    Others may go on writing meanwhile: the backup holds what was there when it began.

    Raises:
        Problem: the file is there already, cannot be written, or does not read back as it was written.
    """
    if path.exists() and not replace:
        raise Problem(f"{path} is there already: choose another name.")
    waiting = path.with_name(f".{path.name}.{os.getpid()}.part")
    now = clock.now()
    try:
        with _opened(waiting) as file:
            written = _Digesting(file)
            manifest = _write(written, key, now, on_progress, alias)
            file.flush()
            os.fsync(file.fileno())
        if key is not None and key.identity is None:
            _compare_bytes(waiting, written.digest)
            how = "byte by byte"
        else:
            _, found = Backup(waiting, key).verify(
                lambda done, total, note: on_progress(done, total, "reading back")
            )
            if found != manifest:
                raise Problem(
                    f"The backup does not read back as it was written: is the disk of {path} sound?"
                )
            how = "row by row"
        waiting.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Problem(f"The backup cannot be written to {path}: {error.strerror or error}.") from None
    finally:
        with contextlib.suppress(OSError):
            waiting.unlink()
    return Taken(
        path=path,
        rows=manifest.rows,
        files=len(manifest.media),
        bytes=path.stat().st_size,
        encrypted=key is not None,
        read_back=how,
        made_at=now,
    )


def _write(file: Sink, key: Key | None, now: dt.datetime, on_progress: Progress, alias: str) -> Manifest:
    with snapshot(alias) as connection, writing(file, key) as stream:
        header, tables = _header(connection, now)
        packer = Packer(stream, header)
        before = 0
        for table in tables:

            def tell(rows: int, before: int = before, name: str = table.name) -> None:
                on_progress(before + rows, header.rows, name)

            packer.table(table.name, table.rows(connection), on_rows=tell)
            before += packer.manifest.tables[table.name]["rows"]
        # After the rows: a file that a row names was there before the row was.
        for name in media.names():
            on_progress(before, header.rows, name)
            with contextlib.suppress(FileNotFoundError), default_storage.open(name) as content:
                packer.file(name, content, default_storage.size(name))
        if key is not None:
            packer.keys(secrets.key_file_content())
        return packer.close()


def _header(connection: BaseDatabaseWrapper, now: dt.datetime) -> tuple[Header, list[Table]]:
    loader, nodes = applied(connection)
    if not nodes:
        raise Problem("The database is empty: there is nothing to back up. Run `folkmoot init` first.")
    tables = kept_tables(apps_at(loader, nodes))
    keys = load.last_keys(connection, tables)
    header = Header(
        version=__version__,
        made_at=now.isoformat(),
        database=connection.vendor,
        migrations=tuple(sorted(nodes)),
        tables=tuple(TableHead(t.label, t.name, t.columns, keys.get(t.name)) for t in tables),
        rows=sum(table.count(connection) for table in tables),
    )
    return header, tables


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)  # only its owner may read it
    with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
        yield file


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Digesting:
    """Passes on what is written and hashes it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    @property
    def digest(self) -> bytes:
        return self._hash.digest()


def _compare_bytes(path: Path, digest: bytes) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").digest() != digest:
            raise Problem("The backup does not read back as it was written: is the disk sound?")
