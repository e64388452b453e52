"""The backup file: a tar, compressed with zstd, encrypted with age when a key is given.

Members, in this order: ``header.json`` (version, time, migrations, tables with their columns);
``tables/<table>/<number>.jsonl`` (rows as lines of JSON, in pieces of a few megabytes, since a tar wants to know a
member's size beforehand); ``media/<name>``; ``keys/encryption-keys`` in encrypted backups only; ``manifest.json``
(rows and sums of each table and file). A file without its manifest was cut off. docs/operations.md shows how to open
one without Folkmoot.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from folkmoot.kernel.cli import Problem
from folkmoot.kernel.ops.streams import Key, reading
from folkmoot.kernel.ops.tables import Tally, line_of, rows_of

FORMAT = 1
PIECE = 4 * 1024 * 1024
#: Larger pieces are no backup of ours.
_LARGEST_PIECE = 1024 * 1024 * 1024
_BUFFER = 1024 * 1024

#: ``on_progress(done, total, note)``, as for jobs.
Progress = Callable[[int, int | None, str], None]


def silent(done: int, total: int | None, note: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class TableHead:
    """A table as a backup names it: its model's label, its name, its columns in the rows' order."""

    model: str
    table: str
    columns: tuple[str, ...]
    #: The highest number given out for its key, when the database counts it: numbers are not given twice.
    last_key: int | None = None


@dataclass(frozen=True)
class Header:
    """What stands at the beginning of a backup."""

    version: str
    made_at: str
    database: str
    migrations: tuple[tuple[str, str], ...]
    tables: tuple[TableHead, ...]
    rows: int
    format: int = FORMAT


@dataclass
class Manifest:
    """What stands at its end: ``tables`` by name, ``media`` by the file's name."""

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(each["rows"] for each in self.tables.values())


class Packer:
    """Writes a backup's tar into a stream, member by member."""

    def __init__(self, stream: IO[bytes], header: Header) -> None:
        self._tar = tarfile.open(  # noqa: SIM115 - closed by close()
            fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_BUFFER
        )
        self.manifest = Manifest()
        self._add("header.json", json.dumps(asdict(header), ensure_ascii=False).encode())

    def table(self, name: str, rows: Iterable[Sequence[Any]], *, on_rows: Callable[[int], None]) -> None:
        """All rows of a table; ``on_rows`` hears how many were written so far."""
        tally, piece, number = Tally(), bytearray(), 0
        for row in rows:
            line = line_of(row)
            tally.add(row, line=line)
            piece += line
            if len(piece) >= PIECE:
                number += 1
                self._add(f"tables/{name}/{number:06}.jsonl", bytes(piece))
                piece.clear()
                on_rows(tally.rows)
        if piece:
            self._add(f"tables/{name}/{number + 1:06}.jsonl", bytes(piece))
        on_rows(tally.rows)
        self.manifest.tables[name] = {"rows": tally.rows, "sha256_sum": tally.digest}

    def file(self, name: str, source: IO[bytes], size: int) -> None:
        """A media file.

        Raises:
            Problem: it is shorter than its size, since somebody changes it at this moment.
        """
        hashed = _Hashing(source)
        info = self._info(f"media/{name}", size)
        try:
            self._tar.addfile(info, hashed)
        except OSError as error:
            if "unexpected end of data" not in str(error):
                raise
            raise Problem(f"The file {name} was changed while it was read: run the backup again.") from None
        self.manifest.media[name] = {"bytes": size, "sha256": hashed.digest}

    def keys(self, content: bytes) -> None:
        """The keys that stored secrets are encrypted with."""
        self._add("keys/encryption-keys", content)

    def close(self) -> Manifest:
        """Write the manifest and the tar's end."""
        self._add("manifest.json", json.dumps(asdict(self.manifest), ensure_ascii=False).encode())
        self._tar.close()
        return self.manifest

    def _add(self, name: str, content: bytes) -> None:
        self._tar.addfile(self._info(name, len(content)), io.BytesIO(content))
        self._tar.members = []  # type: ignore[attr-defined] # it would remember every one

    @staticmethod
    def _info(name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        return info


class _Hashing(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


class Backup:
    """A backup file; every method reads it from its beginning."""

    def __init__(self, path: Path, key: Key | None) -> None:
        self.path, self.key = path, key

    def header(self) -> Header:
        """What stands at its beginning.

        Raises:
            Problem: as for :meth:`verify`.
        """
        for name, content in self._members():
            if name != "header.json":
                break
            return self._header(content.read())
        raise self._damaged("its header is missing")

    def tables(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Pieces of tables in their order: (table, lines). Verify the file first: here it is trusted."""
        for name, content in self._members():
            if name.startswith("tables/"):
                yield name.split("/")[1], iter(content)

    def others(self) -> Iterator[tuple[str, IO[bytes]]]:
        """The media files and the keys: (member's name, content)."""
        for name, content in self._members():
            if name.startswith(("media/", "keys/")):
                yield name, content

    def verify(self, on_progress: Progress = silent) -> tuple[Header, Manifest]:
        """Read all of it and compare every row and file with the manifest.

        Raises:
            Problem: it is no backup, made by a newer Folkmoot, encrypted with another key, cut off or damaged.
        """
        header: Header | None = None
        manifest: Manifest | None = None
        tallies: dict[str, Tally] = {}
        media: dict[str, dict[str, Any]] = {}
        rows = 0
        for name, content in self._members():
            if name == "header.json":
                header = self._header(content.read())
                tallies = {each.table: Tally() for each in header.tables}
            elif header is None:
                raise self._damaged("its header is missing")
            elif name.startswith("tables/"):
                table = name.split("/")[1]
                if table not in tallies:
                    raise self._damaged(f"it holds rows of {table}, which its header does not name")
                try:
                    for _ in rows_of(content, tallies[table]):
                        rows += 1
                except ValueError:
                    raise self._damaged(f"a row of {table} cannot be read") from None
                on_progress(rows, header.rows, table)
            elif name.startswith("media/"):
                media[name.removeprefix("media/")] = _measured(content)
            elif name == "manifest.json":
                manifest = Manifest(**json.loads(content.read()))
        if header is None or manifest is None:
            raise Problem(f"{self.path} was cut off: its end is missing. Take another backup.")
        found = {name: {"rows": each.rows, "sha256_sum": each.digest} for name, each in tallies.items()}
        for name in sorted(found.keys() | manifest.tables.keys()):
            if found.get(name) != manifest.tables.get(name):
                raise self._damaged(f"the rows of {name} are not those that were written")
        for name in sorted(media.keys() | manifest.media.keys()):
            if media.get(name) != manifest.media.get(name):
                raise self._damaged(f"the file {name} is not the one that was written")
        return header, manifest

    def _members(self) -> Iterator[tuple[str, IO[bytes]]]:
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise Problem(f"{self.path} cannot be read: {error.strerror}.") from None
        with file, reading(file, self.key, name=str(self.path)) as stream:
            try:
                with tarfile.open(fileobj=stream, mode="r|", bufsize=_BUFFER) as tar:
                    for info in tar:
                        tar.members = []  # type: ignore[attr-defined]
                        content = tar.extractfile(info)
                        if content is None or (
                            info.size > _LARGEST_PIECE and not info.name.startswith("media/")
                        ):
                            raise self._damaged(f"it holds {info.name}, which is no part of a backup")
                        whole: Any = io.BufferedReader(_Whole(content, self._cut), _BUFFER)
                        yield info.name, whole
                while stream.read(_BUFFER):
                    pass  # to the very end, where compression and encryption keep their own sums
            except (tarfile.TarError, EOFError) as error:
                raise self._cut(error) from None

    def _cut(self, error: Exception) -> Problem:
        return Problem(f"{self.path} was cut off or is damaged ({error}). Take another backup.")

    def _header(self, content: bytes) -> Header:
        try:
            values = json.loads(content)
            if values["format"] > FORMAT:
                raise Problem(
                    f"{self.path} was made by Folkmoot {values['version']}, which is newer than the one here:"
                    " update Folkmoot first."
                )
            tables = tuple(
                TableHead(**{**each, "columns": tuple(each["columns"])}) for each in values["tables"]
            )
            migrations = tuple((app, name) for app, name in values["migrations"])
            return Header(**{**values, "tables": tables, "migrations": migrations})
        except (ValueError, TypeError, KeyError):
            raise self._damaged("its header cannot be read") from None

    def _damaged(self, what: str) -> Problem:
        return Problem(f"{self.path} is damaged: {what}. Take another backup.")


class _Whole(io.RawIOBase):
    """A file in the archive, for whoever reads it later: what is missing of it is told in words."""

    def __init__(self, content: IO[bytes], cut: Callable[[Exception], Problem]) -> None:
        super().__init__()
        self._content, self._cut = content, cut

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            return self._content.readinto(buffer)  # type: ignore[attr-defined, no-any-return]
        except (tarfile.TarError, EOFError) as error:
            raise self._cut(error) from None


def _measured(content: IO[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    while data := content.read(_BUFFER):
        digest.update(data)
        size += len(data)
    return {"bytes": size, "sha256": digest.hexdigest()}
