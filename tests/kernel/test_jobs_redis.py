"""Workers on many machines: woken through Redis, sharing the work, and one of them dying."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from folkmoot.kernel.jobs.models import JobState
from tests.kernel.processes import ROOT, environment
from tests.kernel.stepping_worker import KIND
from tests.kernel.test_jobs_processes import wait_for

pytestmark = [pytest.mark.django_db(transaction=True, reset_sequences=True), pytest.mark.redis]

JOBS, STEPS = 6, 15


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The processes' environment: the test's database, and the Redis that the installation names, emptied."""
    if not settings.REDIS_URL:
        pytest.skip("FOLKMOOT_REDIS_URL names no Redis")
    import redis

    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    return {
        **environment(tmp_path),
        "FOLKMOOT_REDIS_URL": settings.REDIS_URL,
        "FOLKMOOT_LOG_FORMAT": "json",
    }


@contextmanager
def worker(name: str, surroundings: dict[str, str], sweep: int = 1) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kernel.stepping_worker", name, str(sweep)],
        env=surroundings,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stderr is not None
            for line in running.stderr:
                if "worker started" in line:
                    break
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def enqueue(surroundings: dict[str, str], jobs: int, steps: int) -> None:
    """Queue the jobs as a web process would: from outside, with a word through Redis."""
    code = (
        "import django; django.setup()\n"
        "from tests.kernel import stepping_worker; stepping_worker.register()\n"
        "from folkmoot.kernel.jobs.actions import enqueue\n"
        f"for n in range({jobs}): enqueue(kind={KIND!r}, arguments={{'steps': {steps}}})\n"
    )
    subprocess.run([sys.executable, "-c", code, "web"], env=surroundings, cwd=ROOT, check=True, timeout=60)


def rows(surroundings: dict[str, str], sql: str) -> list[tuple[object, ...]]:
    """What the processes' database holds (on SQLite it is a copy of the test's)."""
    if connection.vendor == "postgresql":
        with connections["default"].cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    import sqlite3
    from contextlib import closing

    path = surroundings["FOLKMOOT_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=30)) as database:
        return list(database.execute(sql).fetchall())


def unfinished(surroundings: dict[str, str]) -> object:
    sql = f"select count(*) from kernel_job where kind = '{KIND}' and finished_at is null"
    return rows(surroundings, sql)[0][0]


def test_a_word_through_redis_wakes_a_worker(surroundings: dict[str, str]) -> None:
    with worker("one", surroundings, sweep=600):
        enqueue(surroundings, jobs=1, steps=2)
        wait_for(lambda: unfinished(surroundings) == 0)


def test_two_workers_share_the_work_and_one_is_killed(surroundings: dict[str, str]) -> None:
    def steps_of(name: str) -> int:
        return len(rows(surroundings, f"select 1 from people_tag where facet = 'worker {name}'"))

    with worker("one", surroundings) as one, worker("two", surroundings):
        enqueue(surroundings, JOBS, STEPS)
        wait_for(lambda: steps_of("one") > 2 and steps_of("two") > 2)
        os.kill(one.pid, signal.SIGKILL)
        wait_for(lambda: unfinished(surroundings) == 0, 60)
        left_by_the_dead = steps_of("one")

    jobs = rows(
        surroundings, f"select id, state, done, total from kernel_job where kind = '{KIND}' order by id"
    )
    assert [job[1:] for job in jobs] == [(JobState.SUCCEEDED.value, STEPS, STEPS)] * JOBS
    # Every step once: a step that was done twice would have met the constraint, one that was lost is missing.
    done = rows(
        surroundings, "select facet, count(*) from people_tag where facet like 'job %' group by facet"
    )
    assert sorted(done) == sorted((f"job {job[0]}", STEPS) for job in jobs)
    assert left_by_the_dead + steps_of("two") == JOBS * STEPS
