"""Who are two, though they have one name: what AMY's coordinators decided in its list of duplicates.

AMY lists people of the same personal and family name (or the two swapped), and keeps on each when somebody looked at
it. Two of one name who were both looked at since they last changed are two, and stay out of the queue here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.text import fold_accents
from folkmoot.people.imports.amy.part import moment
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import PERSON
from folkmoot.people.models import PersonCandidate, SourceRecord

#: What AMY allows between looking and saving.
_GRACE = dt.timedelta(minutes=1)


def keep_apart(changes: Changes, records: Mapping[str, Mapping[str, Any]]) -> None:
    """Remember who are two; two statements where nobody of the chunk was looked at, none.

    Args:
        records: number of AMY -> what AMY says.
    """
    looked_at = {pk: record for pk, record in records.items() if _looked_at(record)}
    if not looked_at:
        return
    keys = {key for record in looked_at.values() for key in _sort_keys(record)}
    same: dict[frozenset[str], list[tuple[str, int, dt.datetime]]] = defaultdict(list)
    rows = SourceRecord.objects.filter(source=AMY, part=PERSON, person__sort_key__in=keys)
    for key, person, payload in rows.order_by("pk").values_list("key", "person_id", "payload"):
        at = _looked_at(payload)
        if at is not None and person is not None:
            same[_name(payload)].append((key, person, at))
    pairs: dict[str, Wanted] = {}
    for pk, record in looked_at.items():
        for wanted in _pairs(pk, same[_name(record)]):
            pairs[wanted.key] = wanted
    ids = {wanted.fixed["first_id"] for wanted in pairs.values()}
    here = {
        (one.first_id, one.second_id): one for one in PersonCandidate.objects.filter(first__in=ids)
    } if ids else {}  # fmt: skip
    bring(
        changes, source=AMY, model=PersonCandidate, counter="",
        wanted=[
            Wanted(one.key, one.values, here.get((one.fixed["first_id"], one.fixed["second_id"])), one.fixed)
            for one in pairs.values()
        ],
    )  # fmt: skip


def _pairs(pk: str, others: list[tuple[str, int, dt.datetime]]) -> Iterator[Wanted]:
    mine = next((one for one in others if one[0] == pk), None)
    for key, person, at in others if mine else ():
        if mine is not None and person != mine[1]:
            first, second = sorted((mine[1], person))
            names = sorted((pk, key))
            yield Wanted(
                f"{PERSON}/{names[0]}#not/{names[1]}",
                {"state": PersonCandidate.State.DIFFERENT.value, "decided_at": max(at, mine[2])},
                fixed={"first_id": first, "second_id": second, "found_at": max(at, mine[2])},
            )


def _looked_at(record: Mapping[str, Any]) -> dt.datetime | None:
    """When somebody looked at it, if it did not change since."""
    at, saved = moment(record.get("duplication_reviewed_on")), moment(record.get("last_updated_at"))
    return at if at is not None and (saved is None or saved <= at + _GRACE) else None


def _name(record: Mapping[str, Any]) -> frozenset[str]:
    return frozenset((str(record.get("personal") or ""), str(record.get("family") or "")))


def _sort_keys(record: Mapping[str, Any]) -> set[str]:
    """Where lists here put people of this name, or of the name the other way round."""
    first, last, middle = (str(record.get(column) or "") for column in ("personal", "family", "middle"))
    given = {first, f"{first} {middle}".strip()}
    found = {f"{last}, {one}" for one in given} | {f"{first}, {last}", first, last}
    return {fold_accents(one)[:200] for one in found if one}
