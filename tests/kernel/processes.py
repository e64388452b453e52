"""Real processes that work on the test's database."""

from __future__ import annotations

import os
import subprocess
import sys
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


def folkmoot(
    folder: Path, *arguments: str, die_at: str = "", check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run ``folkmoot`` with the made-up source in a process of its own."""
    code = f"from tests.kernel import made_up_source; made_up_source.main({die_at!r})"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=check,
    )
