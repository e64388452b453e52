#!/usr/bin/env python3
"""Asks whether a pinned package has a known vulnerability. What cannot be asked here is said, and fails nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "requirements-server.lock"
SECONDS = 120


def answer() -> dict[str, Any] | str:
    """pip-audit's answer, or why there is none."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--no-deps", "--disable-pip"]
    try:
        done = subprocess.run(
            [*command, "--format", "json", "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {SECONDS} seconds"
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        return (done.stderr.strip().splitlines() or ["no answer"])[-1]


def main() -> int:
    """Print what is known; 1 when a package must be brought up to date."""
    found = answer()
    if isinstance(found, str):
        print(f"skipped: the advisories cannot be reached here ({found})")
        return 0
    packages = found["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    unsafe = [(package, known) for package in asked for known in package["vulns"]]
    for package, known in unsafe:
        mended = ", ".join(known["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {known['id']}, mended in {mended}")
    words = f"{len(asked)} of {len(packages)} packages asked about"
    print(
        words
        if len(asked) == len(packages)
        else f"{words}; skipped: the advisories of the others are out of reach"
    )
    return 1 if unsafe else 0


if __name__ == "__main__":
    sys.exit(main())
