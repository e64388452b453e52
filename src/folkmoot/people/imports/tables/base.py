"""What all plain tables share: rows by field, keys that hold from file to file, and who a row is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.columns import settle
from folkmoot.kernel.imports.mending import mended_of
from folkmoot.kernel.imports.sources import Column, Part, Reading, Rejection, Row, Source
from folkmoot.kernel.text import fold
from folkmoot.people.identities import Directory, Handle
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Problem
from folkmoot.people.models import Person, SourceRecord
from folkmoot.people.systems import INTERNAL, systems

FILES = ("*.csv", "*.tsv", "*.txt", "*.xlsx")
#: Where in a record what no field holds is kept.
OTHERS = "other columns"

_KNOWN_AS: dict[str, tuple[str, ...]] = {
    "github": ("github username", "github handle", "login", "gh username", "github login"),
    "email": ("e-mail address", "mail", "email address", "correo"),
    "orcid": ("orcidid", "orcid id"),
    "mastodon": ("fediverse",),
    "x": ("twitter",),
}
#: Strongest proof first.
_FIRST = ("github", "orcid", "email")


#: What the row of a template says, by column; handles say what their system gives as an example.
_EXAMPLES = {
    "name": "Ana Pérez",
    "organization": "Harbour Lab",
    "kinds": "partner; funder",
    "location": "Lima",
    "country": "PE",
    "website": "https://example.org",
    "role": "Editor",
    "role_from": "2026-01-01",
    "role_to": "2026-12-31",
    "started_on": "2024-01-01",
    "ended_on": "2025-12-31",
    "position": "Researcher",
    "joined_on": "2026-01-01",
    "tags": "soil; rivers",
    "languages": "Spanish; English",
    "consent_contact": "yes",
    "time_zone": "America/Lima",
}


def with_examples(*columns: Column) -> tuple[Column, ...]:
    """These columns, each with what the template's row says in it."""
    known = _EXAMPLES | {system.key: system.example for system in systems}
    return tuple(replace(column, example=known.get(column.name, "")) for column in columns)


def systems_in_order() -> list[str]:
    """The systems of handles, those that prove most first."""
    others = [system.key for system in systems if system.key not in (*_FIRST, INTERNAL)]
    return [*_FIRST, *others]


def handle_columns() -> tuple[Column, ...]:
    """A column for each system on which people have a handle."""
    return tuple(
        Column(key, systems.get(key).label, known_as=_KNOWN_AS.get(key, ())) for key in systems_in_order()
    )


def who_columns() -> tuple[Column, ...]:
    """The columns that tell which person of the register a row is about."""
    number = Column(
        "person_id", gettext_lazy("number in the register"), known_as=("register id", "folkmoot id")
    )
    return (number, *handle_columns())


def read_handles(claim: Claim, record: Mapping[str, Any]) -> None:
    """Put the handles that a record names into the claim, the strongest first."""
    for system in systems_in_order():
        if not record.get(system):
            continue
        found = claim.read(record, system, values.handle, system, default="")
        if found:
            claim.handles.append((system, Handle(system, found)))


class PlainTable(Part):
    """Rows of a table whose columns a person maps to fields."""

    of: ClassVar[Source]
    chunk_size: ClassVar[int] = 1000

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One record for each row, by field; columns that mean no field are kept beside them."""
        table = reading.table()
        mapping = settle(self.of, [one for one in table.headings if one], reading.mapping, file=table.name)
        used = set(mapping.values())
        met: dict[str, int] = {}
        for line, cells in table.rows():
            if isinstance(cells, str):
                yield Rejection(table.name, line, "", cells)
                continue
            record: dict[str, Any] = {field: cells[heading] for field, heading in mapping.items()}
            others = {name: cell for name, cell in cells.items() if name and name not in used and cell}
            if others:
                record[OTHERS] = others
            yield from self.row(table.name, line, record, mapping, met)

    def row(
        self, file: str, line: int, record: dict[str, Any], mapping: Mapping[str, str], met: dict[str, int]
    ) -> Iterator[Row | Rejection]:
        """The row to stage, and what in it cannot be read. ``met`` holds what earlier rows were known by."""
        raise NotImplementedError


def told(
    file: str, line: int, record: Mapping[str, Any], mapping: Mapping[str, str], problems: Sequence[Problem]
) -> Iterator[Rejection]:
    """Problems as rejections, named by the file's own headings."""
    for problem in problems:
        yield Rejection(file, line, mapping.get(problem.field, problem.field), problem.reason, record)


def key_in(file: str, said: str) -> str:
    """What a row is known by within its file; a file of rows that were mended is the file they came from."""
    return f"{fold(mended_of(file))[-100:]}/{said}"[:320]


def records_of(source: str, part: str, keys: set[str], about: str) -> dict[str, SourceRecord]:
    """What was said under these keys at the last import, with whom or what it was about."""
    found = SourceRecord.objects.filter(source=source, part=part, key__in=keys)
    return {record.key: record for record in found.select_related(about)}


class Who:
    """Which people of the register some rows are about: by number in the register or by handle, never by name."""

    def __init__(self, claims: Sequence[Claim], numbers: Sequence[int | None]) -> None:
        self.by_number = Person.objects.in_bulk({number for number in numbers if number})
        handles = [handle for claim in claims for _field, handle in claim.handles]
        self.directory = Directory(handles, self.by_number.values())

    def find(self, claim: Claim, number: int | None) -> tuple[Person | None, str, str]:
        """The person; or ``None`` with the field and the reason."""
        if number:
            person = self.by_number.get(number)
            if person is None:
                return None, "person_id", _("nobody in the register has the number %(n)d") % {"n": number}
            return self.directory.person(person), "", ""
        found: dict[int, tuple[str, Person]] = {}
        for field, handle in claim.handles:
            identity = self.directory.find(handle)
            if identity is not None:
                found.setdefault(identity.person.pk, (field, identity.person))
        if len(found) > 1:
            names = ", ".join(person.name for _field, person in found.values())
            return None, "", _("the row names several people of the register: %(names)s") % {"names": names}
        if found:
            return next(iter(found.values()))[1], "", ""
        if not claim.handles:
            return None, "", _("says not who: give an e-mail address, a login, an ORCID iD or a number")
        field, handle = claim.handles[0]
        return (
            None,
            field,
            _("nobody in the register has “%(handle)s”: import the person first") % {"handle": handle.value},
        )


def person_number(claim: Claim, record: Mapping[str, Any]) -> int | None:
    """The number in the register that the record gives."""
    digits = claim.read(record, "person_id", values.number, default="")
    return int(digits) if digits and len(digits) < 19 else None
