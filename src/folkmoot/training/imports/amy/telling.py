"""What the ledger is told of what AMY brings: each once, however often it is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from folkmoot.kernel import ids
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.text import fold
from folkmoot.ledger.public import Activity
from folkmoot.people.public import Identity
from folkmoot.training.imports.amy.common import Chunk
from folkmoot.training.telling import SOURCE

INTERNAL = "internal"


def tell(chunk: Chunk, told: Sequence[tuple[str, int, Any, Callable[[Any], Activity]]]) -> None:
    """Note what happened; four statements at most.

    Args:
        told: the activity's own key, the person, and what makes the activity of a record.
    """
    keys = {key for key, *_rest in told}
    known = set(
        Activity.objects.filter(source=SOURCE, external_id__in=keys).values_list("external_id", flat=True)
    )
    chunk.changes.unchanged("activities", len(known))
    new = [one for one in told if one[0] not in known]
    identities = identities_of(chunk.changes, {person for _key, person, _row, _make in new})
    rows = []
    for key, person, row, make in new:
        activity = make(row)
        activity.identity_id = identities[person]
        activity.source, activity.external_id = SOURCE, key
        activity.recorded_at = chunk.changes.now
        rows.append(activity)
    chunk.changes.create(Activity, rows, counter="activities")


def identities_of(changes: Changes, people: set[int]) -> dict[int, int]:
    """The identity by which the ledger knows each of these people; one of the house's own where they have none."""
    found: dict[int, int] = {}
    if people:
        rows = Identity.objects.filter(person__in=people).order_by("pk")
        for pk, person in rows.values_list("pk", "person_id"):
            found.setdefault(person, pk)
    new = [
        Identity(person_id=person, system=INTERNAL, value=value, folded=fold(value))
        for person in sorted(people - set(found))
        for value in [ids.token(12)]
    ]
    for row in changes.create(Identity, new, counter="identities"):
        found[row.person_id] = row.pk
    return found
