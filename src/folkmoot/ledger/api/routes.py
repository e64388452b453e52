"""All operations of the ledger, in the order of the reference."""

from __future__ import annotations

from ninja import Router

from folkmoot.ledger.api import activities, items, metrics

router = Router()
for _part, _label in ((activities, "Activity"), (items, "Items"), (metrics, "Metrics")):
    router.add_router("", _part.router, tags=[_label])
