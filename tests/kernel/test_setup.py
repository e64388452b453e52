"""``folkmoot init`` and ``user``: what is made, what is said, and that a second run does nothing."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from folkmoot.kernel import installation
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import Problem, cli, console
from folkmoot.kernel.commands import setup as _setup  # noqa: F401 - registers the commands
from folkmoot.kernel.community import Community
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.setup_steps import SetupStep, setup_steps

GOOD = "a tide in the morning"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What people read."""
    text = io.StringIO()
    # Not the properties: putting one back fixes for good what it said of this test's standard error.
    monkeypatch.setattr(console, "_file", text)
    monkeypatch.setattr(console, "_width", 200)
    return text


def run(*words: str, password: str = "") -> Result:
    return CliRunner().invoke(cli, list(words), input=f"{password}\n" if password else None)


@pytest.mark.slow
def test_init_makes_everything_and_then_nothing(tmp_path: Path) -> None:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("FOLKMOOT_", "PYTEST"))}
    url = f"sqlite:///{tmp_path / 'deep' / 'moot.sqlite3'}"
    environment = {**kept, "FOLKMOOT_DATA_DIR": str(tmp_path / "data"), "FOLKMOOT_DATABASE_URL": url}

    def init() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "folkmoot.cli", "init"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == ""
        return done.stderr.splitlines()

    first = init()
    assert first[0] == f"Made the database {tmp_path / 'deep' / 'moot.sqlite3'}."
    assert first[1].startswith("Brought the database up to date: ")
    assert first[-2].startswith("Next: `folkmoot serve`, then open this link")
    assert re.fullmatch(r"http://localhost:8000/welcome/\?token=[0-9a-f]{40}", first[-1])
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o077 == 0
    second = init()
    assert second[0] == "Nothing to do: the database and everything around it are up to date."
    assert second[-1] == first[-1]


@pytest.mark.django_db
def test_each_step_of_an_area_says_what_it_did(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup_steps, "_items", {})
    settings.DATA_DIR = tmp_path
    for name in ("create_database", "collect_assets"):
        monkeypatch.setattr(installation, name, lambda: "")
    left = ["Made 3 kinds of role."]
    setup_steps.register(SetupStep("roles", lambda: left.pop() if left else ""))
    assert installation.prepare() == ["Made 3 kinds of role."]
    assert installation.prepare() == []


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(settings: Any) -> None:
    settings.DATA_DIR = Path("/proc/nowhere")
    with pytest.raises(
        Problem, match=r"^The data folder /proc/nowhere cannot be made \(.+\): name another with"
    ):
        installation.make_data_folder()


@pytest.mark.slow
def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "moot.txt").write_text("this is a letter, no database at all " * 50)
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("FOLKMOOT_", "PYTEST"))}
    environment = {
        **kept,
        "FOLKMOOT_DATA_DIR": str(tmp_path),
        "FOLKMOOT_DATABASE_URL": f"sqlite:///{tmp_path}/moot.txt",
    }
    done = subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", "init"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        2,
        f"folkmoot: The database {tmp_path}/moot.txt cannot be used: file is not a database."
        " Check FOLKMOOT_DATABASE_URL.\n",
    )


@pytest.mark.django_db
def test_user_add_makes_and_changes(said: io.StringIO) -> None:
    assert (
        run("user", "add", "Ada@Example.org", "--name", "Ada", "--password-stdin", password=GOOD).exit_code
        == 0
    )
    user = User.objects.get()
    assert (user.email, user.name, user.check_password(GOOD), user.levels) == (
        "ada@example.org",
        "Ada",
        True,
        {},
    )
    assert "Made the user ada@example.org." in said.getvalue()
    assert (
        run(
            "user", "add", "ada@example.ORG", "--admin", "--password-stdin", password="another long tide"
        ).exit_code
        == 0
    )
    user = User.objects.get()
    assert (user.name, user.check_password("another long tide")) == ("Ada", True)
    assert user.levels == {area.value: Level.ADMIN for area in Area}
    assert "Changed the user ada@example.org, with every right." in said.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ada@example.org", "short", "This password is too short"),
        ("ada@example.org", "1234567890123", "This password is entirely numeric"),
        ("no address", GOOD, "Enter a valid email address"),
    ],
)
def test_user_add_refuses_in_words(email: str, password: str, sentence: str) -> None:
    answer = run("user", "add", email, "--password-stdin", password=password)
    assert isinstance(answer.exception, Problem)
    assert sentence in str(answer.exception)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_a_terminal_the_password_comes_from_standard_input() -> None:
    answer = run("user", "add", "ada@example.org")
    assert str(answer.exception) == (
        "There is no terminal to ask for a password: pass it on standard input with --password-stdin."
    )


@pytest.mark.django_db
def test_user_grant(said: io.StringIO) -> None:
    run("user", "add", "ada@example.org", "--password-stdin", password=GOOD)
    assert run("user", "grant", "ADA@example.org", "people", "manage").exit_code == 0
    assert User.objects.get().levels == {"people": Level.MANAGE}
    assert run("user", "grant", "ada@example.org", "people", "view").exit_code == 0
    assert User.objects.get().levels == {"people": Level.VIEW}
    assert run("user", "grant", "ada@example.org", "all", "contribute").exit_code == 0
    assert set(User.objects.get().levels.values()) == {Level.CONTRIBUTE}
    assert run("user", "grant", "ada@example.org", "all", "none").exit_code == 0
    assert User.objects.get().levels == {}
    assert said.getvalue().splitlines()[-1] == "ada@example.org: all areas: no right."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("bob@example.org", "people", "view"),
            "There is no user bob@example.org: `folkmoot user list` shows them",
        ),
        (("ada@example.org", "peple", "view"), "'peple' is no area; choose one of people, reviews,"),
        (
            ("ada@example.org", "people", "king"),
            "'king' is no level; choose one of view, contribute, manage, admin, or",
        ),
    ],
)
def test_user_grant_refuses_in_words(words: tuple[str, ...], sentence: str) -> None:
    run("user", "add", "ada@example.org", "--password-stdin", password=GOOD)
    assert str(run("user", "grant", *words).exception).startswith(sentence)


@pytest.mark.django_db
def test_user_list(said: io.StringIO) -> None:
    run("user", "list")
    assert said.getvalue() == "There are no users yet: `folkmoot user add you@example.org --admin`.\n"
    run("user", "add", "ada@example.org", "--name", "Ada [x]", "--admin", "--password-stdin", password=GOOD)
    run("user", "add", "bob@example.org", "--password-stdin", password=GOOD)
    run("user", "grant", "bob@example.org", "reports", "view")
    run("user", "grant", "bob@example.org", "people", "manage")
    assert json.loads(run("user", "list", "--json").stdout) == [
        {
            "email": "ada@example.org",
            "name": "Ada [x]",
            "active": True,
            "grants": dict.fromkeys(sorted(Area.values), "admin"),
        },
        {
            "email": "bob@example.org",
            "name": "",
            "active": True,
            "grants": {"people": "manage", "reports": "view"},
        },
    ]
    said.truncate(0)
    run("user", "list")
    assert "Ada [x]" in said.getvalue()
    assert "all areas admin" in said.getvalue()
    assert "people manage, reports view" in said.getvalue()


@pytest.mark.django_db
def test_the_community_gets_its_name() -> None:
    assert installation.name_community("") == ""
    assert installation.name_community("  River  Friends ") == "The community is called River Friends."
    assert installation.name_community("River Friends") == ""
    assert Community.current().name == "River Friends"
    with pytest.raises(Problem, match="at most 120 characters"):
        installation.name_community("x" * 121)
