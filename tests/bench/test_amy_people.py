"""Ten thousand rows of AMY's table of people and parts as a job, 37 of them wrong: under 10 queries a hundred rows.

AMY refuses more than 142 rows, and asks 23 queries a person (its bulk upload, read in November 2026).
"""

from __future__ import annotations

import csv
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.imports import actions
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.people.models import Person
from folkmoot.training.models import Event, EventKind, Status, Task, TeachingProfile
from folkmoot.training.seeds import load
from tests.factories import EventFactory

ROWS = int(os.environ.get("FOLKMOOT_BENCH_AMY_ROWS", "10000"))
WRONG = 37
AIRPORTS = ("LIM", "LBA", "NBO", "AKL", "YVR")
#: What is wrong, in turn: (column, what it says instead).
FAULTS = (
    ("email", "nowhere@"),
    ("airport_iata", "QQQ"),
    ("event", "no-such"),
    ("role", "juggler"),
    ("personal", ""),
)


def write(path: Path) -> Path:
    """A third come twice, a tenth name no event, 37 rows are wrong in one of five ways."""
    every = ROWS // WRONG
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["personal", "family", "email", "airport_iata", "event", "role"])
        writer.writeheader()
        for n in range(ROWS):
            person = n if n % 3 else max(n - 1, 0)
            has_part = n % 10 > 0
            row = {
                "personal": f"P{person}",
                "family": "Kim",
                "email": f"p{person}@example.org",
                "airport_iata": AIRPORTS[person % 5],
                "event": f"event-{n % 40}" if has_part else "",
                "role": ("learner", "helper", "instructor")[n % 3] if has_part else "",
            }
            fault, number = divmod(n - 7, every)
            if number == 0 and 0 <= fault < WRONG:
                column, says = FAULTS[fault % 5]
                row |= {
                    "event": "event-1",
                    "role": "learner",
                    "personal": f"W{n}",
                    "email": f"w{n}@example.org",
                }
                row[column] = says
                if column == "personal":
                    row["family"] = ""
            writer.writerow(row)
    return path


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_thousand_rows(tmp_path: Path) -> None:
    load()
    kind = EventKind.objects.get(slug="workshop")
    for n in range(40):
        EventFactory(slug=f"event-{n}", title=f"Event {n}", kind=kind, status=Status.ANNOUNCED, capacity=None)
    path = write(tmp_path / "bulk.csv")
    started = time.perf_counter()
    run, _again = actions.start(
        source=sources.get("amy-people.csv"), path=path, actor=None, apply_at_once=True, hold=True
    )
    with CaptureQueriesContext(connection) as queries:
        run_in_foreground(run.job)
    seconds = time.perf_counter() - started
    run.refresh_from_db()
    rate = 100 * len(queries) / ROWS
    print(
        f"{ROWS} rows: {seconds:.1f} s, {len(queries)} queries, {rate:.1f} a hundred rows; {run.counts['created']}"
    )
    wrong = Counter(run.rejected.values_list("field", flat=True))
    assert wrong == {"email": 8, "airport_iata": 8, "event": 7, "role": 7, "personal": 7}
    assert set(run.rejected.exclude(reason="").values_list("line", flat=True)) == {
        9 + fault * (ROWS // WRONG) for fault in range(WRONG)
    }
    assert rate < 10
    left_out = 7
    assert run.counts["created"]["people"] == Person.objects.count()
    assert Task.objects.count() == run.counts["created"]["parts"] > ROWS * 0.8
    assert TeachingProfile.objects.count() == Person.objects.count() - 8
    assert Event.objects.count() == 40
    assert left_out == run.rejected.filter(field="personal").count()
