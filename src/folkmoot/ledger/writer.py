"""The ledger as the writer behind ``kernel.events.record``."""

from __future__ import annotations

from collections.abc import Sequence

from folkmoot.kernel import events
from folkmoot.ledger.models import Activity


@events.register_writer
def write(happenings: Sequence[events.Happening]) -> int:
    """Add activities in the caller's transaction; those known by source and external id are left alone.

    Returns:
        how many were new.
    """
    sources = {h.source for h in happenings}
    ids = [h.external_id for h in happenings]
    known = set(
        Activity.objects.filter(source__in=sources, external_id__in=ids).values_list("source", "external_id")
    )
    fresh = {(h.source, h.external_id): h for h in happenings if (h.source, h.external_id) not in known}
    Activity.objects.bulk_create(
        [
            Activity(
                kind=h.kind,
                identity_id=h.identity_id,
                item_id=h.item_id,
                project_id=h.project_id,
                occurred_at=h.occurred_at,
                source=h.source,
                external_id=h.external_id,
                detail=h.detail,
            )
            for h in fresh.values()
        ],
        batch_size=500,
    )
    return len(fresh)
