"""Which records are compared at all: those that share a key. All with all would be far too many.

A key that too many share says little, and is passed over: the same people meet under a narrower one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from folkmoot.people.matching.profiles import Profile

#: As many records as may share a key.
MOST = 20
_LEAST_USER = 4

Keys = Callable[[Profile], Iterable[str]]


def name_keys(record: Profile) -> Iterator[str]:
    """The whole name, in whatever order its words stand."""
    for name in record.names:
        if len(name) > 1:
            yield " ".join(sorted(name))


def typo_keys(record: Profile) -> Iterator[str]:
    """One end of the name whole, of the other one its beginning, or its end."""
    for name in record.names:
        if len(name) > 1 and len(name[-1]) > 2:
            yield f"{name[0]}>{name[-1][:3]}"
            yield f"{name[0]}<{name[-1][-3:]}"
            yield f"{name[0][:3]}>{name[-1]}"
            yield f"{name[0][-2:]}<{name[-1]}"


def forms(name: Sequence[str]) -> Iterator[str]:
    """The handles that people make of this name."""
    given, family = name[0], name[-1]
    yield given + family
    yield family + given
    yield given[0] + family
    yield family + given[0]
    yield given + family[0]
    if len(name) > 2:
        yield given + name[1]
        yield given[0] + name[1]


def is_made_of(user: str, name: Sequence[str]) -> bool:
    """Whether a login or user of an address is one of the :func:`forms` of this name."""
    if len(name) < 2:
        return False
    given, family = name[0], name[-1]
    length = len(user)
    if length == len(given) + len(family) and user in (given + family, family + given):
        return True
    if length == len(family) + 1 and user in (given[0] + family, family + given[0]):
        return True
    if length == len(given) + 1 and user == given + family[0]:
        return True
    return len(name) > 2 and user in (given + name[1], given[0] + name[1])


def user_keys(record: Profile) -> Iterator[str]:
    """Logins and users of addresses, and what people make of their names as such."""
    for user in record.users:
        if len(user) >= _LEAST_USER:
            yield user
            bare = user.rstrip("0123456789")
            if bare != user and len(bare) >= _LEAST_USER:
                yield bare
    for name in record.names:
        if len(name) > 1:
            yield from forms(name)


def user_part_keys(record: Profile) -> Iterator[str]:
    """The beginning and the end of longer users, where they have their address: typing errors."""
    for address in record.emails:
        user, _at, domain = address.rpartition("@")
        if len(user) > 6:
            yield f"{user[:5]}>{domain}"
            yield f"{user[-5:]}<{domain}"


def email_keys(record: Profile) -> Iterator[str]:
    """Whole addresses."""
    return iter(record.emails)


def home_keys(record: Profile) -> Iterator[str]:
    """A word of the name where somebody belongs: for first names alone, and names that many have."""
    homes = [*record.domains, *(" ".join(one) for one in record.organizations)]
    for name in record.names:
        for word in {name[0], name[-1]}:
            for home in homes:
                yield f"{word}@{home}"
            if record.country and len(name) > 1:
                yield f"{name[0]} {name[-1]}@{record.country}"


KINDS: tuple[Keys, ...] = (
    name_keys,
    email_keys,
    user_keys,
    typo_keys,
    user_part_keys,
    home_keys,
)


class Blocks:
    """Who shares a key with whom. Kept as plain numbers, so that millions fit."""

    def __init__(self, records: Sequence[Profile], kinds: Sequence[Keys] = KINDS, most: int = MOST) -> None:
        self._count = len(records)
        self._kinds = [_Kind(records, keys, most) for keys in kinds]

    def pairs(self, chosen: Collection[int] | None = None) -> Iterator[tuple[int, int]]:
        """Each pair that shares a key, once, the smaller place first.

        Args:
            chosen: only pairs of which at least one stands here.
        """
        for place in range(self._count) if chosen is None else sorted(chosen):
            met: set[int] = set()
            for kind in self._kinds:
                kind.meet(place, met)
            for other in sorted(met):
                if chosen is None:
                    if other > place:
                        yield place, other
                elif other != place and not (other in chosen and other < place):
                    yield min(place, other), max(place, other)


class _Kind:
    """The blocks of one kind of key: members of each block, and blocks of each record, in flat rows of numbers."""

    def __init__(self, records: Sequence[Profile], keys: Keys, most: int) -> None:
        sizes: dict[int, int] = {}
        for record in records:
            for key in {hash(key) for key in keys(record)}:
                sizes[key] = sizes.get(key, 0) + 1
        blocks: dict[int, int] = {}
        starts = array("Q", [0])
        for key, size in sizes.items():
            if 1 < size <= most:
                blocks[key] = len(starts) - 1
                starts.append(starts[-1] + size)
        del sizes
        self._starts = starts
        self._members = array("I", bytes(4 * starts[-1]))
        fill = array("Q", starts)
        self._of = array("I")
        self._of_starts = array("Q", [0])
        for place, record in enumerate(records):
            for key in {hash(key) for key in keys(record)}:
                block = blocks.get(key)
                if block is not None:
                    self._members[fill[block]] = place
                    fill[block] += 1
                    self._of.append(block)
            self._of_starts.append(len(self._of))

    def meet(self, place: int, met: set[int]) -> None:
        """Add all that share a key with this record, itself too."""
        for block in self._of[self._of_starts[place] : self._of_starts[place + 1]]:
            met.update(self._members[self._starts[block] : self._starts[block + 1]])
