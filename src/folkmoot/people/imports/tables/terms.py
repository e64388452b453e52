"""``terms.csv``: who held which role, from when to when. People are those of the register already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Rejection, Row, Source, source_parts, sources
from folkmoot.kernel.text import fold
from folkmoot.people.imports.claims import Claim, Role
from folkmoot.people.imports.tables.base import (
    FILES,
    PlainTable,
    Who,
    key_in,
    person_number,
    read_handles,
    records_of,
    told,
    who_columns,
    with_examples,
)
from folkmoot.people.imports.tables.people import ROLE_COLUMNS, read_role
from folkmoot.people.imports.terms import ensure_projects, put_terms
from folkmoot.people.imports.writing import reject, save_records, stage
from folkmoot.people.models import Person, Project, SourceRecord

SOURCE = sources.register(
    Source(
        key="terms.csv",
        label=_("Roles from a table"),
        help=_(
            "A CSV or XLSX file with a row for each role that somebody of the register held: who, what, from, to."
        ),
        takes="file",
        permission="people.manage",
        files=FILES,
        columns=with_examples(*who_columns(), replace(ROLE_COLUMNS[0], required=True), *ROLE_COLUMNS[1:]),
        order=44,
        results=((_("Look at the people"), "people:people"),),
    )
)


def read_term(record: Mapping[str, Any]) -> tuple[Claim, int | None]:
    """One row: who by which handles, and the one role; and the number in the register."""
    claim = Claim()
    read_handles(claim, record)
    role = read_role(claim, record)
    if role:
        claim.roles.append(role)
    return claim, person_number(claim, record)


@source_parts.declare
class Terms(PlainTable):
    """Rows of a table of roles."""

    key: ClassVar[str] = "terms.csv.people.rows"
    source: ClassVar[str] = SOURCE.key
    of: ClassVar[Source] = SOURCE
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = ("terms", "role_kinds", "teams", "projects", "records")

    def row(
        self, file: str, line: int, record: dict[str, Any], mapping: Mapping[str, str], met: dict[str, int]
    ) -> Iterator[Row | Rejection]:
        """Staged under who, what and the first day."""
        claim, number = read_term(record)
        yield from told(file, line, record, mapping, claim.problems)
        if not claim.roles:
            if not claim.problems:
                yield Rejection(file, line, mapping["role"], _now("is missing: the row is left out"), record)
            return
        role = claim.roles[0]
        who = f"#{number}" if number else ",".join(one.folded for _field, one in claim.handles)
        said = f"{who}/{role.slug}/{fold(role.team or role.project)}/{role.started_on or ''}"
        met[said] = met.get(said, 0) + 1
        if met[said] > 1:
            said += f"#{met[said]}"
        yield stage(file, line, key_in(file, said), record, {})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Give the roles; what a row said last time is left as people made it."""
        read = [read_term(row.payload["record"]) for row in rows]
        who = Who([claim for claim, _number in read], [number for _claim, number in read])
        records = records_of(changes.source, "rows", {row.payload["key"] for row in rows}, "person")
        names = {role.project for claim, _number in read for role in claim.roles if role.project}
        asked = [("package", name, "") for name in sorted(names)]
        projects = {name: project for (_k, name, _r), project in ensure_projects(changes, asked).items()}
        wanted: list[tuple[Person, Role, Project | None]] = []
        owners: list[tuple[Row, Person, SourceRecord | None]] = []
        for row, (claim, number) in zip(rows, read, strict=True):
            record = records.get(row.payload["key"])
            if record is not None and record.payload == row.payload["record"] and record.person is not None:
                changes.unchanged("terms")
                owners.append((row, record.person, record))
                continue
            person, field, why = who.find(claim, number)
            if person is None:
                reject(changes, row, field, why)
                continue
            role = claim.roles[0]
            wanted.append((person, role, projects.get(role.project) if role.project else None))
            owners.append((row, person, record))
        put_terms(changes, wanted)
        save_records(changes, "rows", owners, "person")
