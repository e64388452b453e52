"""A quarter's metrics over a million made-up activities by 100,000 people, as a person at a terminal waits for them.

The database is SQLite in a temporary folder, or, where ``FOLKMOOT_DATABASE_URL`` names a PostgreSQL server, a database
of its own on it that is dropped afterwards. ``FOLKMOOT_BENCH_ACTIVITIES`` sets another size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from rich.console import Console
from rich.table import Table

ACTIVITIES = int(os.environ.get("FOLKMOOT_BENCH_ACTIVITIES", "1000000"))
PEOPLE = ACTIVITIES // 10
ROOT = Path(__file__).parents[2]
#: The longest that each question may take, in seconds, start of the process included.
BOUND = 5.0

QUESTIONS = {
    "a quarter": ["--period", "2026Q2"],
    "an old quarter, conversion known": ["--period", "2024Q2"],
    "without staff": ["--period", "2026Q2", "--exclude", "staff"],
    "one source": ["--period", "2026Q2", "--source", "bench"],
    "one project": ["--period", "2026Q2", "--project", "project-1"],
    "as of a day": ["--period", "2026Q2", "--as-of", "2026-05-15"],
    "a custom run of days": ["--period", "2026-04-01..2026-06-30"],
}


def folkmoot(environment: dict[str, str], *arguments: str) -> str:
    """What the command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where the made-up community is, as environment variables."""
    folder = tmp_path_factory.mktemp("bench")
    here = urlsplit(os.environ.get("FOLKMOOT_DATABASE_URL", ""))
    database = f"folkmoot_bench_{os.getpid()}"
    with_postgres = here.scheme.startswith("postgres")
    url = (
        urlunsplit(here._replace(path=f"/{database}"))
        if with_postgres
        else f"sqlite:///{folder}/bench.sqlite3"
    )
    said = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
        "FOLKMOOT_DATABASE_URL": url,
        "FOLKMOOT_DATA_DIR": str(folder),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    if with_postgres:
        _on_server(here.geturl(), f'CREATE DATABASE "{database}"')
    try:
        began = time.perf_counter()
        subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.bench.generate",
                f"--activities={ACTIVITIES}",
                f"--people={PEOPLE}",
            ],
            env=said,
            cwd=ROOT,
            check=True,
        )
        print(f"\n{ACTIVITIES:,} activities by {PEOPLE:,} people made in {time.perf_counter() - began:.0f} s")
        yield said
    finally:
        if with_postgres:
            _on_server(here.geturl(), f'DROP DATABASE "{database}" WITH (FORCE)')


def _on_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement)


def test_a_quarter_s_metrics_with_their_comparisons_take_under_five_seconds(
    environment: dict[str, str],
) -> None:
    table = Table("question", "seconds", "people", "items by volunteers", box=None)
    took: dict[str, float] = {}
    for question, arguments in QUESTIONS.items():
        began = time.perf_counter()
        found = json.loads(folkmoot(environment, "metrics", "--json", *arguments))["metrics"]
        took[question] = time.perf_counter() - began
        table.add_row(
            question,
            f"{took[question]:.2f}",
            f"{found['active_people']['value']:,}",
            f"{found['items_volunteer']['value']:,}",
        )
        assert found["active_people"]["value"] > 0
        assert (
            found["active_people"]["value"]
            == found["first_timers"]["value"] + found["returning_people"]["value"]
        )
    Console().print(table)
    assert {question: seconds for question, seconds in took.items() if seconds > BOUND} == {}
