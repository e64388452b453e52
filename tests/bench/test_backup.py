"""Backup and restore of a million activities: how long, and that memory stays flat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tests.kernel.houses import House, Houses

MANY = 1_000_000
FEW = 50_000
#: The largest growth of memory allowed between a few activities and twenty times as many, in megabytes.
GROWTH = 60

#: Run in a process of its own: does one thing and tells the most memory that it ever held.
ONE = """
import json, resource, sys, time
from pathlib import Path
import django
django.setup()
from folkmoot.kernel.ops.backup import take
from folkmoot.kernel.ops.restore import restore
start = time.monotonic()
done = take(Path(sys.argv[2]), None) if sys.argv[1] == "take" else restore(Path(sys.argv[2]), None)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"rows": done.rows, "seconds": round(time.monotonic() - start, 1), "megabytes": peak}))
"""

FILL = {
    "sqlite": """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
        INSERT INTO ledger_activity (kind, occurred_at, source, external_id, detail, recorded_at)
        SELECT 'item.opened', datetime('2010-01-01', '+' || (i * 479) || ' seconds'), 'bench', 'item-' || i,
        '{"labels": ["bug", "help wanted"], "number": ' || i || '}', '2026-05-04 12:00:00' FROM n
    """,
    "postgresql": """
        INSERT INTO ledger_activity (kind, occurred_at, source, external_id, detail, recorded_at)
        SELECT 'item.opened', timestamptz '2010-01-01' + i * interval '479 seconds', 'bench', 'item-' || i,
        jsonb_build_object('labels', jsonb_build_array('bug', 'help wanted'), 'number', i), now()
        FROM generate_series(1, %s) AS i
    """,
}


def filled(house: House, many: int) -> House:
    with house.inside():
        from django.db import connections

        with connections["default"].cursor() as cursor:
            cursor.execute(FILL[connections["default"].vendor], [many])
    return house


def alone(house: House, what: str, path: Path) -> dict[str, float]:
    """Take or restore a backup in a process of its own."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
        "FOLKMOOT_DATABASE_URL": house.url,
        "FOLKMOOT_DATA_DIR": str(house.folder),
    }
    result = subprocess.run(
        [sys.executable, "-c", ONE, what, str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, float] = json.loads(result.stdout)
    print(f"{connection.vendor}: {what}: {found}")
    return found


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Houses:
    houses = Houses(tmp_path_factory.mktemp("houses"), connection.vendor)
    yield houses  # type: ignore[misc]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        houses.tear_down()


@pytest.mark.django_db
def test_a_million_activities_there_and_back(made: Houses, tmp_path: Path) -> None:
    started = time.monotonic()
    few, many = filled(made.new(), FEW), filled(made.new(), MANY)
    print(f"made in {time.monotonic() - started:.0f} s")
    small = alone(few, "take", tmp_path / "few.backup")
    large = alone(many, "take", tmp_path / "many.backup")
    print(f"size: {(tmp_path / 'many.backup').stat().st_size / 1e6:.0f} MB")
    assert large["rows"] >= MANY
    assert large["megabytes"] - small["megabytes"] < GROWTH
    small = alone(made.new(), "restore", tmp_path / "few.backup")
    large = alone(made.new(), "restore", tmp_path / "many.backup")
    assert large["rows"] >= MANY
    assert large["megabytes"] - small["megabytes"] < GROWTH
