"""What is to be planned: proposals, rounds and spaces as plain values, and what an arrangement costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

#: What it costs that somebody wanted two sessions at the same time, and that somebody finds no seat.
CLASH, NO_SEAT = 2, 1


class Place(NamedTuple):
    """A space in a round, by their numbers."""

    round: int
    space: int


#: By proposal, where it is.
Assignment = Mapping[int, Place]


@dataclass(frozen=True)
class Space:
    """A room, a table, an online room.

    Attributes:
        seats: ``None``: as many as come.
        has: what it has, folded.
    """

    key: int
    seats: int | None = None
    has: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A proposal that wants a place.

    Attributes:
        votes: how many want it: with too few places those with the most get one.
        crowd: how many may come, for the seats.
        leader: who leads it; ``""``: nobody is named, so nobody can be in two places.
        barred: rounds at which it cannot be.
        needs: what a space must have, folded.
        pinned: where it stays, whatever else holds.
    """

    key: int
    votes: int = 0
    crowd: int = 0
    leader: str = ""
    barred: frozenset[int] = frozenset()
    needs: frozenset[str] = frozenset()
    pinned: Place | None = None


class Clash(NamedTuple):
    """Two proposals in the same round, and how many wanted both."""

    people: int
    one: int
    other: int


@dataclass(frozen=True)
class Problem:
    """What is to be planned.

    Attributes:
        rounds: those with sessions, in their order; breaks are not among them.
        together: how many wanted both, by pair of proposals, the smaller number first; zeros are left out.
    """

    candidates: tuple[Candidate, ...]
    rounds: tuple[int, ...]
    spaces: tuple[Space, ...]
    together: Mapping[tuple[int, int], int] = field(default_factory=dict)

    @cached_property
    def by_key(self) -> dict[int, Candidate]:
        """Candidates by their number."""
        return {one.key: one for one in self.candidates}

    @cached_property
    def by_space(self) -> dict[int, Space]:
        """Spaces by their number."""
        return {one.key: one for one in self.spaces}

    @cached_property
    def barred(self) -> dict[int, frozenset[int]]:
        """By proposal, the rounds at which it cannot be: what one leader cannot holds for all that they lead."""
        of_leader: dict[str, set[int]] = defaultdict(set)
        for one in self.candidates:
            if one.leader:
                of_leader[one.leader] |= one.barred
        return {
            one.key: one.barred | frozenset(of_leader[one.leader] if one.leader else ())
            for one in self.candidates
        }

    @cached_property
    def pins(self) -> dict[int, Place]:
        """What stays where it is."""
        return {one.key: one.pinned for one in self.candidates if one.pinned is not None}

    @cached_property
    def neighbours(self) -> dict[int, dict[int, int]]:
        """By proposal, which others its voters wanted too, and how many of them."""
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for (one, other), people in self.together.items():
            found[one][other] = found[other][one] = people
        return found

    @cached_property
    def prize(self) -> int:
        """What placing a proposal is worth beside its votes: more than all votes, so that the number comes first."""
        return 1 + sum(one.votes for one in self.candidates)

    def worth(self, key: int) -> int:
        """What placing it is worth."""
        return self.prize + self.by_key[key].votes

    def fits(self, key: int, place: Place) -> bool:
        """It may be there, whatever else is: its leader can, and the space has what it needs; a pin decides alone."""
        one = self.by_key[key]
        if one.pinned is not None:
            return place == one.pinned
        return place.round not in self.barred[key] and one.needs <= self.by_space[place.space].has

    @cached_property
    def places(self) -> dict[int, list[Place]]:
        """By proposal, where it may be, as if nothing else were there."""
        pinned = set(self.pins.values())
        return {
            one.key: [one.pinned]
            if one.pinned is not None
            else [
                place
                for round_ in self.rounds
                for space in self.spaces
                if (place := Place(round_, space.key)) not in pinned and self.fits(one.key, place)
            ]
            for one in self.candidates
        }

    def no_seat(self, key: int, space: int) -> int:
        """How many would find no seat there."""
        seats = self.by_space[space].seats
        return 0 if seats is None else max(0, self.by_key[key].crowd - seats)


def gain(problem: Problem, found: Assignment) -> int:
    """What an arrangement is worth: how many are placed, then with how many votes."""
    return sum(problem.worth(key) for key in found)


def cost(problem: Problem, found: Assignment) -> int:
    """What an arrangement costs: clashes, and people without a seat."""
    wanted = sum(clash.people for clash in clashes(problem, found))
    return CLASH * wanted + NO_SEAT * sum(problem.no_seat(key, place.space) for key, place in found.items())


def clashes(problem: Problem, found: Assignment) -> list[Clash]:
    """Which proposals at the same time were wanted by the same people, the worst first."""
    made = [
        Clash(people, one, other)
        for (one, other), people in problem.together.items()
        if one in found and other in found and found[one].round == found[other].round
    ]
    return sorted(made, key=lambda clash: (-clash.people, clash.one, clash.other))


def per_round(problem: Problem, found: Assignment, key: int) -> dict[int, int]:
    """By round, how many clashes a proposal has or would have there, with all else as it is."""
    made = dict.fromkeys(problem.rounds, 0)
    for other, people in problem.neighbours.get(key, {}).items():
        if other in found and found[other].round in made:
            made[found[other].round] += people
    return made


def led_there(problem: Problem, found: Assignment, key: int, round_: int, *, but: Iterable[int] = ()) -> bool:
    """Its leader leads something else in that round."""
    leader = problem.by_key[key].leader
    left_out = {key, *but}
    return bool(leader) and any(
        place.round == round_ and other not in left_out and problem.by_key[other].leader == leader
        for other, place in found.items()
    )


def greedy(problem: Problem) -> dict[int, Place]:
    """One after the other, those with the most votes first, each where it costs least: what a person would do."""
    found = dict(problem.pins)
    taken = set(found.values())
    for one in sorted(problem.candidates, key=lambda one: (-one.votes, one.key)):
        if one.key in found:
            continue
        load = per_round(problem, found, one.key)
        free = [
            place
            for place in problem.places[one.key]
            if place not in taken and not led_there(problem, found, one.key, place.round)
        ]
        if free:
            best = min(
                free,
                key=lambda at: CLASH * load[at.round] + NO_SEAT * problem.no_seat(one.key, at.space),
            )
            found[one.key] = best
            taken.add(best)
    return found
