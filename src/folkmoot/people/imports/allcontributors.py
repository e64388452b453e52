"""``.all-contributorsrc``: who contributed to a project, and in which ways (the All Contributors specification)."""

from __future__ import annotations

import json
import re
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
from folkmoot.kernel.text import fold
from folkmoot.people.identities import Handle
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Role
from folkmoot.people.imports.people import apply_people
from folkmoot.people.imports.reading import json_file
from folkmoot.people.imports.terms import ensure_projects
from folkmoot.people.imports.writing import PEOPLE_COUNTERS, stage
from folkmoot.people.models import repository_key

FILE = ".all-contributorsrc"
#: GitHub's pictures of people are at an address that holds the account's number.
_PICTURE = re.compile(r"^https://avatars\d*\.githubusercontent\.com/u/(\d+)")

SOURCE = sources.register(
    Source(
        key="all-contributors",
        label=gettext_lazy("All Contributors file"),
        help=gettext_lazy("A repository's .all-contributorsrc: its contributors, and what each contributed."),
        takes="file",
        permission="people.manage",
        files=(FILE, "*.all-contributorsrc", "*.json"),
        order=30,
    )
)


def read_contributor(record: Mapping[str, Any]) -> Claim:
    """One entry of ``contributors``."""
    claim = Claim()
    login = claim.read(record, "login", values.handle, "github", default="")
    picture = _PICTURE.match(str(record.get("avatar_url") or ""))
    if login:
        claim.handles.append(("login", Handle("github", login, picture.group(1) if picture else "")))
    website = claim.read(record, "profile", values.web_address, default="")
    claim.fields = {
        "name": claim.read(record, "name", values.name, default=""),
        # the tool writes the GitHub page where somebody has no other
        "website": "" if repository_key(website) == f"github.com/{fold(login)}" else website,
    }
    words = claim.read_words(record, "contributions", values.words)
    claim.tags = list(dict.fromkeys(("contribution", word) for word in words))
    claim.roles.append(Role("contributor", project="project", field="contributions"))
    return claim


def project_of(held: Mapping[str, Any], shown_as: str) -> tuple[str, str, str]:
    """Kind, name and repository of the project that the file is about.

    Raises:
        FileProblem: the file does not say which.
    """
    try:
        name, owner = values.short(held.get("projectName")), values.short(held.get("projectOwner"))
        is_gitlab = fold(values.short(held.get("repoType"))) == "gitlab"
        host = values.short(held.get("repoHost")) or f"https://{'gitlab' if is_gitlab else 'github'}.com"
        repository = values.web_address(f"{host.rstrip('/')}/{owner}/{name}")
    except values.Unreadable as problem:
        raise FileProblem(shown_as, str(problem), field="projectName") from None
    if not name or not owner:
        missing = "projectName" if not name else "projectOwner"
        raise FileProblem(shown_as, _("is missing: whose contributors are these?"), field=missing)
    return "repository", name, repository


@source_parts.declare
class ContributorsOfProject(Part):
    """The file's project and the people who contributed to it."""

    key: ClassVar[str] = "all-contributors.people.contributors"
    source: ClassVar[str] = "all-contributors"
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = ("projects", *PEOPLE_COUNTERS)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        path = reading.root / FILE if reading.root.is_dir() else reading.root
        if not path.is_file():
            raise FileProblem(path.name, _("is not there"))
        held = json_file(path, path.name)
        if not isinstance(held, dict) or not isinstance(held.get("contributors"), list):
            raise FileProblem(path.name, _("is no All Contributors file: it has no list “contributors”"))
        project = project_of(held, path.name)
        lines = _lines(path, held["contributors"])
        met: dict[str, int] = {}
        for record, line in zip(held["contributors"], lines, strict=True):
            if not isinstance(record, dict):
                yield Rejection(
                    path.name, line, "contributors", _("an entry with a login is expected"), record
                )
                continue
            claim = read_contributor(record)
            for problem in claim.problems:
                yield Rejection(path.name, line, problem.field, problem.reason, record)
            if not claim.handles:
                if not any(problem.field == "login" for problem in claim.problems):
                    yield Rejection(path.name, line, "login", _("is missing: the entry is left out"), record)
                continue
            login = claim.handles[0][1].folded
            times = met[login] = met.get(login, 0) + 1
            key = f"{repository_key(project[2])}/{login}" + (f"#{times}" if times > 1 else "")
            yield stage(path.name, line, key, record, {}, project=list(project))

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        asked = {tuple(row.payload["project"]) for row in rows}
        for project in ensure_projects(changes, asked).items():
            mine = [row for row in rows if tuple(row.payload["project"]) == project[0]]
            apply_people(
                mine,
                changes,
                part="contributors",
                read_claim=read_contributor,
                projects={"project": project[1]},
            )


def _lines(path: Path, entries: Sequence[Any]) -> list[int | None]:
    """The line of each entry, looked for by its login from where the last was found."""
    text = path.read_text(encoding="utf-8-sig")
    found: list[int | None] = []
    at = max(text.find('"contributors"'), 0)
    for entry in entries:
        login = entry.get("login") if isinstance(entry, dict) else None
        said = re.compile(rf'"login"\s*:\s*{re.escape(json.dumps(login, ensure_ascii=False))}')
        match = said.search(text, at) if isinstance(login, str) else None
        found.append(text.count("\n", 0, match.start()) + 1 if match else None)
        at = match.end() if match else at
    return found
