"""Links and compares made-up records, and prints how well, how fast and in how much memory; run by ``test_matching``.

    python -m tests.bench.matching_run RECORDS SEED

A process of its own, so that its memory is its own. Records are made in a second process and read from a file, so that
making them counts neither as time nor as memory.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from folkmoot.people.matching.blocking import Blocks
from folkmoot.people.matching.generic import Generic
from folkmoot.people.matching.groups import Link, group
from folkmoot.people.matching.keys import Account, Proofs, link, normal_orcid, proofs
from folkmoot.people.matching.profiles import Profile, profile
from folkmoot.people.matching.scoring import Frequencies, Scorer, clashes
from folkmoot.people.matching.tables import table

FIELDS = "truth name email is_verified system login number orcid organization country".split()  # noqa: SIM905
#: The threshold that an installation starts with (``FOLKMOOT_CANDIDATES_FROM``).
LEAST = 0.65


def write(path: Path, records: int, seed: int) -> None:
    """The records as a file."""
    from tests.bench.people_generator import generate

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for row in generate(records, seed):
            writer.writerow([getattr(row, name) for name in FIELDS])


def read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file, FIELDS)


def accounts_of(row: dict[str, str]) -> list[Account]:
    return [Account(row["system"], row["login"].casefold(), row["number"])] if row["login"] else []


def quality(labels: Sequence[int], truth: Sequence[int]) -> dict[str, float]:
    """Precision, recall and F1 over pairs of records, and the largest group."""

    def pairs(counted: Iterable[int]) -> int:
        return sum(number * (number - 1) // 2 for number in counted)

    sizes = Counter(labels)
    said, true = pairs(sizes.values()), pairs(Counter(truth).values())
    both = pairs(Counter(zip(labels, truth, strict=True)).values())
    return {
        "precision": both / max(said, 1),
        "recall": both / true,
        "f1": 2 * both / (said + true),
        "largest": max(sizes.values()),
    }


class Clock:
    """Seconds of work in this process: what else the machine does is left out."""

    def __init__(self) -> None:
        self._from = time.process_time()

    def lap(self) -> float:
        before, self._from = self._from, time.process_time()
        return round(self._from - before, 2)


def profiles_of(path: Path, links: Sequence[int], generic: Generic) -> tuple[list[int], list[Profile]]:
    """One profile for each set of linked records, as the register holds one person."""
    several = {number for number, count in Counter(links).items() if count > 1}
    waiting: dict[int, list[dict[str, str]]] = defaultdict(list)
    left = Counter(number for number in links if number in several)
    numbers, found = array("l"), []
    for number, row in zip(links, read(path), strict=True):
        rows = [row]
        if number in several:
            waiting[number].append(row)
            left[number] -= 1
            if left[number]:
                continue
            rows = waiting.pop(number)
        numbers.append(number)
        found.append(_profile(rows, generic))
    return list(numbers), found


def _profile(rows: list[dict[str, str]], generic: Generic) -> Profile:
    return profile(
        generic=generic,
        names=[row["name"] for row in rows if row["name"]],
        emails=[row["email"] for row in rows if row["email"]],
        accounts=[account for row in rows for account in accounts_of(row)],
        orcids=[normal_orcid(row["orcid"]) for row in rows if row["orcid"]],
        organizations=[row["organization"] for row in rows if row["organization"]],
        country=next((row["country"] for row in rows if row["country"]), ""),
    )


def _proofs(path: Path, generic: Generic) -> Iterator[Proofs]:
    for row in read(path):
        proven = [row["email"]] if row["email"] and row["is_verified"] == "True" else []
        yield proofs(
            accounts=accounts_of(row),
            emails=proven,
            orcids=[row["orcid"]],
            names=[row["name"]],
            generic=generic,
        )


def measure(path: Path) -> dict[str, Any]:
    """Link, compare, group; everything that a search does but for the database."""
    lists = table("generic")
    generic = Generic(lists["name"], lists["mailbox"])
    truth = array("l", (int(row["truth"]) for row in read(path)))
    clock = Clock()
    links = link(_proofs(path, generic))
    told: dict[str, Any] = {"records": len(truth), "linked_in": clock.lap(), "proven": quality(links, truth)}
    numbers, profiles = profiles_of(path, links, generic)
    told |= {"profiles": len(profiles), "read_in": clock.lap()}
    scorer = Scorer(Frequencies(profiles))
    blocks = Blocks(profiles)
    told["blocked_in"] = clock.lap()
    found, compared = [], 0
    for one, other in blocks.pairs():
        compared += 1
        score = scorer.score(profiles[one], profiles[other]).score
        if score >= LEAST:
            found.append(Link(score, one, other))
    told |= {"pairs": compared, "candidates": len(found), "scored_in": clock.lap()}
    top, _cut = group(found, fits=lambda a, b: not clashes(profiles[a], profiles[b]))
    label = {number: numbers[top.get(place, place)] for place, number in enumerate(numbers)}
    told |= {"alike": quality([label[number] for number in links], truth), "grouped_in": clock.lap()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told["megabytes"] = round(peak / (1024 if sys.platform != "darwin" else 1024 * 1024))
    return told


def main() -> None:
    records, seed, *rest = sys.argv[1:]
    if rest:
        write(Path(rest[0]), int(records), int(seed))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        subprocess.run([sys.executable, "-m", __spec__.name, records, seed, str(path)], check=True)
        print(json.dumps(measure(path)))


if __name__ == "__main__":
    main()
