"""Settings from the environment: read, checked, and never fatal to the doctor."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from folkmoot import environment


def run(tmp_path: Path, *words: str, **values: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOLKMOOT_", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", *words],
        env={**kept, "FOLKMOOT_DATA_DIR": str(tmp_path), **values},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_database_url_is_read() -> None:
    assert environment.database("sqlite:////a/b%20c.db")["NAME"] == "/a/b c.db"
    assert environment.database("sqlite:///b.db")["NAME"] == "b.db"
    assert environment.database("sqlite://")["NAME"] == ":memory:"
    assert environment.database(environment.sqlite_url(Path("/a b/#c?.db")))["NAME"] == "/a b/#c?.db"
    found = environment.database("postgres://me:p%40ss@db.example:5433/moot")
    assert {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "moot",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
    }


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://me:secret@h/x",
        "postgres://me:secret@h:port/x",
        "postgres://me:secret@h",
        "sqlite://a/b",
        "postgres://[me:secret",
        "postgres://me:secret/more@h/x",
    ],
)
def test_a_bad_database_url_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"write .*sqlite:") as raised:
        environment.database(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (environment.whole_number(1, 64), "8", ["0", "65", "abc", "-1", "1.5", "²", ""]),
        (environment.one_of("0", "1"), "1", ["yes", "2"]),
        (environment.zone, "Europe/Berlin", ["Mars/Olympus", "../etc/passwd", "\x00"]),
        (environment.web_address, "https://moot.example", ["moot.example", "ftp://x", "http://", "http://a/b", "http://["]),
        (environment.redis_address, "redis://h:6379/0", ["http://h", "redis://["]),
        (environment.two_numbers, "7,5", ["7", "a,b", "1,2,3"]),
        (environment.mail_config, "smtp://u:p@h:587", ["nonsense", "smtp://h:port", "imap://h"]),
    ],
)  # fmt: skip
def test_each_reader_takes_good_values_and_says_what_is_wrong(
    parse: object, good: str, bad: list[str]
) -> None:
    assert parse(good)  # type: ignore[operator]
    for value in bad:
        with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence
            parse(value)  # type: ignore[operator]


@pytest.mark.slow
def test_what_cannot_be_used_stops_every_command_but_the_doctor(tmp_path: Path) -> None:
    bad = {"FOLKMOOT_WEB_WORKERS": "abc", "FOLKMOOT_DATABASE_URL": "nonsense", "FOLKMOOT_TIME_ZONE": "Mars"}
    stopped = run(tmp_path, "init", **bad)
    assert stopped.returncode == 2
    assert stopped.stderr.startswith("folkmoot: FOLKMOOT_DATABASE_URL: it begins with ''")
    assert "FOLKMOOT_WEB_WORKERS: 'abc' is no whole number from 1 to 64" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    told = run(tmp_path, "doctor", **bad)
    assert told.returncode == 1
    assert [line for line in told.stderr.splitlines() if line.startswith("wrong: FOLKMOOT_TIME_ZONE")] == [
        "wrong: FOLKMOOT_TIME_ZONE: 'Mars' is no IANA time zone: write one such as Europe/Berlin."
        " Set FOLKMOOT_TIME_ZONE anew, or unset it."
    ]


def test_a_folder_that_cannot_be_used_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PROBLEMS", {})
    monkeypatch.delenv("FOLKMOOT_SECRET_KEY", raising=False)
    assert len(environment.secret_key(Path("/proc/nowhere"))) >= 50
    assert list(environment.PROBLEMS) == ["FOLKMOOT_DATA_DIR"]


def test_a_key_that_another_process_is_just_writing_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "PROBLEMS", {})
    monkeypatch.delenv("FOLKMOOT_SECRET_KEY", raising=False)
    path = tmp_path / "secret-key"
    path.touch()
    first = threading.Timer(0.1, path.write_text, ["a key of the first"])
    first.start()
    assert environment.secret_key(tmp_path) == "a key of the first"
    first.join()
    path.write_text(" ")
    assert len(environment.secret_key(tmp_path)) >= 50
    said = f"{path} is empty: remove it, and a new key is made"
    assert list(environment.PROBLEMS.items()) == [("FOLKMOOT_SECRET_KEY", said)]


def test_secrets_are_named_whole_or_by_their_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in environment.ENVIRONMENT:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv("FOLKMOOT_DATABASE_URL", "postgres://me:hush@h/x")
    monkeypatch.setenv("FOLKMOOT_SECRET_KEY", "abc")
    monkeypatch.setenv("FOLKMOOT_REDIS_URL", "redis://[broken")
    assert {"hush", "abc", "redis://[broken"} <= set(environment.secrets_given())
