"""The two layers around a backup's tar: zstd, and age (https://age-encryption.org/v1) when there is a key."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyrage
import zstandard

from folkmoot.kernel.cli import Problem

AGE_MAGIC = b"age-encryption.org/"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - how such a key begins
_PUBLIC = "age1"


class Key:
    """A key for backups: an age secret key, which locks and opens, or a public one (``age1…``), which only locks."""

    def __init__(self, text: str, *, origin: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        value = next((line for line in lines if line and not line.startswith("#")), "")
        self.identity: pyrage.x25519.Identity | None = None
        try:
            if value.upper().startswith(_SECRET):
                self.identity = pyrage.x25519.Identity.from_str(value.upper())
                self.recipient = self.identity.to_public()
                return
            if value.startswith(_PUBLIC):
                self.recipient = pyrage.x25519.Recipient.from_str(value)
                return
        except (pyrage.IdentityError, pyrage.RecipientError):
            pass
        raise Problem(
            f"{origin} holds no key for backups (a line that begins with {_SECRET} or {_PUBLIC}):"
            " make one with `folkmoot backup-key FILE`."
        )


def find_key(file: Path | None, environment: str) -> Key | None:
    """The key in a file, else the one in FOLKMOOT_BACKUP_KEY (the key itself, or the path of its file), else ``None``.

    Raises:
        Problem: the file cannot be read, or there is no key in it.
    """
    if file is None and not environment:
        return None
    if file is None and environment.upper().startswith((_SECRET, _PUBLIC.upper())):
        return Key(environment, origin="FOLKMOOT_BACKUP_KEY")
    path = file or Path(environment).expanduser()
    try:
        return Key(path.read_text("utf-8"), origin=f"The file {path}")
    except OSError as error:
        raise Problem(f"The key file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Problem(f"The key file {path} holds no text.") from None


def new_key() -> tuple[str, str]:
    """A new secret key and its public part."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


class Sink(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class _Pump:
    """Runs one of age's functions, which want a reader and a writer, in a thread at one end of a pipe."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="age", daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.error = error

    def join(self) -> None:
        self._thread.join()


@contextlib.contextmanager
def writing(file: Sink, key: Key | None) -> Iterator[IO[bytes]]:
    """What is written into the stream arrives in ``file`` compressed and, with a key, encrypted."""
    if key is None:
        with _compressed(file) as stream:
            yield stream
        return
    source, sink = os.pipe()
    recipient = key.recipient

    def encrypt() -> None:
        with os.fdopen(source, "rb", buffering=1 << 20) as reader:
            pyrage.encrypt_io(reader, file, [recipient])

    pump = _Pump(encrypt)
    try:
        with os.fdopen(sink, "wb", buffering=1 << 20) as pipe, _compressed(pipe) as stream:
            yield stream
    except BrokenPipeError:
        pass  # the reader's own error says why
    finally:
        pump.join()
    if pump.error is not None:
        raise pump.error


@contextlib.contextmanager
def _compressed(file: Sink) -> Iterator[IO[bytes]]:
    options = zstandard.ZstdCompressionParameters.from_level(3, write_checksum=True)
    with zstandard.ZstdCompressor(compression_params=options).stream_writer(
        cast(IO[bytes], file), closefd=False
    ) as stream:
        yield stream


@contextlib.contextmanager
def reading(file: IO[bytes], key: Key | None, *, name: str) -> Iterator[IO[bytes]]:
    """The tar inside a backup.

    Raises:
        Problem: it is no backup, it is encrypted and there is no key that opens it, or it is damaged.
    """
    magic = file.read(len(AGE_MAGIC))
    file.seek(0)
    if magic[: len(ZSTD_MAGIC)] == ZSTD_MAGIC:
        with _damage_told(name), _decompressed(file) as stream:
            yield stream
        return
    if magic != AGE_MAGIC:
        raise Problem(f"{name} is not a backup made by Folkmoot, or its beginning is damaged.")
    if key is None:
        raise Problem(f"{name} is encrypted: name its key with --key-file, or set FOLKMOOT_BACKUP_KEY.")
    identity = key.identity
    if identity is None:
        raise Problem(
            f"{name} is encrypted, and a public key cannot open it: name the secret key with --key-file."
        )
    source, sink = os.pipe()

    def decrypt() -> None:
        with os.fdopen(sink, "wb", buffering=1 << 20) as writer:
            pyrage.decrypt_io(file, writer, [identity])

    pump = _Pump(decrypt)
    try:
        with (
            os.fdopen(source, "rb", buffering=1 << 20) as pipe,
            _damage_told(name),
            _decompressed(pipe) as stream,
        ):
            yield stream
    except Problem:
        pump.join()
        _tell(pump.error, name)
        raise
    finally:
        pump.join()
    _tell(pump.error, name)


def _tell(error: BaseException | None, name: str) -> None:
    """Put what age said into words; a pipe closed by the reader, who has seen enough, is no error."""
    if error is None or isinstance(error, BrokenPipeError) or "roken pipe" in str(error):
        return
    if "No matching keys" in str(error):
        raise Problem(f"{name} was encrypted with another key than the one given.") from None
    raise Problem(f"{name} is damaged or was cut off: its encryption does not hold ({error}).") from None


@contextlib.contextmanager
def _decompressed(file: IO[bytes]) -> Iterator[IO[bytes]]:
    with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as stream:
        yield io.BufferedReader(_Raw(stream), 1 << 20)


class _Raw(io.RawIOBase):
    """A decompressor as a raw stream, for buffering."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return int(self._stream.readinto(buffer))


@contextlib.contextmanager
def _damage_told(name: str) -> Iterator[None]:
    try:
        yield
    except zstandard.ZstdError as error:
        raise Problem(f"{name} is damaged: it cannot be unpacked ({error}).") from None
