"""Which item of another source is the same: so that what two sources tell of counts once.

An issue is known by its number on GitHub alone; the tables that communities export have no number. What both say is the
repository and the second in which it was opened. Beyond these the author must be the same account, or the title the
same text: see docs/decisions/github-matching.md.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from folkmoot.kernel.text import fold
from folkmoot.ledger.models import Activity, Item, ItemKey

#: The kind of activity that opens an item.
OPENED = "item.opened"
#: Kinds of item that several sources tell of.
KINDS = ("issue", "pull_request")
#: The sources that are read while they live (``github``, ``github:HOST``), as a condition on items and their keys.
LIVE = Q(source="github") | Q(source__startswith="github:")

#: Items that only tables of sprints tell of.
SPRINTS = Q(source="sprints")


@dataclass(frozen=True)
class Opening:
    """The opening of an item as a source tells it; ``key`` is the source's name for the item."""

    key: str
    project_id: int
    at: dt.datetime
    identity_id: int | None
    title: str


@dataclass(frozen=True)
class Same:
    """An item that is known already, and the activity that opened it."""

    item: Item
    opening: Activity | None


def named(source: str, keys: Collection[str]) -> dict[str, Item]:
    """The items that a source knows by these keys, its own and those it has given another name; two queries."""
    found = {item.external_id: item for item in Item.objects.filter(source=source, external_id__in=keys)}
    others = ItemKey.objects.filter(source=source, external_id__in=keys).select_related("item")
    return found | {other.external_id: other.item for other in others}


def find_same(openings: Sequence[Opening], *, source: str, among: Q) -> dict[str, Same]:
    """Items of other sources that these openings tell of, by key; each item once. Two queries.

    Args:
        source: whose openings they are: an item that it knows by any name is not offered again.
        among: the other sources' items.
    """
    if not openings:
        return {}
    known = ItemKey.objects.filter(source=source, item=OuterRef("pk"))
    rows = (
        Item.objects.filter(
            among,
            project__in={one.project_id for one in openings},
            opened_at__in={one.at for one in openings},
            kind__in=KINDS,
        )
        .exclude(source=source)
        .exclude(Exists(known))
        .order_by("pk")
    )
    places: dict[tuple[int | None, dt.datetime | None], list[Item]] = defaultdict(list)
    for item in rows:
        places[item.project_id, item.opened_at].append(item)
    opened = {
        activity.item_id: activity
        for activity in Activity.objects.filter(
            kind=OPENED, item__in=[item.pk for items in places.values() for item in items]
        ).order_by("-pk")
    }
    return _pair(openings, places, opened)


def _pair(
    openings: Sequence[Opening],
    places: Mapping[tuple[int | None, dt.datetime | None], Sequence[Item]],
    opened: Mapping[int | None, Activity],
) -> dict[str, Same]:
    """The likest first: author and title, author, title; what is neither is another item."""
    found: dict[str, Same] = {}
    taken: set[int] = set()
    for author, title in ((True, True), (True, False), (False, True)):
        for one in openings:
            if one.key in found:
                continue
            for item in places.get((one.project_id, one.at), ()):
                opening = opened.get(item.pk)
                same_author = (
                    opening is not None
                    and one.identity_id is not None
                    and opening.identity_id == one.identity_id
                )
                same_title = fold(item.title) == fold(one.title)
                if item.pk not in taken and same_author >= author and same_title >= title:
                    found[one.key] = Same(item, opening)
                    taken.add(item.pk)
                    break
    return found
