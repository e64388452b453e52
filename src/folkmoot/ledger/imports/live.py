"""Rows of a table that tell of what another source shows, too: they get a second name there, and count once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q

from folkmoot.kernel.imports.changes import Changes
from folkmoot.ledger.matching import LIVE, SPRINTS, Opening, find_same
from folkmoot.ledger.models import Item, ItemKey


class LiveNames:
    """Which rows of a chunk are items that a live source shows, or another table told of first.

    Attributes:
        live: the rows' keys. Their titles, states and labels are the other source's, and their opening stands already.
    """

    def __init__(
        self, changes: Changes, source: str, known: Mapping[str, Item], *, among: Q = LIVE | SPRINTS
    ) -> None:
        self._changes, self._source, self._known, self._among = changes, source, known, among
        self.live: set[str] = set()

    def find(self, openings: Sequence[Opening]) -> None:
        """Look for them, and give those that are found a second name."""
        shown = set(
            ItemKey.objects.filter(LIVE, item__in=[item.pk for item in self._known.values()]).values_list(
                "item_id", flat=True
            )
        )
        for key, item in self._known.items():
            if item.source != self._source or item.pk in shown:
                self.live.add(key)
        self._changes.unchanged("items", len(self.live))
        self._changes.unchanged("activities", len(self.live))
        same = find_same(
            [one for one in openings if one.key not in self._known], source=self._source, among=self._among
        )
        self._changes.create(
            ItemKey,
            [
                ItemKey(item=one.item, opening=one.opening, source=self._source, external_id=key)
                for key, one in same.items()
            ],
            counter="",
        )
        self._changes.unchanged("items", len(same))
        self._changes.unchanged("activities", sum(one.opening is not None for one in same.values()))
        self.live |= set(same)
