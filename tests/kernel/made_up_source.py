"""A made-up import source: a folder with ``friends.csv`` (name, tag) and ``projects.csv`` (name, description).

It behaves as the areas' parts do. ``die_at`` names a moment at which the process kills itself with SIGKILL:
``read:4`` while the fourth row is read, ``apply:2`` when the second chunk has been written but not committed,
``told:2`` when the rest of the house was told of it.
"""

from __future__ import annotations

import csv
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import (
    FileProblem,
    Option,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.text import fold
from folkmoot.people.models import Person, Project, Tag

SOURCE = Source(
    key="made-up",
    label="Made up",
    help="A folder that only tests know.",
    takes="folder",
    permission="people.manage",
    files=("friends.csv", "projects.csv"),
    options=(
        Option("shout", "A word."),
        Option("thank", "Somebody.", many=True),
    ),
)


_moments: Counter[str] = Counter()
_die_at = ""


def moment(name: str) -> None:
    """Something happens for the n-th time; if this is when to die, the process is gone."""
    _moments[name] += 1
    if _die_at == f"{name}:{_moments[name]}":
        os.kill(os.getpid(), signal.SIGKILL)


def _lines(reading: Reading, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    path = reading.root / file
    if not path.exists():
        raise FileProblem(file, "is missing")
    with path.open(newline="", encoding="utf-8") as text:
        table = csv.DictReader(text)
        if "name" not in (table.fieldnames or []):
            raise FileProblem(file, "has no column name", line=1, field="name")
        for row in table:
            if None in row or None in row.values():
                raise FileProblem(file, "is cut off or has a cell too many", line=table.line_num)
            yield table.line_num, row


class Friends(Part):
    key = "made-up.people.friends"
    source = "made-up"
    order = 100
    chunk_size = 3
    counters = ("people", "tags")

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        for line, row in _lines(reading, "friends.csv"):
            moment("read")
            if not row["name"]:
                yield Rejection("friends.csv", line, "name", "is empty", row)
                continue
            yield Row("friends.csv", line, row)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        names = {row.payload["name"] for row in rows}
        known = {p.name: p for p in Person.objects.filter(name__in=names)}
        fresh = [
            Person(name=name) for name in dict.fromkeys(r.payload["name"] for r in rows) if name not in known
        ]
        for person in fresh:
            person.sort_key = person.reckon_sort_key()
        made = changes.create(Person, fresh, counter="people")
        changes.unchanged("people", len(names) - len(made))
        known |= {p.name: p for p in made}
        wanted = {row.payload["tag"] for row in rows if row.payload.get("tag")}
        tags = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
        tags |= {
            tag.name: tag
            for tag in changes.create(
                Tag, [Tag(name=n, folded=fold(n)) for n in sorted(wanted - set(tags))], counter="tags"
            )
        }
        through = Person.tags.through
        pairs = {
            (known[r.payload["name"]].pk, tags[r.payload["tag"]].pk) for r in rows if r.payload.get("tag")
        }
        there = set(
            through.objects.filter(person_id__in={p for p, _ in pairs}).values_list("person_id", "tag_id")
        )
        links = [through(person_id=person, tag_id=tag) for person, tag in sorted(pairs - there)]
        changes.create(through, links, counter="")
        moment("apply")


class Projects(Part):
    key = "made-up.people.projects"
    source = "made-up"
    order = 110
    chunk_size = 2
    counters = ("projects",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        if not (reading.root / "projects.csv").exists():
            return
        for line, row in _lines(reading, "projects.csv"):
            moment("read")
            yield Row("projects.csv", line, row)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        wanted = {row.payload["name"]: row for row in rows}
        known = {p.name: p for p in Project.objects.filter(name__in=wanted)}
        fresh = []
        for name, row in wanted.items():
            if row.payload["description"] == "?":
                changes.reject(row, "description", "is a question mark")
            if name not in known:
                fresh.append(Project(name=name, folded=fold(name), description=row.payload["description"]))
        changes.update(
            Project,
            [(p, {"description": wanted[name].payload["description"]}) for name, p in known.items()],
            counter="projects",
        )
        changes.create(Project, fresh, counter="projects")
        moment("apply")


def register() -> None:
    """Make the source known in this process."""
    if "made-up" not in sources:
        sources.register(SOURCE)
        source_parts.declare(Friends)
        source_parts.declare(Projects)


def write(folder: Path, friends: str, projects: str | None = None) -> Path:
    """The source's folder with this content."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "friends.csv").write_text(friends, encoding="utf-8")
    if projects is not None:
        (folder / "projects.csv").write_text(projects, encoding="utf-8")
    return folder


def run_commands(steps: list[tuple[str, list[str]]], folder: str) -> None:
    """Run ``folkmoot`` with this source, each time in a process of its own that dies at its moment.

    Process ``n`` leaves its standard output in ``<n>.out``, its standard error in ``<n>.err`` and how it ended in
    ``<n>.code``. (Forked, so that loading everything is paid once.)
    """
    global _die_at
    register()
    import folkmoot.kernel.commands  # noqa: F401 - registers itself
    from folkmoot.kernel.cli import Problem, cli, console
    from folkmoot.kernel.imports.signals import rows_changed

    def told(**kwargs: object) -> None:
        moment("told")

    rows_changed.connect(told, dispatch_uid="made-up")
    for number, (die_at, arguments) in enumerate(steps):
        child = os.fork()
        if child:
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            Path(folder, f"{number}.code").write_text(str(status))
            continue
        _die_at = die_at
        for stream, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(Path(folder, f"{number}.{name}"), os.O_CREAT | os.O_WRONLY), stream)
        sys.argv[1:] = arguments
        code = 1
        try:
            cli(standalone_mode=False)
            code = 0
        except Problem as problem:
            console.print(f"folkmoot: {problem}")
            code = 2
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
