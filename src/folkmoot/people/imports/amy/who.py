"""Who of AMY's people and organisations is who here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import SeenRecord
from folkmoot.kernel.imports.seen import note_seen
from folkmoot.kernel.imports.sources import Row
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.models import Organization, Person, SourceRecord

PEOPLE, ORGANIZATIONS = "workshops.person", "workshops.organization"
#: The part under which records are kept, and what they are about.
_OF: dict[type[Person] | type[Organization], tuple[str, str]] = {
    Person: (PEOPLE, "person"),
    Organization: (ORGANIZATIONS, "organization"),
}


def amy_people(pks: Iterable[str | int | None]) -> dict[str, int]:
    """AMY's number of a person (as text) -> the person here, who they are now after merges; one statement.

    Nobody is in it who was left out, was removed here, or asked to be forgotten.
    """
    return _now(PEOPLE, "person", pks)


def amy_organizations(pks: Iterable[str | int | None]) -> dict[str, int]:
    """AMY's number of an organisation (as text) -> the organisation here, after merges; one statement."""
    return _now(ORGANIZATIONS, "organization", pks)


def amy_users(pks: Iterable[str | int | None]) -> dict[str, int]:
    """AMY's number of a person (as text) -> the user who signs in as that person here, if any; one statement."""
    return _now(PEOPLE, "person__user", pks)


def still_here(changes: Changes, rows: Sequence[Row], model: type[Person] | type[Organization]) -> list[Row]:
    """Rows but for those whose record somebody removed here since it was imported: it is not made again."""
    there, gone = parted(rows, model)
    changes.update(SeenRecord, [(one, {"is_gone": True}) for one in gone], counter="")
    return there


def as_told_before(
    changes: Changes, rows: Sequence[Row], model: type[Person] | type[Organization]
) -> list[Row]:
    """Rows with what was told of the same record before and is not told this time: AMY's API says less than a dump. Of
    a dump they stay as they are. One statement.
    """
    if not changes.options.get("live"):
        return list(rows)
    part, _about = _OF[model]
    keys = [str(row.payload["pk"]) for row in rows]
    found = SourceRecord.objects.filter(source=AMY, part=part, key__in=keys)
    known = dict(found.values_list("key", "payload"))

    def whole(row: Row) -> Row:
        before = {
            name: value for name, value in known.get(str(row.payload["pk"]), {}).items() if name != "pk"
        }
        return replace(row, payload={**row.payload, "fields": {**before, **row.payload["fields"]}})

    return [whole(row) for row in rows]


def parted(
    rows: Sequence[Row], model: type[Person] | type[Organization]
) -> tuple[list[Row], list[SeenRecord]]:
    """Rows that may be applied, and what is remembered of those whose record was removed here; two statements."""
    part, _about = _OF[model]
    keys = {f"{part}/{row.payload['pk']}": str(row.payload["pk"]) for row in rows}
    seen = {keys[one.key]: one for one in SeenRecord.objects.filter(source=AMY, key__in=keys)}
    for pk in _now(part, _about, seen):
        seen.pop(pk)
    return [row for row in rows if row.payload["pk"] not in seen], list(seen.values())


def note_who(
    changes: Changes, rows: Sequence[Row], model: type[Person] | type[Organization]
) -> dict[str, int]:
    """Remember which record each row is now; number of AMY -> number here."""
    part, about = _OF[model]
    now = _now(part, about, [row.payload["pk"] for row in rows])
    note_seen(changes, source=AMY, model=model, rows={f"{part}/{pk}": here for pk, here in now.items()})
    return now


def _now(part: str, about: str, pks: Iterable[str | int | None]) -> dict[str, int]:
    keys = {str(pk) for pk in pks if pk is not None and pk != ""}
    if not keys:
        return {}
    column = about if "__" in about else f"{about}_id"
    where: dict[str, Any] = {f"{about}__isnull": False}
    found = SourceRecord.objects.filter(source=AMY, part=part, key__in=keys, **where)
    return dict(found.values_list("key", column))
