"""A hundred thousand people from a CSV file: under 120 s, memory flat, a second import that changes nothing.

Each measure runs in a process of its own on a database of its own, as the command line does.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.databases import copy_sqlite

FIRST = ["Ana", "Ben", "Chen", "Dora", "Eve", "Farid", "Gita", "Hugo", "Ines", "Jun", "Kofi", "Lena", "Mara"]
LAST = ["Torres", "Li", "Novak", "Okafor", "Silva", "Kim", "Meyer", "Rossi", "Khan", "Lopez"]
ROWS = int(os.environ.get("FOLKMOOT_BENCH_IMPORT_ROWS", "100000"))
#: What ten times as many rows may add to the memory of a tenth of them, in MB (caches of the database fill up).
MORE_MB = 150

RUN = """
import json, resource, sys, time
import django
django.setup()
from pathlib import Path
from folkmoot.kernel.imports import actions
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.runner import run_in_foreground
began = time.perf_counter()
if sys.argv[1] == "undo":
    from folkmoot.kernel.imports.models import ImportRun
    run = actions.undo(run=ImportRun.objects.get(pk=int(sys.argv[2])), actor=None, hold=True)
else:
    source = sources.get(sys.argv[2] if len(sys.argv) > 2 else "people.csv")
    run, _ = actions.start(source=source, path=Path(sys.argv[1]), actor=None, apply_at_once=True, hold=True)
from django.db import connection
if connection.vendor == "sqlite":  # what is mapped of its file counts as memory of the process, and is none
    connection.cursor().execute("PRAGMA mmap_size = 0")
asked = {"queries": 0, "chunks": 0, "parts": {}}
def count(execute, sql, *rest):
    asked["queries"] += 1
    return execute(sql, *rest)
from folkmoot.kernel.imports.sources import Part, source_parts
apply_of = {type(part): type(part).apply for part in source_parts}
def counted(cls):
    def apply(self, rows, changes):
        asked["chunks"] += 1
        part = asked["parts"].setdefault(self.key, {"rows": 0, "queries": 0})
        part["rows"] += len(rows)
        before = asked["queries"]
        try:
            with connection.execute_wrapper(count):
                return apply_of[cls](self, rows, changes)
        finally:
            part["queries"] += asked["queries"] - before
    return apply
for cls in apply_of:
    cls.apply = counted(cls)
run_in_foreground(run.job)
run.refresh_from_db()
said = {"run": run.pk, "state": run.state, "counts": run.counts, "seconds": time.perf_counter() - began, **asked,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
print(json.dumps(said))
"""


def write(path: Path, rows: int, *, prefix: str = "", seed: int = 20261101) -> Path:
    """A made-up community: two thirds have an address, two fifths an organisation, one in ten a role."""
    chance = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["name", "email", "github", "organization", "location", "tags", "role", "from", "shirt"]
        )
        for n in range(rows):
            writer.writerow(
                [
                    f"{chance.choice(FIRST)} {chance.choice(LAST)} {n}",
                    f"{prefix}p{n}@example.org" if chance.random() < 0.67 else "",
                    f"{prefix}login{n}",
                    f"Org {chance.randrange(rows // 20)}" if chance.random() < 0.42 else "",
                    "Lima",
                    "soil; rivers" if n % 3 == 0 else "",
                    "Editor" if n % 10 == 0 else "",
                    "2024-01-01" if n % 10 == 0 else "",
                    "M",
                ]
            )
    return path


def run(folder: Path, *arguments: str) -> dict[str, Any]:
    """One import in a process of its own."""
    environment = {
        **os.environ,
        "FOLKMOOT_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
    }
    if connection.vendor == "postgresql":
        held = connection.settings_dict
        environment["FOLKMOOT_DATABASE_URL"] = (
            f"postgres://{held['USER']}:{held['PASSWORD']}@{held['HOST']}:{held['PORT']}/{held['NAME']}"
        )
    else:
        environment["FOLKMOOT_DATABASE_URL"] = ""
        house = folder / "folkmoot.sqlite3"
        if not house.exists():
            copy_sqlite(house)
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def total(said: dict[str, Any], what: str) -> int:
    return sum(said["counts"][what].values())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_people(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "large").mkdir()
    small = run(tmp_path / "small", str(write(tmp_path / "small.csv", ROWS // 10, prefix="s")))
    path = str(write(tmp_path / "large.csv", ROWS))
    first = run(tmp_path / "large", path)
    second = run(tmp_path / "large", path)
    started = time.perf_counter()
    undone = run(tmp_path / "large", "undo", str(first["run"]))
    for name, said in (("first", first), ("second", second), ("undo", undone)):
        print(
            f"{name:<7} {said['seconds']:6.1f} s  {ROWS / said['seconds']:6.0f} rows/s  {said['mb']:5.0f} MB"
        )
    print(f"a tenth of it: {small['mb']:.0f} MB; undo with start {time.perf_counter() - started:.0f} s")
    assert first["counts"]["created"]["people"] == ROWS
    assert (total(second, "created"), total(second, "updated")) == (0, 0)
    assert undone["state"] == "undone"
    assert first["seconds"] < 120 * ROWS / 100_000
    assert second["seconds"] < first["seconds"]
    assert first["mb"] < small["mb"] + MORE_MB
