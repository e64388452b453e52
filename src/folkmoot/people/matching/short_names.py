"""Given names and the short forms by which their bearers are known (``people/seeds/short-names.yml``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from folkmoot.people.matching.tables import table


@cache
def _short_forms() -> Mapping[str, set[str]]:
    """Name to its short forms, and back."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, said in table("short-names").items():
        for short in said.split():
            found[short].add(name)
            found[name].add(short)
    return dict(found)


def is_short_for(one: str, other: str) -> bool:
    """Whether one of two folded names is a short form of the other: in the list, or its first three or four letters."""
    here, there = len(one), len(other)
    if 2 < here < 5 and there - here > 1 and other.startswith(one):
        return True
    if 2 < there < 5 and here - there > 1 and one.startswith(other):
        return True
    return other in _short_forms().get(one, ())
