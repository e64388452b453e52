"""How fast the grid of a large unconference is planned: 60 proposals, 300 voters, 8 rounds, 6 spaces."""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import combinations

from folkmoot.training.planning import Candidate, Place, Problem, Space, clashes, cost, gain, greedy, solve

SEED = 20_261_130
PROPOSALS, VOTERS, ROUNDS, EACH = 60, 300, 8, 6
SEATS = (20, 30, 40, 60, None, 15)


def made_up() -> Problem:
    """People who come for something like one another: those near in taste choose the same."""
    chance = random.Random(SEED)
    about = [chance.random() for _ in range(PROPOSALS)]
    votes: Counter[int] = Counter()
    together: Counter[tuple[int, int]] = Counter()
    for _ in range(VOTERS):
        taste = chance.random()
        liked = sorted(range(PROPOSALS), key=lambda key: abs(about[key] - taste) + chance.random() * 0.4)
        chosen = sorted(liked[:EACH])
        votes.update(chosen)
        together.update(combinations(chosen, 2))
    candidates = tuple(
        Candidate(
            key,
            votes=votes[key],
            crowd=votes[key],
            leader=f"leader {key % 40}",
            barred=frozenset({key % ROUNDS}) if key % 5 == 0 else frozenset(),
            needs=frozenset({"projector"}) if key % 4 == 0 else frozenset(),
            pinned=Place(2, 3) if key == 7 else None,
        )
        for key in range(PROPOSALS)
    )
    spaces = tuple(
        Space(number, seats, frozenset({"projector"}) if number < 3 else frozenset())
        for number, seats in enumerate(SEATS)
    )
    return Problem(candidates, tuple(range(ROUNDS)), spaces, dict(together))


def test_a_large_grid_is_planned_in_ten_seconds() -> None:
    problem = made_up()
    first = greedy(problem)
    begun = time.monotonic()
    solution = solve(problem)
    seconds = time.monotonic() - begun
    left = sum(clash.people for clash in clashes(problem, solution.found))
    by_hand = sum(clash.people for clash in clashes(problem, first))
    print(f"\n{seconds:.1f} s; {len(solution.found)} placed, {left} clashes left (one by one: {by_hand})")
    assert seconds < 10
    assert len(solution.found) == ROUNDS * len(SEATS)
    assert (gain(problem, solution.found), -cost(problem, solution.found)) >= (
        gain(problem, first),
        -cost(problem, first),
    )
