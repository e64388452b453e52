#!/usr/bin/env python3
"""Runs every check of the code and the documents, all of them even when one fails, and names those that failed.

As many run at once as there are cores; each is told when it ends. With names (`make check ARGS="types layers"`) only
those run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent

#: The longest first.
CHECKS: dict[str, list[str]] = {
    "types": [PYTHON, "-m", "mypy"],
    "audit": [PYTHON, "scripts/audit.py"],
    "documents": [PYTHON, "-m", "pytest", "-q", "-p", "no:randomly", "tests/docs"],
    "migrations": [PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "django": [PYTHON, "-m", "django", "check", "--fail-level", "WARNING"],
    "templates-style": [str(BIN / "djlint"), "--lint", "--quiet", "src"],
    "style": [str(BIN / "ruff"), "check", "--output-format=concise", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--output-format=concise", "."],
    "layers": [str(BIN / "lint-imports"), "--no-logo"],
    "templates": [PYTHON, "scripts/templates.py", "src"],
}


def environment(data: str) -> dict[str, str]:
    """The caller's environment without its own database and secrets: a check reads the code, not somebody's data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLKMOOT_")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
        "FOLKMOOT_DATA_DIR": data,
        "PYTHONPATH": str(ROOT / "src"),
    }


def run(name: str, data: str) -> tuple[str, bool, str, float]:
    """One check: its name, whether it is content, what it says, the seconds it took."""
    started = time.monotonic()
    result = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env=environment(data),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = result.stdout.strip() or (
        f"exit status {result.returncode}, no output" if result.returncode else ""
    )
    return name, result.returncode == 0, said, time.monotonic() - started


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"No check is called {', '.join(unknown)}. There are: {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    failed: list[str] = []
    wanted = [name for name in CHECKS if name in names or not names]
    if not any((ROOT / "tests" / "docs").glob("**/test_*.py")):
        wanted = [name for name in wanted if name != "documents"]
    # One more than there are cores, since the audit mostly waits for an answer from outside.
    at_once = ThreadPoolExecutor((os.cpu_count() or 1) + 1)
    with tempfile.TemporaryDirectory(prefix="folkmoot-check-") as data, at_once:
        for done in as_completed([at_once.submit(run, name, data) for name in wanted]):
            name, good, said, seconds = done.result()
            print(f"{'ok' if good else 'FAILED':<7}{name} ({seconds:.1f} s)", flush=True)
            if name == "audit" and good:
                print(f"       {said}", flush=True)
            if not good:
                failed.append(name)
                print(said, flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}. One alone: make check ARGS={failed[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
