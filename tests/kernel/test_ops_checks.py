"""``folkmoot doctor --deploy``: what is not fit for the public is named, with what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from folkmoot.kernel import secrets
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import cli
from folkmoot.kernel.commands import setup as _commands  # noqa: F401 - registers them
from folkmoot.kernel.doctor import Finding, State
from folkmoot.kernel.ops import checks, streams
from tests.kernel.houses import Houses


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(str(each.state), each.name, each.says) for each in findings]


@pytest.fixture
def fit(settings: Any, tmp_path: Path) -> Any:
    """Settings that are fit for the public."""
    settings.BASE_URL = "https://moot.example.org"
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.DEBUG = False
    settings.SECRET_KEY = "k" * 50
    settings.DATA_DIR = tmp_path
    settings.WEB_WORKERS, settings.REDIS_URL = 1, ""
    return settings


def test_address(fit: Any) -> None:
    assert told(checks.address()) == [("ok", "HTTPS", "https://moot.example.org")]
    for url in ("http://localhost:8000", "http://moot.example.org", "https://127.0.0.1"):
        fit.BASE_URL = url
        assert checks.address()[0].state == State.WRONG


def test_headers(fit: Any) -> None:
    assert checks.headers()[0].state == State.OK
    fit.SECURE_HSTS_SECONDS = 60
    fit.CSRF_COOKIE_SECURE = False
    assert told(checks.headers()) == [("wrong", "Headers", "HSTS of a year and secure cookies: not set")]


def test_debug(fit: Any) -> None:
    assert checks.debug() == []
    fit.DEBUG = True
    assert checks.debug()[0].state == State.WRONG


def test_private_files(fit: Any, houses: Houses) -> None:
    with houses.new().inside() as house:
        house.folder.chmod(0o750)
        secrets.encrypt("x")
        (house.folder / "secret-key").write_text("x")
        (house.folder / "secret-key").chmod(0o600)
        assert told(checks.private_files()) == [("ok", "Private files", "nobody else may read them")]
        (house.folder / "encryption-keys").chmod(0o604)
        found = checks.private_files()
        assert told(found) == [
            ("wrong", "Private files", f"{house.folder / 'encryption-keys'} can be read by everybody here")
        ]
        assert found[0].mend == f"Run `chmod o-rwx {house.folder / 'encryption-keys'}`."
    fit.SECRET_KEY = "short"
    assert ("wrong", "Secret key", "is shorter than 32 characters") in told(checks.private_files())


def test_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert checks.user()[0].state == State.WARNING
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert checks.user()[0].state == State.OK


def test_administrators(houses: Houses) -> None:
    from folkmoot.kernel.accounts.actions import add_user, grant_all
    from folkmoot.kernel.permissions.areas import Level

    with houses.new().inside():
        assert checks.administrators()[0].state == State.WRONG
        for number, state in ((1, State.WARNING), (2, State.OK)):
            user = add_user(email=f"admin{number}@example.org", name="A", password="correct horse battery")
            grant_all(user=user, level=Level.ADMIN)
            assert checks.administrators()[0].state == state
        User.objects.filter(email="admin2@example.org").update(is_active=False)
        assert checks.administrators()[0].state == State.WARNING


def test_size(fit: Any, houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    with houses.sqlite().inside():
        assert told(checks.size()) == [("ok", "Size", "sqlite, 1 web")]
        fit.WEB_WORKERS = 4
        says = [each.says for each in checks.size()]
        assert says == [
            "4 web processes write to one SQLite file in turns",
            "4 web processes each count sign-in attempts for themselves",
        ]
        fit.REDIS_URL = "redis://127.0.0.1/0"
        assert (
            next(each.says for each in checks.size())
            == "Redis is for several machines, and SQLite is a file of one"
        )
        monkeypatch.setattr(checks, "file_system", lambda path: "nfs4")
        assert State.WRONG in {each.state for each in checks.size()}


def test_the_kind_of_a_file_system() -> None:
    assert checks.file_system(Path("/proc/self/status")) == "proc"
    assert checks.file_system(Path("/nowhere/at/all")) != ""


def test_backups(fit: Any, tmp_path: Path) -> None:
    assert told(checks.backups()) == [("wrong", "Nightly backup", "none is taken")]
    folder = tmp_path / "backups"
    folder.mkdir()
    fit.BACKUP_DIR = str(folder)
    lies, not_encrypted = "lies on the data's own disk", "is not encrypted"
    assert [each.says for each in checks.backups()] == ["none has been taken yet", lies, not_encrypted]
    (folder / "folkmoot-20261120T020000Z.backup.age").write_text("")
    secret, public = streams.new_key()
    fit.BACKUP_KEY = secret
    assert [each.says for each in checks.backups()] == [lies, "the key that opens it is on this machine too"]
    fit.BACKUP_KEY = public
    assert [each.says for each in checks.backups()] == [lies]


def test_the_command(houses: Houses) -> None:
    """In a fresh installation much is amiss, and no check fails by itself."""
    with houses.new().inside(REDIS_URL="", WEB_WORKERS=1):
        result = CliRunner().invoke(cli, ["doctor", "--deploy", "--json"])
        plain = CliRunner().invoke(cli, ["doctor", "--json"])
    assert result.exit_code == 1
    found = {each["name"]: each for each in json.loads(result.stdout)["findings"]}
    assert {"HTTPS", "Administrators", "Nightly backup", "Private files", "Size", "User"} <= set(found)
    assert "could not be checked" not in result.stdout
    assert "HTTPS" not in plain.stdout
    assert connection.vendor in found["Size"]["says"]
