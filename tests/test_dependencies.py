"""What the code imports is what an installation gets: nothing that only tests bring along."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def imported(path: Path) -> set[str]:
    """The outermost names that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def plain(name: str) -> str:
    """A distribution's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=! ;]", name)[0]).lower()


def test_everything_imported_is_installed_to_run() -> None:
    locked = {
        plain(line)
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if re.match(r"[A-Za-z0-9]", line)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {plain(each) for group in project["optional-dependencies"].values() for each in group}
    brought_by = packages_distributions()
    missing: dict[str, list[str]] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for name in sorted(imported(path) - sys.stdlib_module_names - {"folkmoot"}):
            known = {plain(each) for each in brought_by.get(name, [name])}
            if not known & (locked | extras):
                missing.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    assert missing == {}
