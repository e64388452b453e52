"""Uploaded files: in a folder or on S3, behind Django's storage."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from django.core.files import File
from django.core.files.storage import Storage, default_storage

from folkmoot.kernel.cli import Problem

_BUFFER = 1024 * 1024


def names(storage: Storage = default_storage, folder: str = "") -> Iterator[str]:
    """Every file's name, folders first descended into, in a settled order."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    for each in sorted(filter(None, files)):
        yield prefix + each
    for each in sorted(filter(None, folders)):
        yield from names(storage, prefix + each)


class Placement:
    """Puts files into the storage so that it can be taken back until everything else is done too.

    Files wait in ``waiting`` until :meth:`place`; those they replace are kept there for :meth:`undo`. The caller makes
    and removes that folder.
    """

    def __init__(self, waiting: Path, storage: Storage = default_storage) -> None:
        self._storage = storage
        self._new, self._old = waiting / "new", waiting / "old"
        self._names: list[str] = []
        self._placed: list[str] = []
        self._before: list[str] = []

    def take(self, name: str, content: IO[bytes]) -> None:
        """Keep a file for later.

        Raises:
            Problem: its name leads out of the folder.
        """
        parts = PurePosixPath(name).parts
        if not parts or PurePosixPath(name).is_absolute() or ".." in parts or "\\" in name:
            raise Problem(f"The backup holds a file named {name!r}, which no storage may hold.")
        target = self._new / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file, _BUFFER)
        self._names.append(name)

    def place(self) -> int:
        """Put all of them into the storage, in place of all that is there.

        Returns:
            how many were put there.
        """
        for name in list(names(self._storage)):
            with self._storage.open(name) as before:
                if (self._new / name).is_file() and _digest(before) == _digest_of(self._new / name):
                    continue
                before.seek(0)
                kept = self._old / name
                kept.parent.mkdir(parents=True, exist_ok=True)
                with kept.open("wb") as file:
                    shutil.copyfileobj(before, file, _BUFFER)
            self._before.append(name)
            self._storage.delete(name)
        for name in self._names:
            if not self._storage.exists(name):
                self._save(name, self._new / name)
                self._placed.append(name)
        return len(self._names)

    def undo(self) -> None:
        """Put back what was there before."""
        for name in self._placed:
            self._storage.delete(name)
        for name in self._before:
            self._save(name, self._old / name)
        self._placed, self._before = [], []

    def _save(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            saved = self._storage.save(name, File(file))
        if saved != name:
            self._storage.delete(saved)
            raise Problem(
                f"The file {name} cannot be put back under its name: the storage made {saved} of it."
            )


def _digest(content: IO[bytes] | File[bytes]) -> str:
    digest = hashlib.sha256()
    while data := content.read(_BUFFER):
        digest.update(data)
    return digest.hexdigest()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)
