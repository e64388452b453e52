"""Real processes that work on the test's database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    """For processes of a test that commits: the same PostgreSQL test database, or a copy of the SQLite one."""
    if connection.vendor == "sqlite":
        copy = folder / "copy.sqlite3"
        if not copy.exists():
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(copy)])
        url = f"sqlite:///{copy}"
    else:
        database = settings.DATABASES["default"]
        user = database["USER"] + (f":{database['PASSWORD']}" if database["PASSWORD"] else "")
        name = connection.settings_dict["NAME"]
        url = f"postgres://{user}@{database['HOST']}:{database['PORT'] or 5432}/{name}"
    return {
        **os.environ,
        "FOLKMOOT_DATABASE_URL": url,
        "FOLKMOOT_DATA_DIR": str(folder / "data"),
        "FOLKMOOT_REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


def folkmoot(folder: Path, *steps: tuple[str, Sequence[str]]) -> list[Ended]:
    """Run ``folkmoot`` with the made-up source, each step (when to die, arguments) in a process of its own."""
    code = (
        "import django, json, sys; django.setup(); from tests.kernel import made_up_source;"
        "made_up_source.run_commands(json.loads(sys.argv[1]), sys.argv[2])"
    )
    results = folder / "results"
    results.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, "-c", code, json.dumps(steps), str(results)],
        env=environment(folder),
        cwd=ROOT,
        timeout=120,
        check=True,
    )
    return [
        Ended(
            int((results / f"{n}.code").read_text()),
            (results / f"{n}.out").read_text(),
            (results / f"{n}.err").read_text(),
        )
        for n in range(len(steps))
    ]
