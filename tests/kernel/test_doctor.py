"""The doctor: each thing that can be amiss is found, said in one sentence, with what to do; never a secret."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from folkmoot.environment import ENVIRONMENT, PROBLEMS
from folkmoot.kernel import clock, doctor, installation
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import cli
from folkmoot.kernel.commands import setup as _setup  # noqa: F401 - registers the commands
from folkmoot.kernel.doctor import State
from folkmoot.kernel.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _healthy(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation in which nothing is amiss."""
    for setting in ENVIRONMENT:
        if setting.name != "FOLKMOOT_DATABASE_URL":
            monkeypatch.delenv(setting.name, raising=False)
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.REDIS_URL = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / ".stamp").write_text(installation.assets_fingerprint())
    (tmp_path / "secret-key").write_text("x" * 50)
    (tmp_path / "secret-key").chmod(0o600)
    monkeypatch.setattr(installation, "has_tables", lambda: True)
    monkeypatch.setattr(installation, "assets_missing", list)
    User.objects.create_user("somebody@example.org", "a long password")


def amiss() -> list[tuple[str, str]]:
    return [(finding.state.value, finding.name) for finding in doctor.amiss(doctor.examine())]


@pytest.fixture
def database_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tests' database lives in memory: the doctor looks for its file."""
    from django.db import connection

    if connection.vendor == "sqlite":
        (tmp_path / "database").touch()
        monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "database"))


@pytest.mark.usefixtures("database_file")
def test_nothing_is_amiss_in_a_healthy_installation() -> None:
    assert amiss() == []
    found = doctor.examine()
    assert doctor.worst(found) == State.OK
    assert [finding.name for finding in found[: len(ENVIRONMENT)]] == [
        setting.name for setting in ENVIRONMENT
    ]


def test_a_bad_setting_and_a_misspelt_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROBLEMS, "FOLKMOOT_WEB_WORKERS", "'abc' is no whole number from 1 to 64")
    monkeypatch.setenv("FOLKMOOT_DATABSE_URL", "x")
    monkeypatch.setenv("FOLKMOOT_SOMETHING_ELSE", "x")
    found = {finding.name: finding for finding in doctor.examine()}
    assert found["FOLKMOOT_WEB_WORKERS"].state == State.WRONG
    assert found["FOLKMOOT_DATABSE_URL"].mend == "Was FOLKMOOT_DATABASE_URL meant?"
    assert "FOLKMOOT_SOMETHING_ELSE" not in found


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in ENVIRONMENT:
        if setting.secret and setting.name != "FOLKMOOT_DATABASE_URL":
            monkeypatch.setenv(setting.name, "hush-hush-hush")
    assert "hush" not in json.dumps([str(finding) for finding in doctor.examine()])


def test_the_data_folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def free(count: int) -> Any:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, count))  # type: ignore[attr-defined]
        return doctor.data_folder()[0].state

    assert free(10**10) == State.OK
    assert free(5 * 10**8) == State.WARNING
    assert free(10**7) == State.WRONG
    settings.DATA_DIR = tmp_path / "not-there"
    assert doctor.data_folder()[0].mend == "Run `folkmoot init`."


def test_the_secret_key(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret-key").chmod(0o644)
    assert doctor.secret_key()[0].mend == f"Run `chmod 600 {tmp_path / 'secret-key'}`."
    monkeypatch.setenv("FOLKMOOT_SECRET_KEY", "short")
    settings.SECRET_KEY = "short"
    assert doctor.secret_key()[0].state == State.WARNING


def test_in_public(settings: Any) -> None:
    settings.BASE_URL = "http://moot.example"
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["https://moot.example", "moot.example"]
    settings.BACKUP_DIR = ""
    assert [
        (f.state, f.name) for f in (*doctor.address(), *doctor.debug(), *doctor.mail(), *doctor.backups())
    ] == [
        (State.WARNING, "Address"),
        (State.WRONG, "Address"),
        (State.WRONG, "Debug"),
        (State.WARNING, "Mail"),
        (State.WARNING, "Backups"),
    ]


def test_what_does_not_answer(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert [finding.state for finding in (*doctor.redis(), *doctor.mail())] == [State.WRONG, State.WRONG]


def test_work_that_nobody_takes_up() -> None:
    assert doctor.worker()[0].says == "no job waits"
    Job.objects.create(kind="search.rebuild", due_at=clock.now() - dt.timedelta(seconds=30))
    assert doctor.worker()[0].state == State.OK
    Job.objects.create(kind="search.rebuild", due_at=clock.now() - dt.timedelta(seconds=90))
    finding = doctor.worker()[0]
    assert finding.state == State.WRONG
    assert finding.says.startswith("nobody takes up due jobs (2); the oldest waits for 9")


def test_a_clock_that_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
    assert doctor.time()[0].state == State.WRONG


def test_assets(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.STATIC_ROOT / ".stamp").write_text("old")
    assert doctor.browser_assets()[0].mend == "Run `folkmoot init`."
    (settings.STATIC_ROOT / ".stamp").unlink()
    monkeypatch.setattr(installation, "assets_missing", lambda: ["bootstrap/dist"])
    assert doctor.browser_assets()[0].mend == "Run `make setup`, then `folkmoot init`."


def test_backups(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_DIR = str(tmp_path / "backups")
    assert doctor.backups()[0].state == State.WRONG
    (tmp_path / "backups").mkdir()
    assert doctor.backups()[0].state == State.WARNING
    (tmp_path / "backups" / f"folkmoot-{clock.now() - dt.timedelta(days=3):%Y%m%dT%H%M%S}Z.backup").touch()
    assert doctor.backups()[0].state == State.WRONG
    (tmp_path / "backups" / f"folkmoot-{clock.now():%Y%m%dT%H%M%S}Z.backup").touch()
    assert doctor.backups()[0].state == State.OK


def test_nobody_can_sign_in() -> None:
    User.objects.update(is_active=False)
    assert doctor.users()[0].mend == "Run `folkmoot user add you@example.org --admin`."


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[doctor.Finding]:
        raise RuntimeError("out of order")

    monkeypatch.setattr(doctor, "CHECKS", (broken, doctor.users))
    found = doctor.examine()[-2:]
    assert [(f.state, f.name, f.says) for f in found] == [
        (State.WRONG, "broken", "could not be checked: out of order"),
        (State.OK, "Users", "1 may sign in"),
    ]


@pytest.mark.usefixtures("database_file")
def test_the_command_answers_in_words_and_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = CliRunner().invoke(cli, ["doctor", "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["state"]) == (0, "ok")
    monkeypatch.setitem(PROBLEMS, "FOLKMOOT_DEBUG", "'yes' is none of 0, 1")
    answer = CliRunner().invoke(cli, ["doctor", "--json"])
    findings = json.loads(answer.stdout)["findings"]
    assert answer.exit_code == 1
    assert [f for f in findings if f["state"] == "wrong"] == [
        {
            "name": "FOLKMOOT_DEBUG",
            "state": "wrong",
            "says": "'yes' is none of 0, 1",
            "mend": "Set FOLKMOOT_DEBUG anew, or unset it.",
        }
    ]
