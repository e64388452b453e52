"""Secrets that have to be kept to be used: tokens and passwords of outside systems, encrypted in the database.

Keys are Fernet keys (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec), from ``FOLKMOOT_SECRET_KEYS``
or the file ``<data dir>/encryption-keys``: one a line, the current one first; the others still open what they closed.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps as installed
from django.apps.registry import Apps
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Cast

from folkmoot.kernel.registry import Registry

_CHUNK = 500


class CannotDecrypt(Exception):
    """None of the keys opens a stored secret."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be read with the keys here: bring back the key it was stored with"
            " (FOLKMOOT_SECRET_KEYS, or the file encryption-keys in the data folder), or enter the secret again."
        )


@dataclass(frozen=True)
class SecretPlace:
    """Somewhere that secrets are kept other than in an :class:`EncryptedField`.

    ``reencrypt(again)`` replaces each stored token ``t`` by ``again(t)`` where that differs, and returns how many it
    replaced. It must be safe to run again after it was interrupted.
    """

    key: str
    reencrypt: Callable[[Callable[[str], str]], int]
    order: int = 0


secret_places: Registry[SecretPlace] = Registry("place of secrets")


# --- keys


def key_file() -> Path:
    """Where the keys are kept when the environment gives none."""
    return Path(settings.DATA_DIR) / "encryption-keys"


def keys_given() -> bool:
    """Whether the keys come from the environment, so that only its owner can change them."""
    return bool(settings.SECRET_KEYS)


def keys() -> list[str]:
    """The keys, the current one first; a first one is made when there is none.

    Raises:
        ImproperlyConfigured: one of them is no Fernet key.
    """
    found = list(settings.SECRET_KEYS) or _from_file()
    for number, key in enumerate(found, 1):
        try:
            Fernet(key)
        except ValueError:
            where = "FOLKMOOT_SECRET_KEYS" if keys_given() else str(key_file())
            raise ImproperlyConfigured(
                f"Key {number} in {where} is none: each is 32 random bytes in URL-safe base64."
            ) from None
    return found


_known: dict[tuple[Any, ...], MultiFernet] = {}


def _box() -> MultiFernet:
    """The keys as one lock; read again when the file has changed, so that every process follows a rotation."""
    if keys_given():
        state: tuple[Any, ...] = ("given", *settings.SECRET_KEYS)
    else:
        try:
            found = key_file().stat()
        except FileNotFoundError:
            keys()
            found = key_file().stat()
        state = (str(key_file()), found.st_mtime_ns, found.st_size, found.st_ino)
    if state not in _known:
        _known.clear()
        _known[state] = MultiFernet([Fernet(key) for key in keys()])
    return _known[state]


def _from_file() -> list[str]:
    path = key_file()
    try:
        return path.read_text("ascii").split()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = _written(path, [Fernet.generate_key().decode()])
    try:
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(waiting, path)  # whole or not at all: nobody reads a file that is still empty
    finally:
        waiting.unlink()
    return path.read_text("ascii").split()


def _write_file(found: Sequence[str]) -> None:
    _written(key_file(), found).replace(key_file())


def _written(path: Path, found: Sequence[str]) -> Path:
    """A file beside it with these keys, safely on the disk, for its owner only."""
    waiting = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(waiting, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{key}\n" for key in found))
        file.flush()
        os.fsync(file.fileno())
    return waiting


def key_file_content() -> bytes:
    """All keys, one a line, for an encrypted backup."""
    return "".join(f"{key}\n" for key in keys()).encode("ascii")


def add_known(content: bytes) -> int:
    """Add keys from a backup after those that are here, so that what it holds can be read.

    Keys given by the environment cannot be added to: then nothing happens.

    Returns:
        how many were new.
    """
    if keys_given():
        return 0
    here = keys()
    new = [key for key in content.decode("ascii").split() if key not in here]
    if new:
        _write_file([*here, *new])
    return len(new)


def add_key() -> str:
    """Make a new key and put it first; the others stay.

    Raises:
        ImproperlyConfigured: the keys are given by FOLKMOOT_SECRET_KEYS.
    """
    if keys_given():
        raise ImproperlyConfigured("FOLKMOOT_SECRET_KEYS gives the keys: put the new one first there.")
    new = Fernet.generate_key().decode()
    _write_file([new, *keys()])
    return new


def forget_old_keys() -> int:
    """Leave only the current key. Call it once everything is encrypted with that one.

    Returns:
        how many went.
    """
    found = keys()
    if not keys_given() and len(found) > 1:
        _write_file(found[:1])
        return len(found) - 1
    return 0


# --- encrypting


def encrypt(text: str) -> str:
    """The text as a token (ASCII) that only the keys open."""
    return _box().encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """The text in a token.

    Raises:
        CannotDecrypt: none of the keys opens it, or it was changed.
    """
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken:
        raise CannotDecrypt from None


def encrypted_again(token: str) -> str:
    """The token under the current key; the same one when it is already.

    Raises:
        CannotDecrypt: as for :func:`decrypt`.
    """
    try:
        Fernet(keys()[0]).decrypt(token.encode())
    except InvalidToken:
        try:
            return _box().rotate(token.encode()).decode("ascii")
        except InvalidToken:
            raise CannotDecrypt from None
    return token


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain in memory. It cannot be searched for; empty stays empty."""

    #: A backup holds it as stored: a secret is never written anywhere in the clear.
    kept_as_stored = True

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only whether there is one can be asked.

        Raises:
            FieldError: any other question; each encryption of the same text looks different.
        """
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: it cannot be searched for.")
        return super().get_lookup(lookup_name)


# --- rotating


def encrypted_fields(apps: Apps = installed) -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model with encrypted fields, histories included, and their names."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        names = [
            field.name for field in model._meta.local_concrete_fields if isinstance(field, EncryptedField)
        ]
        if names:
            yield model, names


@dataclass(frozen=True)
class Rotated:
    """How many stored secrets are under the current key now, and how many no key opens."""

    changed: int
    current: int
    unreadable: int


def reencrypt(
    *, apps: Apps = installed, alias: str = "default", on_rows: Callable[[int], None] | None = None
) -> Rotated:
    """Bring every stored secret under the current key. Interrupted, it is simply run again.

    Nobody has to stop working: a row that changes meanwhile is left to whoever changed it.
    """
    changed = current = unreadable = 0
    for model, names in encrypted_fields(apps):
        for name in names:
            for key, token in _tokens(model, name, alias):
                try:
                    fresh = encrypted_again(token)
                except CannotDecrypt:
                    unreadable += 1
                    continue
                if fresh == token:
                    current += 1
                else:
                    changed += _swap(model, name, alias, key, token, fresh)
                if on_rows is not None:
                    on_rows(changed + current)
    for place in secret_places:
        changed += place.reencrypt(encrypted_again)
    return Rotated(changed, current, unreadable)


def _tokens(model: type[models.Model], name: str, alias: str) -> Iterator[tuple[Any, str]]:
    """Keys and stored tokens, a few at a time and without holding a cursor open while rows are written."""
    last: Any = None
    while True:
        rows = (
            models.QuerySet(model, using=alias)
            .annotate(_stored=Cast(name, models.TextField()))
            .order_by("pk")
        )
        if last is not None:
            rows = rows.filter(pk__gt=last)
        found = list(rows.values_list("pk", "_stored")[:_CHUNK])
        if not found:
            return
        last = found[-1][0]
        yield from ((key, token) for key, token in found if token)


def _swap(model: type[models.Model], name: str, alias: str, key: Any, before: str, after: str) -> int:
    """Replace the stored token if it is still the one that was read."""
    connection = connections[alias]
    quote = connection.ops.quote_name
    pk, field = model._meta.pk, model._meta.get_field(name)
    assert pk is not None  # noqa: S101 - every model has one
    column, key_column = quote(str(field.column)), quote(str(pk.column))  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} SET {column} = %s"  # noqa: S608 - our own names only
            f" WHERE {key_column} = %s AND {column} = %s",
            [after, pk.get_db_prep_value(key, connection), before],
        )
        return int(cursor.rowcount)
