"""How the ledger's importers write: items that may change, activities that never do, when an identity was seen."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from folkmoot.kernel.imports.changes import Changes
from folkmoot.ledger.matching import OPENED as OPENED
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.public import Identity

_MUTABLE = ("kind", "title", "state", "url", "project_id", "labels", "closed_at", "detail")


def put_items(changes: Changes, wanted: Sequence[Item], known: Mapping[str, Item]) -> None:
    """Make the items that are not known, update those that are; each of ``wanted`` then has its row's key.

    Args:
        known: the rows that exist, by external id.
    """
    new: list[Item] = []
    existing: list[tuple[Item, dict[str, Any]]] = []
    for item in wanted:
        row = known.get(item.external_id)
        if row is None:
            item.updated_at = changes.now
            new.append(item)
            continue
        item.pk = row.pk
        values = {name: getattr(item, name) for name in _MUTABLE}
        if any(getattr(row, name) != value for name, value in values.items()):
            values["updated_at"] = changes.now
        existing.append((row, values))
    changes.create(Item, new, counter="items")
    changes.update(Item, existing, counter="items")


def seen_at(changes: Changes, opened: Sequence[tuple[Identity, Item, dt.datetime]]) -> None:
    """Record who opened which item, once, and note when each identity was first and last seen."""
    source = opened[0][1].source if opened else ""
    ids = [item.external_id for _identity, item, _moment in opened]
    known = set(
        Activity.objects.filter(source=source, external_id__in=ids).values_list("external_id", flat=True)
    )
    changes.create(
        Activity,
        [
            Activity(
                kind=OPENED,
                identity=identity,
                item=item,
                project_id=item.project_id,
                occurred_at=moment,
                source=source,
                external_id=item.external_id,
                recorded_at=changes.now,
            )
            for identity, item, moment in opened
            if item.external_id not in known
        ],
        counter="activities",
    )
    changes.unchanged("activities", len(known))
    note_seen(changes, [(identity, moment) for identity, _item, moment in opened])


def note_seen(changes: Changes, moments: Sequence[tuple[Identity, dt.datetime]]) -> None:
    """Widen each identity's first and last sight to hold these moments."""
    by_identity: dict[int, list[dt.datetime]] = defaultdict(list)
    identities = {identity.pk: identity for identity, _moment in moments}
    for identity, moment in moments:
        by_identity[identity.pk].append(moment)
    changes.update(
        Identity,
        [
            (
                identities[pk],
                {
                    "first_seen_at": min(filter(None, (identities[pk].first_seen_at, *found))),
                    "last_seen_at": max(filter(None, (identities[pk].last_seen_at, *found))),
                },
            )
            for pk, found in by_identity.items()
        ],
        counter="",
    )
