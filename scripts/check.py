#!/usr/bin/env python3
"""Runs every check of the code and the documents, all of them even when one fails, and names those that failed.

With names (`make check ARGS="types layers"`) only those run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent

CHECKS: dict[str, list[str]] = {
    "style": [str(BIN / "ruff"), "check", "--output-format=concise", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--output-format=concise", "."],
    "layers": [str(BIN / "lint-imports"), "--no-logo"],
    "templates": [PYTHON, "scripts/templates.py", "src"],
    "templates-style": [str(BIN / "djlint"), "--lint", "--quiet", "src"],
    "django": [PYTHON, "-m", "django", "check", "--fail-level", "WARNING"],
    "migrations": [PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "types": [PYTHON, "-m", "mypy"],
    "audit": [PYTHON, "scripts/audit.py"],
    "documents": [PYTHON, "-m", "pytest", "-q", "-p", "no:randomly", "tests/docs"],
}


def environment(data: str) -> dict[str, str]:
    """The caller's environment without its own database and secrets: a check reads the code, not somebody's data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLKMOOT_")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
        "FOLKMOOT_DATA_DIR": data,
        "PYTHONPATH": str(ROOT / "src"),
    }


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"No check is called {', '.join(unknown)}. There are: {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="folkmoot-check-") as data:
        for name in names or CHECKS:
            if name == "documents" and not any((ROOT / "tests" / "docs").glob("**/test_*.py")):
                continue
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
            good = result.returncode == 0
            print(f"{'ok' if good else 'FAILED':<7}{name} ({time.monotonic() - started:.1f} s)", flush=True)
            if name == "audit" and good:
                print(f"       {result.stdout.strip()}", flush=True)
            if not good:
                failed.append(name)
                print(result.stdout.strip() or f"exit status {result.returncode}, no output", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}. One alone: make check ARGS={failed[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
