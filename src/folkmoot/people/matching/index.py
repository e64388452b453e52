"""Records to which others are compared one by one, as they come in: the same keys, weights and threshold as a search.

Everything is packed: some 500 bytes for each record, so that a file of 100,000 rows is compared with as many people.
"""

from __future__ import annotations

import marshal
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from folkmoot.people.matching.blocking import KINDS, MOST
from folkmoot.people.matching.keys import Account
from folkmoot.people.matching.profiles import Profile
from folkmoot.people.matching.scoring import Frequencies, Scored, Scorer

#: A key and the place of its record in one number: 40 bits of the key's hash, 24 of the place.
_PLACE_BITS = 24
_PLACES = (1 << _PLACE_BITS) - 1
_HASH = (1 << 40) - 1
#: So many parts, by the first bits of a hash; each is sorted by itself.
_PARTS = 64
#: Weights are reckoned anew when there are this many times as many records.
_GROWN = 1.02


class Hit(NamedTuple):
    """A record like the one asked for: its place, the record, how alike and why."""

    place: int
    record: Profile
    scored: Scored


class Index:
    """Records by their keys. A record's place is its number, from 0 on.

    Args:
        waiting: how many keys may wait unsorted.
    """

    def __init__(self, waiting: int = 50_000) -> None:
        self._most_waiting = waiting
        self.frequencies = Frequencies(())
        self._packed: list[bytes] = []
        self._sorted = [array("Q") for _part in range(_PARTS)]
        self._waiting: dict[int, list[int]] = defaultdict(list)
        self._scorer = Scorer(self.frequencies)
        self._weighed = 0

    def __len__(self) -> int:
        return len(self._packed)

    def add(self, record: Profile) -> int:
        """Know one more record; returns its place."""
        place = len(self._packed)
        self._packed.append(_pack(record))
        self.frequencies.add(record)
        for key in _hashes(record):
            self._waiting[key].append(place)
        if len(self._waiting) > self._most_waiting:
            self._settle()
        return place

    def alike(self, record: Profile, least: float) -> list[Hit]:
        """The known records that are like this one by at least this score, the likest first."""
        scorer = self._weights()
        found = []
        for place in sorted(self._places(record)):
            known = _unpack(self._packed[place])
            scored = scorer.score(known, record)
            if scored.score >= least:
                found.append(Hit(place, known, scored))
        return sorted(found, key=lambda hit: (-hit.scored.score, hit.place))

    def _weights(self) -> Scorer:
        if len(self) > self._weighed * _GROWN:
            self._scorer, self._weighed = Scorer(self.frequencies), len(self)
        return self._scorer

    def _places(self, record: Profile) -> set[int]:
        met: set[int] = set()
        for key in _hashes(record):
            part = self._sorted[key % _PARTS]
            low = bisect_left(part, key << _PLACE_BITS)
            waiting = self._waiting.get(key, ())
            # one more than may share a key, so that a frequent one is known as such
            members = [one & _PLACES for one in part[low : low + MOST] if one >> _PLACE_BITS == key]
            if len(members) + len(waiting) < MOST:
                met.update(members, waiting)
        return met

    def _settle(self) -> None:
        """Put the keys that wait in order, beside the others."""
        fresh: list[list[int]] = [[] for _part in range(_PARTS)]
        for key, places in self._waiting.items():
            fresh[key % _PARTS] += (key << _PLACE_BITS | place for place in places)
        self._waiting.clear()
        for number, numbers in enumerate(fresh):
            numbers.sort()
            self._sorted[number] = array("Q", sorted([*self._sorted[number], *numbers]))


def _hashes(record: Profile) -> Iterator[int]:
    """Its keys, each once, told apart by kind."""
    for kind, keys in enumerate(KINDS):
        yield from {hash((kind, key)) & _HASH for key in keys(record)}


def _pack(record: Profile) -> bytes:
    values = {name: getattr(record, name) for name in Profile.__slots__}
    values["accounts"] = [(one.system, one.login, one.number) for one in record.accounts]
    return marshal.dumps(list(values.values()))


def _unpack(packed: bytes) -> Profile:
    record = Profile()
    for name, value in zip(Profile.__slots__, marshal.loads(packed), strict=True):  # noqa: S302 - packed here
        setattr(record, name, value)
    accounts: list[tuple[str, str, str]] = list(record.accounts)  # type: ignore[arg-type]
    record.accounts = tuple(Account(*account) for account in accounts)
    return record
