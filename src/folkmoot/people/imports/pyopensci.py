"""pyOpenSci's registry: contributors, packages, the editors' domains. What its fields mean: ``seeds/pyopensci.yml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports import tables
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
from folkmoot.people import seeds
from folkmoot.people.identities import Directory, Handle
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Named, Problem, ProjectClaim, Role
from folkmoot.people.imports.people import apply_people
from folkmoot.people.imports.projects import apply_projects
from folkmoot.people.imports.reading import Record, yaml_records
from folkmoot.people.imports.terms import put_terms
from folkmoot.people.imports.values import Unreadable
from folkmoot.people.imports.writing import PEOPLE_COUNTERS, stage
from folkmoot.people.models import Person, Project

CONTRIBUTORS = "contributors.yml"
PACKAGES = "packages.yml"
TEAM_FILES = ("editorial-board.yml", "emeritus-editors.yml")
EDITORS = ("editorial_team_domains.csv", "emeritus_editor_domains.csv")

SOURCE = sources.register(
    Source(
        key="pyopensci",
        label=gettext_lazy("pyOpenSci"),
        help=gettext_lazy(
            "The registry and activity files that pyOpenSci publishes: contributors, packages, "
            "editors, issues."
        ),
        takes="folder",
        permission="people.manage",
        files=(
            CONTRIBUTORS,
            PACKAGES,
            *EDITORS,
            *TEAM_FILES,
            "*_all_issues_prs.csv",
            "review_submissions.csv",
            "review_presubmissions.csv",
            "package_data.csv",
            "review_snapshots/*.csv",
            "sprint_data.csv",
            "events/*.md",
            "????-??-??T??????Z.csv",
        ),
        options=(
            Option(
                "staff",
                gettext_lazy("GitHub login of somebody who is staff; may be given several times."),
                many=True,
            ),
            Option(
                "tracker",
                gettext_lazy(
                    "Repository whose issues are the submissions in the files of reviews; pyOpenSci's where nothing "
                    "is said. Example: github.com/pyopensci/software-submission"
                ),
            ),
        ),
        order=10,
    )
)


def _meaning() -> dict[str, Any]:
    found: dict[str, Any] = seeds.data("pyopensci")
    return found


def same_tag(facet: str, word: str) -> str:
    """The register's word for one of the files'."""
    return str(_meaning()["same_tags"].get(facet, {}).get(fold(word), word))


def require_some_file(root: Path) -> None:
    """Raises:
    FileProblem: the folder is none, or holds none of the files of this source.
    """
    if not root.is_dir():
        raise FileProblem(root.name or str(root), _("is no folder: give the folder that holds the files"))
    if not any(any(root.glob(pattern)) for pattern in SOURCE.files):
        raise FileProblem(
            root.name, _("holds none of the expected files: %(files)s") % {"files": ", ".join(SOURCE.files)}
        )


def read_contributor(record: Mapping[str, Any]) -> Claim:
    """One entry of ``contributors.yml``."""
    meaning = _meaning()["contributors"]
    claim = Claim()
    login = claim.read(record, "github_username", values.handle, "github", default="")
    number = claim.read(record, "github_image_id", values.number, default="")
    if login:
        claim.handles.append(("github_username", Handle("github", login, number)))
    for field, system in meaning["handles"].items():
        handle = claim.read(record, field, values.handle, system, default="")
        if handle:
            claim.handles.append((field, Handle(system, handle)))
    claim.fields = {
        "name": claim.read(record, "name", values.name, default=""),
        "bio": claim.read(record, "bio", values.paragraphs, default=""),
        "location": claim.read(record, "location", values.short, default=""),
        "website": claim.read(record, "website", values.web_address, default=""),
        "joined_on": claim.read(record, "date_added", values.day, default=None),
    }
    claim.organization = claim.read(record, "organization", values.organization, default="")
    for field, facet in meaning["tags"].items():
        words = claim.read_words(record, field, values.words)
        claim.tags += dict.fromkeys((facet, same_tag(facet, word)) for word in words)
    for field, role in meaning["flags"].items():
        if claim.read(record, field, values.truth, default=None):
            claim.roles.append(Role(role["role"], role["team"], field=field))
    for title in claim.read_words(record, "title", values.words):
        role = meaning["titles"].get(fold(title))
        if role:
            claim.roles.append(Role(role["role"], role["team"], field="title"))
    claim.roles = list(dict.fromkeys(claim.roles))
    for field in meaning["package_lists"]:
        claim.read_words(record, field, values.package_names)
    return claim


def read_package(record: Mapping[str, Any]) -> ProjectClaim:
    """One entry of ``packages.yml``."""
    meaning = _meaning()["packages"]
    claim = ProjectClaim(kind=meaning["kind"])
    active = claim.read(record, "active", values.truth, default=None)
    about = record.get("gh_meta")
    about = about if isinstance(about, dict) else {}
    website = ""
    try:
        website = values.web_address(about.get("documentation"))
    except Unreadable as problem:
        claim.problems.append(
            Problem(
                "gh_meta", "gh_meta.documentation", _("documentation: %(problem)s") % {"problem": problem}
            )
        )
    claim.fields = {
        "name": claim.read(record, "package_name", values.quoted, default=""),
        "description": claim.read(record, "package_description", values.paragraphs, default=""),
        "repository": claim.read(record, "repository_link", values.web_address, default=""),
        "website": website,
        "is_archived": active is False,
    }
    for field, facet in meaning["tags"].items():
        words = claim.read_words(record, field, values.words)
        claim.tags += dict.fromkeys((facet, same_tag(facet, word)) for word in words)
    for field, role in meaning["people"].items():
        claim.people += _named(claim, record, field, role or "")
    return claim


def _named(claim: ProjectClaim, record: Mapping[str, Any], field: str, role: str) -> Iterator[Named]:
    """The people in a field: one mapping, a list of them, or bare logins."""
    held = record.get(field)
    several = isinstance(held, list)
    seen: set[str] = set()
    for place, entry in enumerate(held if isinstance(held, list) else [held] if held else []):
        path = f"{field}.{place}" if several else field
        said = entry if isinstance(entry, dict) else {"github_username": entry}
        try:
            login = values.handle("github", said.get("github_username"))
        except Unreadable as problem:
            claim.problems.append(Problem(field, f"{path}.github_username", str(problem)))
            continue
        name = ""
        try:
            name = values.name(said.get("name"))
        except Unreadable as problem:
            claim.problems.append(
                Problem(field, f"{path}.name", _("name: %(problem)s") % {"problem": problem})
            )
        if not login and name:
            claim.problems.append(
                Problem(
                    field,
                    path,
                    _("“%(name)s” has no login: nobody is known by name alone") % {"name": name},
                )
            )
        if login and fold(login) not in seen:
            seen.add(fold(login))
            yield Named(field, Handle("github", login), name, role)


def read_editor(record: Mapping[str, Any]) -> Claim:
    """One row of the editors' domain files; ``file`` tells which of them it is from."""
    meaning = _meaning()
    claim = Claim()
    login = claim.read(record, "gh_username", values.handle, "github", default="")
    if login:
        claim.handles.append(("gh_username", Handle("github", login)))
    first = claim.read(record, "first_name", values.name, default="")
    last = claim.read(record, "last_name", values.name, default="")
    state = claim.read(record, "state", values.short, default="")
    country = claim.read(record, "country", values.short, default="")
    claim.fields = {
        "name": f"{first} {last}" if first and last else "",
        "location": ", ".join(part for part in (state, country) if part)[:200],
    }
    active = claim.read(record, "active", values.truth, default=None)
    role = (
        meaning["editors"]
        .get(record.get("file"), {})
        .get("" if active is None else "yes" if active else "no")
    )
    if role:
        claim.roles.append(Role(role["role"], role["team"], field="active"))
    for column, facet in meaning["editor_tags"].items():
        words = claim.read_words(record, column, values.between_commas)
        claim.tags += dict.fromkeys((facet, same_tag(facet, word)) for word in words)
    return claim


def _rows_of_yaml(root: Path, file: str, key_field: str, read: Any) -> Iterator[Row | Rejection]:
    """Rows of a YAML file; what cannot be read of them; a second record of the same key gets a key of its own."""
    met: dict[str, tuple[int, int]] = {}
    for record in yaml_records(root / file, file):
        if not isinstance(record, Record):
            yield Rejection(file, record[0], "", record[1])
            continue
        claim = read(record.content)
        key = _key(claim, record.content.get(key_field))
        for field in record.twice:
            reason = _("is written twice: the last one is used")
            yield Rejection(file, record.line_of(field), field, reason, record.content)
        for problem in claim.problems:
            yield Rejection(file, record.line_of(problem.path), problem.field, problem.reason, record.content)
        if not key:
            if not any(problem.field == key_field for problem in claim.problems):
                yield Rejection(
                    file,
                    record.line_of(key_field),
                    key_field,
                    _("is missing: the record is left out"),
                    record.content,
                )
            continue
        first, times = met.get(key, (record.line, 0))
        met[key] = (first, times + 1)
        if times:
            yield Rejection(
                file,
                record.line,
                key_field,
                _("is listed in line %(first)s already: only what this record adds is used")
                % {"first": first},
                record.content,
            )
        yield stage(file, record.line, f"{key}#{times + 1}" if times else key, record.content, record.lines)


def _key(claim: Claim, _held: Any) -> str:
    if isinstance(claim, ProjectClaim):
        return fold(claim.fields["name"])
    return next((handle.folded for _field, handle in claim.handles if handle.system == "github"), "")


@source_parts.declare
class Contributors(Part):
    """``contributors.yml``: people, their handles, roles and kinds of contribution."""

    key: ClassVar[str] = "pyopensci.people.contributors"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = PEOPLE_COUNTERS

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        require_some_file(reading.root)
        if (reading.root / CONTRIBUTORS).is_file():
            yield from _rows_of_yaml(reading.root, CONTRIBUTORS, "github_username", read_contributor)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        apply_people(rows, changes, part=CONTRIBUTORS, read_claim=read_contributor)


@source_parts.declare
class Packages(Part):
    """``packages.yml``: projects, their categories and maintainers."""

    key: ClassVar[str] = "pyopensci.people.packages"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 110
    counters: ClassVar[tuple[str, ...]] = ("projects", *PEOPLE_COUNTERS)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        if (reading.root / PACKAGES).is_file():
            yield from _rows_of_yaml(reading.root, PACKAGES, "package_name", read_package)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        apply_projects(rows, changes, part=PACKAGES, read_claim=read_package)


@source_parts.declare
class Editors(Part):
    """The editors' domain files: who is an editor, and of what."""

    key: ClassVar[str] = "pyopensci.people.editors"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 120
    counters: ClassVar[tuple[str, ...]] = PEOPLE_COUNTERS

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        for file in EDITORS:
            if not (reading.root / file).is_file():
                continue
            met: dict[str, int] = {}
            for line, cells in tables.rows(reading.root / file, required=("gh_username", "active")):
                if isinstance(cells, str):
                    yield Rejection(file, line, "", cells)
                    continue
                record = {**cells, "file": file}
                claim = read_editor(record)
                key = _key(claim, None)
                for problem in claim.problems:
                    yield Rejection(file, line, problem.field, problem.reason, cells)
                if not key:
                    if not any(problem.field == "gh_username" for problem in claim.problems):
                        yield Rejection(
                            file, line, "gh_username", _("is missing: the row is left out"), cells
                        )
                    continue
                if key in met:
                    yield Rejection(
                        file,
                        line,
                        "gh_username",
                        _("is listed in line %(line)s already: only what this row adds is used")
                        % {"line": met[key]},
                        cells,
                    )
                suffix = f"#{line}" if key in met else ""
                met.setdefault(key, line)
                yield stage(file, line, f"{file}/{key}{suffix}", record, {})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        apply_people(rows, changes, part="editors", read_claim=read_editor, only_fill=True)


@source_parts.declare
class Staff(Part):
    """``--staff``: comes last, when everybody whom the files name is known."""

    key: ClassVar[str] = "pyopensci.people.staff"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 900
    counters: ClassVar[tuple[str, ...]] = ("terms",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        met: set[str] = set()
        for said in reading.options.get("staff") or ():
            try:
                login = values.handle("github", said)
            except Unreadable as problem:
                yield Rejection("--staff", None, "staff", str(problem), {"staff": str(said)})
                continue
            if login and fold(login) not in met:
                met.add(fold(login))
                yield stage("--staff", None, fold(login), {"staff": login}, {})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        directory = Directory(Handle("github", row.payload["record"]["staff"]) for row in rows)
        wanted: list[tuple[Person, Role, Project | None]] = []
        for row in rows:
            identity = directory.find(Handle("github", row.payload["record"]["staff"]))
            if identity is None:
                login = row.payload["record"]["staff"]
                changes.reject(
                    row,
                    "staff",
                    _("“%(login)s” is nowhere in the files or the register") % {"login": login},
                )
            else:
                wanted.append((identity.person, Role("staff"), None))
        put_terms(changes, wanted)
