"""The demo: a made-up community in a place of its own, through the real importers, kept between runs."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection

from folkmoot.home import demo
from folkmoot.kernel.accounts.actions import add_user
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.community import Community
from folkmoot.people.models import Person


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("FOLKMOOT_", "PYTEST"))}
    return {**kept, "FOLKMOOT_DATA_DIR": str(folder), **more}


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", "demo", *words],
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
    )


def numbers(folder: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(folder / "folkmoot.sqlite3")) as database:
        return {
            table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in (
                *("people_person", "people_project", "people_term", "ledger_item", "ledger_activity"),
                *("publishing_post", "publishing_article", "publishing_publication", "publishing_reading"),
                *("publishing_series", "publishing_campaign", "publishing_media", "outbox_delivery"),
                *("training_request", "training_signup", "training_progress"),
                *("training_proposal", "training_placement", "training_session", "training_vote"),
            )
        }


@contextlib.contextmanager
def serving(folder: Path, port: int) -> Iterator[list[str]]:
    """The demo while it answers; what it said until then. In the end it is told to stop, and does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "folkmoot.cli", "demo", "--port", str(port)],
        env=environment(folder),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    try:
        lines = []
        for line in process.stderr:
            lines.append(line.strip())
            if line.startswith("Sign in with"):
                break
        yield lines
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
        process.stderr.close()
    assert code == 0


@pytest.mark.slow
def test_the_demo_loads_once_keeps_what_was_done_starts_over_and_answers(tmp_path: Path) -> None:
    first = run(tmp_path, "--no-serve")
    assert first.returncode == 0, first.stderr
    assert "Sign in with demo@tidewater.example, password low-and-high-water" in first.stderr
    made = numbers(tmp_path)
    assert made["people_person"] >= 120
    assert made["ledger_item"] == 1500
    assert (made["training_request"], made["training_signup"], made["training_progress"]) == (5, 3, 16)
    assert (made["training_proposal"], made["training_placement"], made["training_session"]) == (12, 11, 10)
    assert made["training_vote"] == 74
    assert (made["publishing_post"], made["publishing_article"]) == (61, 4)
    assert made["publishing_reading"] > made["publishing_publication"] > 150
    with contextlib.closing(sqlite3.connect(tmp_path / "folkmoot.sqlite3")) as database, database:
        rejected = database.execute("SELECT line, field FROM kernel_rejectedrow ORDER BY line").fetchall()
        assert rejected == [(11, "from"), (25, "name"), (26, "email"), (27, "to")]
        states = dict(database.execute("SELECT state, count(*) FROM publishing_post GROUP BY state"))
        assert set(states) == {"draft", "review", "approved", "scheduled", "published", "trouble"}
        # Whatever is planned there waits for a person: the demo calls nobody.
        kinds = database.execute("SELECT DISTINCT kind FROM outbox_channel WHERE medium = 'post'").fetchall()
        assert kinds == [("manual",)]
        database.execute(
            "UPDATE people_person SET name = 'Kept' WHERE id = (SELECT min(id) FROM people_person)"
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serving(tmp_path, port) as lines:
        again = numbers(tmp_path)
        # The worker is at work: it adds to what is planned and read.
        growing = {"publishing_post", "publishing_publication", "publishing_reading", "outbox_delivery"}
        assert {name for name, count in again.items() if count != made[name]} <= growing
        assert all(again[name] >= made[name] for name in growing)
        assert named_kept(tmp_path) == 1
        assert not any("Loading" in line for line in lines)
        assert f"Tidewater Commons is at http://localhost:{port}" in lines
        with urllib.request.urlopen(f"http://localhost:{port}/accounts/login/", timeout=30) as page:
            assert (page.status, "Tidewater Commons" in page.read().decode()) == (200, True)
        busy = run(tmp_path, "--port", str(port))
        assert busy.returncode == 2
        assert busy.stderr.startswith(
            f"folkmoot: port {port} is in use: end the program that uses it, or choose"
        )
    assert started_over(tmp_path)[-1] == "Loading sample/"
    assert (numbers(tmp_path)["people_person"], named_kept(tmp_path)) == (0, 0)


def started_over(folder: Path) -> list[str]:
    """What the demo says when it starts over, until it loads its sample as it did before: there it is ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "folkmoot.cli", "demo", "--fresh", "--no-serve"],
        env=environment(folder),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line.strip())
            if line.startswith("Loading"):
                break
        process.kill()
    return lines


def named_kept(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "folkmoot.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM people_person WHERE name = 'Kept'").fetchone()[0])


def test_the_demo_has_a_place_of_its_own_unless_one_is_named(settings: Any) -> None:
    settings.DATA_DIR = Path("/somewhere/var")
    assert demo.place({}) == {"FOLKMOOT_DATA_DIR": "/somewhere/var/demo"}
    assert demo.place({"FOLKMOOT_DATA_DIR": " "}) == {"FOLKMOOT_DATA_DIR": "/somewhere/var/demo"}
    assert demo.place({"FOLKMOOT_DATA_DIR": "/x"}) == {}
    assert demo.place({"FOLKMOOT_DATABASE_URL": "sqlite:////x"}) == {}


@pytest.mark.django_db
def test_somebodys_own_data_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.installation, "has_tables", lambda: True)
    assert demo.belongs_to_demo() is False
    person = Person.objects.create(name="A Real Person")
    with pytest.raises(Problem, match="holds data that is not the demo's"):
        demo.belongs_to_demo()
    person.delete()
    user = User.objects.create_user("me@example.org", "x")
    with pytest.raises(Problem, match="holds data that is not the demo's"):
        demo.belongs_to_demo()
    user.email = demo.EMAIL
    user.save()
    assert demo.belongs_to_demo() is True


@pytest.mark.django_db
def test_starting_over_removes_nothing_but_the_demos_own_file(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.sqlite3"
    elsewhere.write_text("precious")
    settings.DATA_DIR = tmp_path / "var"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(elsewhere))
    with pytest.raises(Problem, match="starts over only in its own folder"):
        demo.start_over()
    settings.DATA_DIR = tmp_path
    add_user(email="me@example.org", name="Me")
    monkeypatch.setattr(demo.installation, "has_tables", lambda: True)
    if connection.vendor == "sqlite":
        with pytest.raises(Problem, match="holds data that is not the demo's"):
            demo.start_over()
    assert elsewhere.read_text() == "precious"


@pytest.mark.django_db
def test_the_known_password_is_for_this_machine_alone(settings: Any) -> None:
    settings.BASE_URL = "http://localhost:8000"
    assert demo.prepare_user() == demo.PASSWORD
    assert demo.prepare_user() == demo.PASSWORD
    assert Community.current().name == "Tidewater Commons"
    user = User.objects.get()
    user.set_password("something of my own")
    user.save()
    assert demo.prepare_user() == ""
    user.delete()
    settings.BASE_URL = "https://moot.example"
    password = demo.prepare_user()
    assert len(password) >= 16
    assert password != demo.PASSWORD
    assert User.objects.get().check_password(password)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_dates_move_together_and_nothing_else_does() -> None:
    anchor = demo.description()["anchor"]
    with demo.shifted(anchor + dt.timedelta(days=100)) as root:
        for before, after in zip(files(demo.SAMPLE), files(root), strict=True):
            assert before.suffix == after.suffix
            assert len(before.read_text("utf-8").splitlines()) == len(after.read_text("utf-8").splitlines())
        dated = [path.name for path in files(root / "review_snapshots")]
        originals = [path.name for path in files(demo.SAMPLE / "review_snapshots")]
        days = [[dt.date.fromisoformat(name[:10]) for name in names] for names in (dated, originals)]
        assert {now - then for now, then in zip(*days, strict=True)} == {dt.timedelta(days=100)}
        first = next(csv.DictReader((demo.SAMPLE / "people.csv").read_text(encoding="utf-8").splitlines()))
        moved = next(csv.DictReader((root / "people.csv").read_text(encoding="utf-8").splitlines()))
    shifted = dt.date.fromisoformat(first["to"]) + dt.timedelta(days=100)
    assert moved == {**first, "from": moved["from"], "to": shifted.isoformat()}
    with demo.shifted(anchor) as root:
        for path in files(root):
            assert path.read_bytes() == (demo.SAMPLE / path.relative_to(root)).read_bytes()


def test_a_busy_port_gives_way_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        assert demo.free_port("127.0.0.1", port) > port
        with pytest.raises(Problem, match=f"The ports from {port} to {port} are in use"):
            demo.free_port("127.0.0.1", port, tries=1)


def test_nobody_in_the_sample_can_be_reached() -> None:
    """Every address in the sample ends in ``.example`` or ``example.org``, which nobody can own."""
    for path in files(demo.SAMPLE):
        text = path.read_text(encoding="utf-8")
        hosts = re.findall(r"https?://([^/\s\"',]+)", text) + re.findall(r"@([\w-]+\.[\w.-]+)", text)
        assert [host for host in hosts if not host.endswith((".example", "example.org"))] == []
    people = yaml.safe_load((demo.SAMPLE / "contributors.yml").read_text(encoding="utf-8"))
    assert len({person["name"] for person in people}) == len(people) >= 120
    assert len({person["github_username"].lower() for person in people}) == len(people)


def test_the_sample_is_what_its_script_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = demo.SAMPLE.parent / "scripts" / "make_sample.py"
    namespace: dict[str, Any] = {"__name__": "make_sample", "__file__": str(script)}
    monkeypatch.setitem(sys.modules, "make_sample", type(sys)("make_sample"))
    monkeypatch.syspath_prepend(script.parent)
    exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), namespace)
    namespace["FOLDER"] = tmp_path
    namespace["main"]()
    assert [path.relative_to(demo.SAMPLE) for path in files(demo.SAMPLE)] == [
        path.relative_to(tmp_path) for path in files(tmp_path)
    ]
    for path in files(demo.SAMPLE):
        assert path.read_bytes() == (tmp_path / path.relative_to(demo.SAMPLE)).read_bytes(), path.name


def test_a_demo_that_runs_is_not_started_over(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    kept = tmp_path / "folkmoot.sqlite3"
    kept.touch()
    with demo.in_use():
        answer = run(tmp_path, "--fresh", "--no-serve")
    assert answer.returncode == 2
    assert "The demo is running: end it first (Ctrl-C where it was started)" in " ".join(
        answer.stderr.split()
    )
    assert kept.exists()
