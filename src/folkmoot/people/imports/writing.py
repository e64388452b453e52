"""Bringing the register in line with records, three ways.

For each value there are three: what the source says now, what it said at the last import (kept word for word as a
``SourceRecord``), and what the register holds.

* The source says what it said before: the register is left alone, whatever somebody made of it.
* The source says something new, and the register holds what the source said before, or nothing: the new value is taken.
* The source says something new, and the register holds something else: the register's value stays, and that is listed.
* The source says nothing any more: the last good value stays. Nothing is ever emptied or deleted by an import; a role
  that the source no longer names keeps its term, and that is listed, since its last day is not known.
* A record met for the first time fills what is empty on a person who is known already, and replaces no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from folkmoot.kernel import ids
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Rejection, Row
from folkmoot.kernel.text import fold
from folkmoot.kernel.three_way import KEEP as KEEP
from folkmoot.kernel.three_way import three_way as three_way
from folkmoot.people.models import Identity, Person, SourceRecord
from folkmoot.people.systems import INTERNAL

#: What a part that reads people counts; all are told, also when they are 0.
PEOPLE_COUNTERS = (
    "people",
    "terms",
    "identities",
    "organizations",
    "affiliations",
    "tags",
    "role_kinds",
    "teams",
    "bots",
    "records",
)


def stage(
    file: str, line: int | None, key: str, record: Mapping[str, Any], lines: Mapping[str, int], **more: Any
) -> Row:
    """A row to stage: the record word for word, its key in the source, the lines of its fields."""
    top = {name: at for name, at in lines.items() if "." not in name}
    return Row(file, line, {"key": key[:320], "record": dict(record), "lines": top, **more})


def reject(changes: Changes, row: Row, field: str, reason: str) -> None:
    """List a value that is left out, at its own line."""
    line = row.payload["lines"].get(field, row.line)
    changes.rejections.append(Rejection(row.file, line, field, reason, row.payload["record"]))


def save_records(
    changes: Changes, part: str, owners: Sequence[tuple[Row, Any, SourceRecord | None]], about: str
) -> None:
    """Keep the records word for word."""
    new: dict[str, SourceRecord] = {}
    known: list[tuple[SourceRecord, dict[str, Any]]] = []
    for row, owner, record in owners:
        payload = row.payload["record"]
        if record is None:
            new[row.payload["key"]] = SourceRecord(
                source=changes.source,
                part=part,
                key=row.payload["key"],
                payload=payload,
                seen_at=changes.now,
                **{f"{about}_id": owner.pk},
            )
            continue
        values: dict[str, Any] = {"payload": payload, f"{about}_id": owner.pk}
        if any(getattr(record, name) != value for name, value in values.items()):
            values["seen_at"] = changes.now
        known.append((record, values))
    changes.create(SourceRecord, list(new.values()), counter="records")
    changes.update(SourceRecord, known, counter="records")


def own_identities(changes: Changes, people: Iterable[Person]) -> dict[int, Identity]:
    """The identity under which this house itself knows each person, by the person's number; what is missing is made.

    As ``actions.identities.home_identities``, in a way that the undo of the import takes back. Two queries.
    """
    wanted = {person.pk: person for person in people}
    if not wanted:
        return {}
    rows = Identity.objects.filter(person__in=wanted, system=INTERNAL).order_by("-pk")
    found = {row.person_id: row for row in rows}
    new = []
    for pk, person in wanted.items():
        if pk not in found:
            value = ids.token(12)
            new.append(Identity(person=person, system=INTERNAL, value=value, folded=fold(value)))
    return found | {row.person_id: row for row in changes.create(Identity, new, counter="identities")}
