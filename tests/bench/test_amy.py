"""A dump of AMY of The Carpentries' size: flat memory, a fixed number of statements a chunk, twice changes nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.bench import test_imports
from tests.bench.amy_generator import write

PEOPLE = int(os.environ.get("FOLKMOOT_BENCH_AMY_PEOPLE", "12000"))
#: What ten times as many people may add to the memory, in MB (caches of the database fill up).
MORE_MB = 60
#: Parts with fewer rows are one chunk that is hardly filled: their statements a row say nothing.
ENOUGH = 500


def run(folder: Path, path: Path) -> dict[str, Any]:
    """One import in a process of its own."""
    folder.mkdir(exist_ok=True)
    return test_imports.run(folder, str(path), "amy")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_dump_of_their_size(tmp_path: Path) -> None:
    small = run(tmp_path / "small", write(tmp_path / "small.json", PEOPLE // 10))
    path = write(tmp_path / "large.json", PEOPLE)
    first, second = run(tmp_path / "large", path), run(tmp_path / "large", path)
    print(f"{path.stat().st_size / 1e6:.0f} MB of JSON, {PEOPLE} people: {first['counts']['created']}")
    for name, said in (("a tenth", small), ("first", first), ("again", second)):
        print(
            f"{name:<8} {said['seconds']:6.1f} s, {said['mb']:4.0f} MB, {said['queries'] / said['chunks']:.1f} "
            f"statements a chunk ({said['chunks']} chunks)"
        )
    assert first["counts"]["created"]["people"] == PEOPLE
    changed = {
        what: {key: n for key, n in second["counts"][what].items() if n} for what in ("created", "updated")
    }
    assert changed == {"created": {}, "updated": {}}
    assert first["mb"] < small["mb"] + MORE_MB
    compared = {
        key: (few, first["parts"][key]) for key, few in small["parts"].items() if few["rows"] >= ENOUGH
    }
    assert compared
    rates = {key: tuple(said["queries"] / said["rows"] for said in both) for key, both in compared.items()}
    for key, (few, many) in rates.items():
        print(f"{key:<30} {100 * few:6.1f} statements for 100 rows at a tenth, {100 * many:6.1f} at all")
    assert {key: rate for key, rate in rates.items() if rate[1] > 1.1 * rate[0]} == {}
