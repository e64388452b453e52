"""PyBaMM's team files: one GitHub login per line; which file means which role is in ``seeds/pybamm.yml``.

A login that left a file since the last import keeps its term, for the file does not say on which day it ended: it is
listed once, so that a person gives the term its last day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import (
    FileProblem,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.text import clean, fold
from folkmoot.people import seeds
from folkmoot.people.identities import Handle
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Role
from folkmoot.people.imports.people import apply_people
from folkmoot.people.imports.reading import content
from folkmoot.people.imports.terms import ensure_projects
from folkmoot.people.imports.values import Unreadable
from folkmoot.people.imports.writing import PEOPLE_COUNTERS, stage
from folkmoot.people.models import SourceRecord

PART = "teams"
_PROJECT = "project"

SOURCE = sources.register(
    Source(
        key="pybamm",
        label=gettext_lazy("PyBaMM team files"),
        help=gettext_lazy(
            "Text files with one GitHub login per line; a file's name is the role of those in it."
        ),
        takes="folder",
        permission="people.manage",
        files=tuple(seeds.data("pybamm")["files"]),
        order=20,
    )
)


def _roles() -> dict[str, dict[str, Any]]:
    return {fold(name): role for name, role in seeds.data("pybamm")["files"].items()}


def team_files(root: Path) -> dict[str, Path]:
    """The files of the folder, or of its folder ``teams``, by name.

    Raises:
        FileProblem: the folder is none, or holds none of the expected files.
    """
    if not root.is_dir():
        raise FileProblem(
            root.name or str(root), _("is no folder: give the folder that holds the team files")
        )
    folder = root / "teams" if (root / "teams").is_dir() else root
    found = {path.name: path for path in sorted(folder.iterdir()) if path.is_file() and path.name[:1] != "."}
    if not any(fold(name) in _roles() for name in found):
        raise FileProblem(
            root.name, _("holds none of the expected files: %(files)s") % {"files": ", ".join(SOURCE.files)}
        )
    return found


def read_member(record: Mapping[str, Any]) -> Claim:
    """One line of a team file."""
    role = _roles()[fold(record["file"])]
    claim = Claim(handles=[("login", Handle("github", record["login"]))])
    if record.get("listed", True):
        place = {"project": _PROJECT} if role.get("project") else {"team": role.get("team", "")}
        claim.roles.append(Role(role["role"], field="login", **place))
    return claim


@source_parts.declare
class Teams(Part):
    """The team files: who holds which role."""

    key: ClassVar[str] = "pybamm.people.teams"
    source: ClassVar[str] = "pybamm"
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = PEOPLE_COUNTERS

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        roles = _roles()
        for name, path in team_files(reading.root).items():
            if fold(name) not in roles:
                if path.parent.name == "teams":
                    yield Rejection(
                        name,
                        None,
                        "",
                        _("is no known team file; known are %(files)s") % {"files": ", ".join(SOURCE.files)},
                    )
                continue
            met: dict[str, int] = {}
            for line, text in enumerate(content(path, name).splitlines(), start=1):
                said = clean(text.partition("#")[0])
                try:
                    login = values.handle("github", said)
                except Unreadable as problem:
                    yield Rejection(name, line, "login", str(problem), {"login": text})
                    continue
                if login and fold(login) not in met:
                    met[fold(login)] = line
                    record = {"login": login, "file": name, "listed": True}
                    yield stage(name, line, f"{fold(name)}/{fold(login)}", record, {"login": line})
            yield stage(name, None, f"{fold(name)}/", {"file": name, "logins": sorted(met)}, {})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        members = [row for row in rows if "login" in row.payload["record"]]
        said = seeds.data("pybamm")["project"]
        key = (said["kind"], said["name"], said["repository"])
        project = ensure_projects(changes, [key])[key]
        apply_people(members, changes, part=PART, read_claim=read_member, projects={_PROJECT: project})
        self._gone([row for row in rows if "logins" in row.payload["record"]], changes)

    def _gone(self, files: Sequence[Row], changes: Changes) -> None:
        """List those who were in a file at the last import and are not any more."""
        if not files:
            return
        now = {fold(row.file): (row, set(row.payload["record"]["logins"])) for row in files}
        marked: list[tuple[SourceRecord, dict[str, Any]]] = []
        for record in SourceRecord.objects.filter(source=changes.source, part=PART).order_by("key"):
            file, _slash, login = record.key.partition("/")
            if file not in now or login in now[file][1] or not record.payload.get("listed", True):
                continue
            row = now[file][0]
            reason = _(
                "“%(login)s” is no longer in this file: the term was kept; give it a last day if it has ended"
            ) % {"login": record.payload["login"]}
            changes.rejections.append(Rejection(row.file, None, "login", reason, record.payload))
            marked.append((record, {"payload": {**record.payload, "listed": False}}))
        changes.update(SourceRecord, marked, counter="records")
