"""The files of an import: their digest, and taking uploads in safely."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from folkmoot.kernel.ids import token
from folkmoot.kernel.imports.sources import FileProblem, Source, parts_of
from folkmoot.kernel.imports.tables import open_table

#: Most files that a folder may have.
MOST_FILES = 5000
#: How many files the list of imports names.
NAMED = 3
_BLOCK = 1024 * 1024


def files_in(path: Path) -> Iterator[Path]:
    """The file itself, or every file below a folder in a fixed order; hidden ones are left out."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def fingerprint(source: Source, path: Path, options: Mapping[str, Any], mapping: Mapping[str, str]) -> str:
    """A digest (SHA-256, hexadecimal) of the source, its parts, what the person said, and all files' content.

    Raises:
        FileProblem: a file cannot be opened.
    """
    said = [source.key, [part.key for part in parts_of(source)], dict(options), dict(mapping)]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode())
    for file in files_in(path):
        name = file.name if file == path else file.relative_to(path).as_posix()
        digest.update(b"\0" + name.encode(errors="surrogateescape") + b"\0")
        try:
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
        except OSError as error:
            raise FileProblem(name, _("cannot be opened: %(error)s") % {"error": error.strerror}) from error
    return digest.hexdigest()


def uploads() -> Path:
    """Where uploaded files wait: a folder of the data folder."""
    return Path(settings.DATA_DIR) / "imports"


def take_in(source: Source, files: Sequence[UploadedFile[Any]]) -> tuple[Path, str]:
    """Keep uploaded files in a new folder below :func:`uploads`.

    A ZIP is unpacked for sources that take a folder. Names are checked, and sizes as they are written, so that
    neither a name nor a small archive with huge content can do harm.

    Returns:
        the folder or file to read, and what the list of imports calls it.

    Raises:
        FileProblem: a file is missing, empty, too large, broken, or is not of this source; nothing is kept.
    """
    chosen = [file for file in files if file.name]
    if not chosen:
        raise FileProblem(_("No file"), _("was chosen: choose the file to import, then send again"))
    if source.takes == "file" and len(chosen) > 1:
        raise FileProblem(_("Several files"), _("were chosen; this import reads one: choose one"))
    folder = uploads() / f"new-{token(12)}"
    folder.mkdir(parents=True, mode=0o700)
    try:
        budget = _Budget(settings.IMPORT_MAX_BYTES)
        for file in chosen:
            name = str(file.name)
            if source.takes == "folder" and _is_zip(file):
                _unpack(file, name, folder, budget)
            else:
                _keep(file.chunks(), name, folder / _plain_name(name), budget)
        kept = list(files_in(folder))
        _check(source, folder, kept)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    names = sorted(str(file.name) for file in chosen)
    origin = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        origin = _("%(names)s and %(number)d more") % {"names": origin, "number": len(names) - NAMED}
    return (kept[0] if source.takes == "file" else _inner(folder)), origin


def headings(path: Path, *, sheet: str = "") -> list[str]:
    """The headings of a plain table, as the file has them.

    Raises:
        FileProblem: it is no table, has no heading, or a heading twice.
    """
    return [heading for heading in open_table(path, sheet=sheet).headings if heading]


class _Budget:
    def __init__(self, most: int) -> None:
        self.left = self.most = most
        self.files = 0

    def spend(self, size: int, name: str) -> None:
        self.left -= size
        if self.left < 0:
            raise FileProblem(
                name,
                _(
                    "is too large: an import takes up to %(most)d MB; split it, or import it with the command line"
                )
                % {"most": self.most // _BLOCK},
            )

    def one_more(self, name: str) -> None:
        self.files += 1
        if self.files > MOST_FILES:
            raise FileProblem(name, _("holds more than %(most)d files") % {"most": MOST_FILES})


def _keep(blocks: Iterable[bytes], name: str, to: Path, budget: _Budget) -> None:
    budget.one_more(name)
    if to.exists():
        raise FileProblem(name, _("was given twice"))
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("xb") as kept:
        for block in blocks:
            budget.spend(len(block), name)
            kept.write(block)


def _plain_name(name: str) -> str:
    plain = PurePosixPath(name.replace("\\", "/")).name
    if not plain or plain.startswith(".") or not plain.isprintable():
        raise FileProblem(name, _("has a name that cannot be used: rename it"))
    return plain


def _is_zip(file: UploadedFile[Any]) -> bool:
    file.seek(0)
    found = file.read(4) == b"PK\x03\x04" or zipfile.is_zipfile(file)
    file.seek(0)
    return found or str(file.name).lower().endswith(".zip")


def _unpack(file: UploadedFile[Any], name: str, folder: Path, budget: _Budget) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                inside = PurePosixPath(entry.filename.replace("\\", "/"))
                if entry.is_dir() or "__MACOSX" in inside.parts or inside.name.startswith("."):
                    continue
                # 0o120000 is a symbolic link: it could lead out of the folder.
                is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
                if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0] or is_link:
                    raise FileProblem(
                        f"{name}: {entry.filename}", _("leads out of the archive: pack the folder again")
                    )
                if any(part.startswith(".") or not part.isprintable() for part in inside.parts):
                    continue
                if entry.flag_bits & 0x1:
                    raise FileProblem(name, _("has a password: pack it without one"))
                with archive.open(entry) as content:
                    _keep(
                        iter(lambda: content.read(_BLOCK), b""), f"{name}: {inside}", folder / inside, budget
                    )
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ) as error:
        raise FileProblem(name, _("is a broken ZIP: pack the folder again")) from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise FileProblem(name, _("is a broken ZIP: pack the folder again")) from error
        raise


def _check(source: Source, folder: Path, kept: list[Path]) -> None:
    if not kept:
        raise FileProblem(_("The archive"), _("holds no file"))
    if source.takes == "file":
        only = kept[0]
        with only.open("rb") as file:
            start = file.read(4)
        if not start:
            raise FileProblem(only.name, _("is empty"))
        if start == b"PK\x03\x04" and not any(fnmatch("table.xlsx", pattern) for pattern in source.files):
            raise FileProblem(
                only.name, _("is a workbook or an archive, not a text table: save it as “CSV UTF-8”")
            )
    elif source.files:
        names = [file.relative_to(folder).as_posix() for file in kept]
        if not any(fnmatch(name, f"*{pattern}") for name in names for pattern in source.files):
            raise FileProblem(
                ", ".join(names[:3]),
                _("is not of “%(source)s”, which reads %(files)s: choose those, or another kind of import")
                % {"source": source.label, "files": ", ".join(source.files)},
            )


def _inner(folder: Path) -> Path:
    """A ZIP often holds one folder that holds everything: that one."""
    entries = list(folder.iterdir())
    return _inner(entries[0]) if len(entries) == 1 and entries[0].is_dir() else folder


def remove_upload(path: Path) -> None:
    """Remove the folder of an upload that holds this path; other paths are left alone."""
    base = uploads().resolve()
    resolved = path.resolve()
    if base in resolved.parents:
        top = base / resolved.relative_to(base).parts[0]
        shutil.rmtree(top, ignore_errors=True)
