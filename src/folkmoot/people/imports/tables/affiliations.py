"""``affiliations.csv``: who belonged to which organisation, as what, from when to when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Column, Rejection, Row, Source, source_parts, sources
from folkmoot.kernel.text import fold
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Problem
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
from folkmoot.people.imports.terms import ensure_organizations
from folkmoot.people.imports.writing import reject, save_records, stage
from folkmoot.people.models import Affiliation, Person, SourceRecord

SOURCE = sources.register(
    Source(
        key="affiliations.csv",
        label=_("Affiliations from a table"),
        help=_(
            "A CSV or XLSX file with a row for each time that somebody of the register belonged to an organisation."
        ),
        takes="file",
        permission="people.manage",
        files=FILES,
        columns=with_examples(
            *who_columns(),
            Column(
                "organization",
                _("organisation"),
                required=True,
                known_as=("affiliation", "institution", "company", "employer"),
            ),
            Column("position", _("position"), known_as=("title", "job title", "role")),
            Column("started_on", _("from"), known_as=("start", "since", "first day")),
            Column("ended_on", _("to"), known_as=("end", "until", "last day")),
        ),
        order=46,
        results=((_("Look at the organisations"), "people:organizations"),),
    )
)


def read_affiliation(record: Mapping[str, Any]) -> tuple[Claim, int | None]:
    """One row; the dates and the position stand in ``fields``."""
    claim = Claim()
    read_handles(claim, record)
    claim.organization = claim.read(record, "organization", values.organization, default="")
    noted = len(claim.problems)
    first = claim.read(record, "started_on", values.day, default=None)
    last = claim.read(record, "ended_on", values.day, default=None)
    if first and last and last < first:
        why = _now("the last day, %(last)s, is before the first, %(first)s") % {"last": last, "first": first}
        claim.problems.append(Problem("ended_on", "ended_on", why))
    claim.fields = {
        "started_on": first,
        "ended_on": last,
        "title": claim.read(record, "position", values.short, default=""),
        "days_are_right": len(claim.problems) == noted,
    }
    return claim, person_number(claim, record)


@source_parts.declare
class Affiliations(PlainTable):
    """Rows of a table of affiliations."""

    key: ClassVar[str] = "affiliations.csv.people.rows"
    source: ClassVar[str] = SOURCE.key
    of: ClassVar[Source] = SOURCE
    order: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = ("affiliations", "organizations", "records")

    def row(
        self, file: str, line: int, record: dict[str, Any], mapping: Mapping[str, str], met: dict[str, int]
    ) -> Iterator[Row | Rejection]:
        """Staged under who, where and the first day."""
        claim, number = read_affiliation(record)
        yield from told(file, line, record, mapping, claim.problems)
        if not claim.organization:
            if not any(problem.field == "organization" for problem in claim.problems):
                why = _now("is missing: the row is left out")
                yield Rejection(file, line, mapping["organization"], why, record)
            return
        if not claim.fields["days_are_right"]:
            return  # wrong days would be a false statement: the row says which one to mend
        who = f"#{number}" if number else ",".join(one.folded for _field, one in claim.handles)
        said = f"{who}/{fold(claim.organization)}/{claim.fields['started_on'] or ''}"
        met[said] = met.get(said, 0) + 1
        if met[said] > 1:
            said += f"#{met[said]}"
        yield stage(file, line, key_in(file, said), record, {})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make affiliations, add a last day or a position where none is written; what a row said before stays."""
        read = [read_affiliation(row.payload["record"]) for row in rows]
        who = Who([claim for claim, _number in read], [number for _claim, number in read])
        records = records_of(changes.source, "rows", {row.payload["key"] for row in rows}, "person")
        wanted: list[tuple[Person, Claim]] = []
        owners: list[tuple[Row, Person, SourceRecord | None]] = []
        for row, (claim, number) in zip(rows, read, strict=True):
            record = records.get(row.payload["key"])
            if record is not None and record.payload == row.payload["record"] and record.person is not None:
                changes.unchanged("affiliations")
                owners.append((row, record.person, record))
                continue
            person, field, why = who.find(claim, number)
            if person is None:
                reject(changes, row, field, why)
                continue
            wanted.append((person, claim))
            owners.append((row, person, record))
        _put(changes, wanted)
        save_records(changes, "rows", owners, "person")


def _put(changes: Changes, wanted: Sequence[tuple[Person, Claim]]) -> None:
    known = ensure_organizations(changes, [claim.organization for _person, claim in wanted])
    held: dict[tuple[int, int], list[Affiliation]] = {}
    for row in Affiliation.objects.filter(person__in={person.pk for person, _claim in wanted}).order_by("pk"):
        held.setdefault((row.person_id, row.organization_id), []).append(row)
    new: list[Affiliation] = []
    better: dict[int, tuple[Affiliation, dict[str, Any]]] = {}
    for person, claim in wanted:
        organization = known[fold(claim.organization)]
        first: dt.date | None = claim.fields["started_on"]
        mine = held.setdefault((person.pk, organization.pk), [])
        there = next((one for one in mine if first is None or one.started_on == first), None)
        if there is None:
            made = Affiliation(person=person, organization=organization, source=changes.source)
            made.started_on, made.ended_on = first, claim.fields["ended_on"]
            made.title = claim.fields["title"]
            mine.append(made)
            new.append(made)
            continue
        added: dict[str, Any] = {}
        last = claim.fields["ended_on"]
        if last and there.ended_on is None and (there.started_on is None or there.started_on <= last):
            added["ended_on"] = last
        if claim.fields["title"] and not there.title:
            added["title"] = claim.fields["title"]
        if there.pk is None:
            for name, value in added.items():
                setattr(there, name, value)
        else:
            better.setdefault(there.pk, (there, {}))[1].update(added)
    changes.create(Affiliation, new, counter="affiliations")
    changes.update(Affiliation, better.values(), counter="affiliations")
