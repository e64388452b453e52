"""A quarter's metrics over a million and over ten million made-up activities, ten by each person on average.

A million: as somebody at a terminal waits for them, start of the process and comparisons included. Ten million: the
figures of one quarter in a process that runs already, as on a page.

The database is SQLite in a temporary folder, or, where ``FOLKMOOT_DATABASE_URL`` names a PostgreSQL server, a database
of its own on it that is dropped afterwards. ``FOLKMOOT_BENCH_ACTIVITIES`` and ``FOLKMOOT_BENCH_MOST`` set other sizes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from rich.console import Console
from rich.table import Table

ACTIVITIES = int(os.environ.get("FOLKMOOT_BENCH_ACTIVITIES", "1000000"))
MOST = int(os.environ.get("FOLKMOOT_BENCH_MOST", "10000000"))
ROOT = Path(__file__).parents[2]
#: The longest that each question may take, in seconds, start of the process included.
BOUND = 5.0
#: The longest that all figures of a quarter may take with ten million activities, in seconds.
BOUND_OF_MOST = 3.0

QUESTIONS = {
    "a quarter": ["--period", "2026Q2"],
    "an old quarter, conversion known": ["--period", "2024Q2"],
    "without staff": ["--period", "2026Q2", "--exclude", "staff"],
    "one source": ["--period", "2026Q2", "--source", "bench"],
    "one project": ["--period", "2026Q2", "--project", "project-1"],
    "as of a day": ["--period", "2026Q2", "--as-of", "2026-05-15"],
    "a custom run of days": ["--period", "2026-04-01..2026-06-30"],
}


def python(environment: dict[str, str], module: str, *arguments: str) -> str:
    """What the module prints when it is run."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def community(folder: Path, activities: int) -> Iterator[dict[str, str]]:
    """Where a made-up community of this size is, as environment variables."""
    here = urlsplit(os.environ.get("FOLKMOOT_DATABASE_URL", ""))
    database = f"folkmoot_bench_{os.getpid()}_{activities}"
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
        people = activities // 10
        python(said, "tests.bench.generate", f"--activities={activities}", f"--people={people}")
        print(f"\n{activities:,} activities by {people:,} people made in {time.perf_counter() - began:.0f} s")
        yield said
    finally:
        if with_postgres:
            _on_server(here.geturl(), f'DROP DATABASE "{database}" WITH (FORCE)')
        else:
            (folder / "bench.sqlite3").unlink(missing_ok=True)


def _on_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement)


def test_a_quarter_s_metrics_with_their_comparisons_take_under_five_seconds(tmp_path: Path) -> None:
    table = Table("question", "seconds", "people", "items by volunteers", box=None)
    took: dict[str, float] = {}
    with community(tmp_path, ACTIVITIES) as environment:
        for question, arguments in QUESTIONS.items():
            began = time.perf_counter()
            found = json.loads(python(environment, "folkmoot.cli", "metrics", "--json", *arguments))[
                "metrics"
            ]
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


def test_a_quarter_s_figures_over_ten_million_activities_take_under_three_seconds(tmp_path: Path) -> None:
    with community(tmp_path, MOST) as environment:
        found = json.loads(python(environment, "tests.bench.measure", "2026Q2"))
    table = Table("metric", "seconds", box=None)
    for key, seconds in found["each"].items():
        table.add_row(key, f"{seconds:.2f}")
    table.add_row("all figures", f"{found['figures']:.2f}")
    table.add_row("with both comparisons", f"{found['with comparisons']:.2f}")
    Console().print(table)
    assert found["figures"] < BOUND_OF_MOST
