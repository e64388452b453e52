"""Stored secrets: unreadable in the database, readable after a rotation, never in a log."""

from __future__ import annotations

import io
import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.fernet import Fernet
from django.apps.registry import Apps
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.test.utils import isolate_apps
from typer.testing import CliRunner

from folkmoot import environment
from folkmoot.kernel import logs, secrets
from folkmoot.kernel.cli import Problem, cli
from folkmoot.kernel.commands import ops as _commands  # noqa: F401 - registers them
from folkmoot.kernel.ops import redact
from folkmoot.kernel.ops.tables import Table


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.SECRET_KEYS = []
    return tmp_path


@pytest.fixture
def vault(transactional_db: None) -> Iterator[tuple[type[models.Model], Apps]]:
    """A table with an encrypted column, for a moment."""
    with isolate_apps("folkmoot.kernel") as apps:

        class Vault(models.Model):  # noqa: DJ008 - nobody shows it
            token = secrets.EncryptedField(null=True)

            class Meta:
                app_label = "kernel"

        with connection.schema_editor() as editor:
            editor.create_model(Vault)
        try:
            yield Vault, apps
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(Vault)


def stored(model: type[models.Model]) -> list[str | None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT token FROM {model._meta.db_table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


# --- keys


def test_a_first_key_is_made_and_only_its_owner_may_read_it(folder: Path) -> None:
    token = secrets.encrypt("swordfish ü")
    assert "swordfish" not in token
    assert secrets.decrypt(token) == "swordfish ü"
    assert stat.S_IMODE((folder / "encryption-keys").stat().st_mode) == 0o600
    assert len(secrets.keys()) == 1


def test_keys_of_the_environment(settings: Any, folder: Path) -> None:
    one, two = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SECRET_KEYS = [one]
    old = secrets.encrypt("x")
    settings.SECRET_KEYS = [two, one]
    assert secrets.decrypt(old) == "x"
    new = secrets.encrypted_again(old)
    assert secrets.encrypted_again(new) == new
    settings.SECRET_KEYS = [two]
    assert secrets.decrypt(new) == "x"
    with pytest.raises(secrets.CannotDecrypt, match="bring back the key it was stored with"):
        secrets.decrypt(old)
    assert not (folder / "encryption-keys").exists()
    with pytest.raises(ImproperlyConfigured, match="put the new one first there"):
        secrets.add_key()


def test_a_key_that_is_none(settings: Any) -> None:
    settings.SECRET_KEYS = [Fernet.generate_key().decode(), "short"]
    with pytest.raises(ImproperlyConfigured, match="Key 2 in FOLKMOOT_SECRET_KEYS is none") as told:
        secrets.encrypt("x")
    assert "short" not in str(told.value)


def test_another_process_follows_a_rotation(folder: Path) -> None:
    token = secrets.encrypt("x")
    before = secrets.keys()
    secrets.add_key()
    assert secrets.keys()[1:] == before
    assert secrets.decrypt(token) == "x"
    assert secrets.encrypted_again(token) != token
    assert secrets.forget_old_keys() == 1
    with pytest.raises(secrets.CannotDecrypt):
        secrets.decrypt(token)
    assert secrets.add_known("\n".join(before).encode()) == 1
    assert secrets.add_known("\n".join(before).encode()) == 0
    assert secrets.decrypt(token) == "x"


# --- the field


def test_the_database_never_sees_it(vault: tuple[type[models.Model], Apps]) -> None:
    model, _ = vault
    rows = model._default_manager
    for text in ("hunter2", "hunter2", "", None):
        rows.create(token=text)
    first, second, empty, none = stored(model)
    assert first
    assert second
    assert (empty, none) == ("", None)
    assert first != second
    assert "hunter2" not in first + second
    assert list(rows.order_by("pk").values_list("token", flat=True)) == ["hunter2", "hunter2", "", None]
    assert rows.filter(token__isnull=True).count() == 1
    for question in ({"token": "hunter2"}, {"token__contains": "h"}, {"token__in": ["a"]}):
        with pytest.raises(FieldError, match="token is encrypted: it cannot be searched for"):
            list(rows.filter(**question))


def test_a_backup_holds_it_as_stored(vault: tuple[type[models.Model], Apps]) -> None:
    model, _ = vault
    model._default_manager.create(token="hunter2")
    assert [row[1] for row in Table(model).rows(connection)] == stored(model)


# --- rotating


def test_rotation_encrypts_everything_again_and_resumes(vault: tuple[type[models.Model], Apps]) -> None:
    model, apps = vault
    for number in range(7):
        model._default_manager.create(token=f"secret {number}")
    model._default_manager.create(token=None)
    before = stored(model)
    secrets.add_key()

    def killed(rows: int) -> None:
        if rows == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        secrets.reencrypt(apps=apps, on_rows=killed)
    half = stored(model)
    assert [one == other for one, other in zip(before, half, strict=True)] == [False] * 3 + [True] * 5
    assert secrets.reencrypt(apps=apps) == secrets.Rotated(changed=4, current=3, unreadable=0)
    assert stored(model)[:3] == half[:3]
    assert secrets.reencrypt(apps=apps) == secrets.Rotated(changed=0, current=7, unreadable=0)
    secrets.forget_old_keys()
    assert list(model._default_manager.order_by("pk").values_list("token", flat=True))[:7] == [
        f"secret {number}" for number in range(7)
    ]


def test_a_change_meanwhile_wins(vault: tuple[type[models.Model], Apps]) -> None:
    model, apps = vault
    rows = [model._default_manager.create(token=f"old {number}") for number in range(2)]
    secrets.add_key()

    def changes(done: int) -> None:
        model._default_manager.filter(pk=rows[1].pk).update(token="new")

    secrets.reencrypt(apps=apps, on_rows=changes)
    assert list(model._default_manager.order_by("pk").values_list("token", flat=True)) == ["old 0", "new"]


def test_what_no_key_opens_is_counted_and_kept(vault: tuple[type[models.Model], Apps], folder: Path) -> None:
    model, apps = vault
    model._default_manager.create(token="lost")
    before = stored(model)
    (folder / "encryption-keys").unlink()
    model._default_manager.create(token="fine")
    assert secrets.reencrypt(apps=apps) == secrets.Rotated(changed=0, current=1, unreadable=1)
    assert stored(model)[0] == before[0]


def test_the_command(db: None, settings: Any) -> None:
    secrets.encrypt("x")
    assert CliRunner().invoke(cli, ["rotate-key"]).exit_code == 0
    assert len(secrets.keys()) == 2
    assert CliRunner().invoke(cli, ["rotate-key", "--resume", "--forget-old"]).exit_code == 0
    assert len(secrets.keys()) == 1
    settings.SECRET_KEYS = [Fernet.generate_key().decode()]
    result = CliRunner().invoke(cli, ["rotate-key"])
    assert isinstance(result.exception, Problem)
    assert "put a new one first there" in str(result.exception)


# --- logs

LEAK = "S3cr3t-Val-0123456789"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What is logged, as JSON and for a terminal."""
    before = structlog.get_config()

    def log(style: str, say: Any) -> str:
        stream = io.StringIO()
        logs.configure(style)
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
        say()
        return stream.getvalue()

    yield log
    structlog.configure(**before)
    logs.configure(environment.setting("FOLKMOOT_LOG_FORMAT"), quiet=True)


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_secret_reaches_a_log(written: Any, style: str) -> None:
    redact.hide([LEAK])
    hidden = ["hunter2hunter2", "tok_abcdefgh12345", "sess-987654321", LEAK]

    def say() -> None:
        log = structlog.get_logger("test")
        log.info(
            "signed in",
            password=hidden[0],
            user="ana",
            token=hidden[1],
            headers={"Authorization": f"Bearer {hidden[1]}"},
        )
        log.info(
            "asked",
            database=f"postgres://me:{hidden[0]}@host:5432/name",
            page=f"https://x.org/?access_token={hidden[1]}&page=2",
        )
        log.warning(
            "nested",
            request={"cookies": {"sessionid": hidden[2]}, "cookie": hidden[2], "list": [f"key {LEAK}"]},
        )
        logging.getLogger("library").warning(
            "GET /?api_key=%s Authorization: Bearer %s", hidden[1], hidden[1]
        )
        try:
            raise ValueError(f"cannot connect with {LEAK}")
        except ValueError:
            log.exception("failed")

    text = written(style, say)
    for value in (hidden[0], hidden[1], LEAK):
        assert value not in text
    for kept in ("signed in", "ana", "page=2", "host:5432/name", "ValueError", "cannot connect with"):
        assert kept in text
    if style == "json":
        lines = [json.loads(line) for line in text.splitlines()]
        assert lines[0]["password"] == lines[0]["token"] == redact.HIDDEN
        assert lines[2]["request"]["cookies"] == redact.HIDDEN


def test_every_secret_setting_is_hidden() -> None:
    """Values given by the environment, in a process of its own."""
    import subprocess
    import sys

    given = {each.name: f"value-of-{each.name.lower()}" for each in environment.ENVIRONMENT if each.secret}
    given |= {
        "FOLKMOOT_DATABASE_URL": "postgres://me:pass-of-database@127.0.0.1/x",
        "FOLKMOOT_REDIS_URL": "redis://:pass-of-redis@127.0.0.1/0",
        "FOLKMOOT_MAIL_URL": "smtp://me:pass-of-mail@127.0.0.1:587",
        "FOLKMOOT_STORAGE_URL": "s3://key:pass-of-storage@bucket",
        "FOLKMOOT_SENTRY_DSN": "https://pass-of-sentry@127.0.0.1/1",
        "FOLKMOOT_SECRET_KEYS": "first-of-the-keys,second-of-the-keys",
    }
    # A secret of a sign-in provider is refused without the rest of it.
    rest = {each.name: "an-id" for each in environment.ENVIRONMENT if each.name.endswith("_CLIENT_ID")}
    rest["FOLKMOOT_OIDC_ISSUER"] = "https://id.example.org"
    values = [value for value in given.values() if "://" not in value and "," not in value]
    values += [f"pass-of-{each}" for each in ("database", "redis", "mail", "storage")]
    values += ["first-of-the-keys", "second-of-the-keys"]
    code = "import sys\nfrom folkmoot import settings\nfrom folkmoot.kernel.ops import redact\n"
    code += "print(redact.text(sys.stdin.read()))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        input="\n".join([*values, *given.values()]),
        env=os.environ | rest | given,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [value for value in values if value in result.stdout] == []
    assert "pass-of-sentry" not in result.stdout


def test_many_who_begin_at_once_make_one_key(folder: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _number: tuple(secrets.keys()), range(64)))
    assert len(set(found)) == 1
    assert len(found[0]) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["encryption-keys"]
