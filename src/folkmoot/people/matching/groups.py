"""Records that hang together by candidates: shown as one group, unless it grows too large or contradicts itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

#: As many records as a group may have.
MOST = 8


class Link(NamedTuple):
    """Two records, by number, and how alike they are."""

    score: float
    one: int
    other: int


def group(
    links: Iterable[Link], *, most: int = MOST, fits: Callable[[int, int], bool] | None = None
) -> tuple[dict[int, int], list[Link]]:
    """Put records together along the strongest links first.

    Args:
        fits: whether two records can be one person at all; a group never holds two that cannot.

    Returns:
        the group of each record (the smallest number in it), and the links that were cut: those that would have made a
        group too large, or one that contradicts itself.
    """
    top: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    cut: list[Link] = []
    for link in sorted(links, key=lambda one: (-one.score, one.one, one.other)):
        one, other = (top.setdefault(record, record) for record in (link.one, link.other))
        mine, theirs = members.setdefault(one, [one]), members.setdefault(other, [other])
        if one == other:
            continue
        clash = fits is not None and not all(fits(a, b) for a in mine for b in theirs)
        if clash or len(mine) + len(theirs) > most:
            cut.append(link)
            continue
        low, high = min(one, other), max(one, other)
        members[low] += members.pop(high)
        for record in members[low]:
            top[record] = low
    return top, cut
