"""``people.csv``: people from a plain table; which column means which field is recognised or chosen.

One row may say one role; a person with several roles has several rows. Rows are the same person when they share
what proves it (GitHub login, ORCID iD, e-mail address), never because their names are alike.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.columns import settle
from folkmoot.kernel.imports.sources import (
    Column,
    FileProblem,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people import seeds
from folkmoot.people.identities import Handle
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Problem, Role
from folkmoot.people.imports.people import apply_people
from folkmoot.people.imports.reading import check_headings, content, csv_rows
from folkmoot.people.imports.terms import ensure_projects
from folkmoot.people.imports.writing import PEOPLE_COUNTERS, stage

#: Strongest proof first.
_HANDLES = (("github", "github"), ("orcid", "orcid"), ("email", "email"), ("mastodon", "mastodon"))
_PROOFS = ("github", "orcid", "email")

SOURCE = sources.register(
    Source(
        key="people.csv",
        label=gettext_lazy("People from a table"),
        help=gettext_lazy("A CSV file with a row for each person, or for each role of a person."),
        takes="file",
        permission="people.manage",
        files=("*.csv", "*.tsv", "*.txt"),
        columns=(
            Column(
                "name",
                gettext_lazy("name"),
                required=True,
                known_as=("full name", "person", "display name", "nombre"),
            ),
            Column("sort_name", gettext_lazy("sort name"), known_as=("sort as", "last name first")),
            Column(
                "email",
                gettext_lazy("e-mail"),
                known_as=("e-mail address", "mail", "email address", "correo"),
            ),
            Column(
                "github",
                gettext_lazy("GitHub login"),
                known_as=("github username", "github handle", "login", "gh username"),
            ),
            Column("orcid", gettext_lazy("ORCID iD"), known_as=("orcidid",)),
            Column("mastodon", gettext_lazy("Mastodon handle"), known_as=("fediverse",)),
            Column(
                "organization",
                gettext_lazy("organisation"),
                known_as=("affiliation", "institution", "company", "employer"),
            ),
            Column("location", gettext_lazy("location"), known_as=("place", "city", "country")),
            Column("pronouns", gettext_lazy("pronouns")),
            Column("website", gettext_lazy("website"), known_as=("url", "homepage", "web page")),
            Column("bio", gettext_lazy("about"), known_as=("biography", "description")),
            Column(
                "joined_on",
                gettext_lazy("in the community since"),
                known_as=("joined", "date added", "member since"),
            ),
            Column("role", gettext_lazy("role"), known_as=("role kind", "position")),
            Column("team", gettext_lazy("team"), known_as=("council", "board", "committee", "group")),
            Column("project", gettext_lazy("project"), known_as=("package", "repository name")),
            Column(
                "role_from",
                gettext_lazy("role from"),
                known_as=("from", "start", "started on", "role start", "first day"),
            ),
            Column(
                "role_to",
                gettext_lazy("role to"),
                known_as=("to", "end", "until", "ended on", "role end", "last day"),
            ),
            Column("tags", gettext_lazy("tags"), known_as=("labels", "keywords", "skills")),
            Column("notes", gettext_lazy("notes"), known_as=("note", "comment", "remarks")),
        ),
        order=40,
    )
)


def read_person(record: Mapping[str, Any]) -> Claim:
    """One row; the record is keyed by field name."""
    claim = Claim()
    for field, system in _HANDLES:
        handle = claim.read(record, field, values.handle, system, default="")
        if handle:
            claim.handles.append((field, Handle(system, handle)))
    claim.fields = {
        "name": claim.read(record, "name", values.name, default=""),
        "sort_name": claim.read(record, "sort_name", values.short, default=""),
        "pronouns": claim.read(record, "pronouns", values.pronouns, default=""),
        "bio": claim.read(record, "bio", values.paragraphs, default=""),
        "location": claim.read(record, "location", values.short, default=""),
        "website": claim.read(record, "website", values.web_address, default=""),
        "joined_on": claim.read(record, "joined_on", values.day, default=None),
    }
    claim.organization = claim.read(record, "organization", values.organization, default="")
    tags = claim.read_words(record, "tags", values.between_semicolons)
    claim.tags = list(dict.fromkeys(("tag", word) for word in tags))
    note = claim.read(record, "notes", values.paragraphs, default="")
    claim.notes = [note] if note else []
    role = _role(claim, record)
    if role:
        claim.roles.append(role)
    return claim


def _role(claim: Claim, record: Mapping[str, Any]) -> Role | None:
    noted = len(claim.problems)
    name = claim.read(record, "role", values.role_name, default="")
    first = claim.read(record, "role_from", values.day, default=None)
    last = claim.read(record, "role_to", values.day, default=None)
    team = claim.read(record, "team", values.short, default="")
    project = claim.read(record, "project", values.short, default="")
    if not name:
        return None
    if any(problem.field in ("role_from", "role_to") for problem in claim.problems[noted:]):
        return None  # a term on wrong days would be a false statement: the row says which day to mend
    if first and last and last < first:
        claim.problems.append(
            Problem(
                "role_to",
                "role_to",
                _("the last day, %(last)s, is before the first, %(first)s") % {"last": last, "first": first},
            )
        )
        return None
    if team and project:
        claim.problems.append(
            Problem(
                "team",
                "team",
                _("a role is held in a team or in a project, not in both: the project was taken"),
            )
        )
        team = ""
    slug, known_as = role_kind(name)
    return Role(slug, team, project, first, last, field="role", name=known_as)


def role_kind(name: str) -> tuple[str, str]:
    """Short name and name of the kind of role: one of the seeds when it is called so, else as written."""
    for slug, row in seeds.role_kinds().items():
        if fold(name) in (fold(slug), fold(row["name"])):
            return slug, row["name"]
    return slugify(fold_accents(name))[:60] or "role", name


@source_parts.declare
class PeopleTable(Part):
    """Rows of a table: people, how they are reached, a role."""

    key: ClassVar[str] = "people.csv.people.rows"
    source: ClassVar[str] = "people.csv"
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = PEOPLE_COUNTERS

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        path = reading.root
        if not path.is_file():
            raise FileProblem(path.name, _("is not there, or is a folder: give the CSV file"))
        text = content(path, path.name)
        delimiter = separator(text)
        headings = [cell.strip() for cell in next(csv.reader(text.splitlines()[:1], delimiter=delimiter), [])]
        check_headings(headings, path.name, ())
        mapping = settle(SOURCE, [cell for cell in headings if cell], reading.mapping, file=path.name)
        del text
        used = set(mapping.values())
        met: dict[str, int] = {}
        for line, cells in csv_rows(path, path.name, delimiter=delimiter):
            if isinstance(cells, str):
                yield Rejection(path.name, line, "", cells)
                continue
            record: dict[str, Any] = {field: cells[heading] for field, heading in mapping.items()}
            others = {
                heading: cell for heading, cell in cells.items() if heading and heading not in used and cell
            }
            if others:
                record["other columns"] = others
            yield from self._row(path.name, line, record, mapping, met)

    def _row(
        self, file: str, line: int, record: dict[str, Any], mapping: Mapping[str, str], met: dict[str, int]
    ) -> Iterator[Row | Rejection]:
        claim = read_person(record)
        for problem in claim.problems:
            yield Rejection(file, line, mapping.get(problem.field, problem.field), problem.reason, record)
        proofs = [handle for _field, handle in claim.handles if handle.system in _PROOFS]
        if not claim.fields["name"]:
            if not any(problem.field == "name" for problem in claim.problems):
                yield Rejection(file, line, mapping["name"], _("is missing: the row is left out"), record)
            return
        said = f"{proofs[0].system}:{proofs[0].folded}" if proofs else f"name:{fold(claim.fields['name'])}"
        met[said] = met.get(said, 0) + 1
        if not proofs and met[said] > 1:
            yield Rejection(
                file,
                line,
                mapping["name"],
                _(
                    "another row without e-mail, GitHub login or ORCID iD has this name: nothing tells "
                    "whether it is the same person; the row is left out"
                ),
                record,
            )
            return
        # within its file: another table may say another role of the same person without taking this one back
        yield stage(
            file, line, f"{fold(file)[-100:]}/{said}" + (f"#{met[said]}" if met[said] > 1 else ""), record, {}
        )

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        claims = [read_person(row.payload["record"]) for row in rows]
        names = {role.project for claim in claims for role in claim.roles if role.project}
        asked = [("package", name, "") for name in sorted(names)]
        projects = {
            name: project for (_kind, name, _repository), project in ensure_projects(changes, asked).items()
        }
        apply_people(rows, changes, part="rows", read_claim=read_person, proofs=_PROOFS, projects=projects)


def separator(text: str) -> str:
    """Comma, semicolon or tab: whichever the first line has most of."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
