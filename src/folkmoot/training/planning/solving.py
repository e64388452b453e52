"""Finding the arrangement that is worth most, and of those the one that costs least.

First an integer program says which proposals can be placed at all, so that as many as can be get a place and those with
the most votes come first. Then, with that held, clashes and people without a seat are made as few as possible. For a
small grid one program does that and proves it. For a large one that would take hours, so it is improved step by step:
the sessions of two rounds at a time are arranged anew by a program of their own, until no two rounds can be improved or
the time is over. What comes out is never worse than :func:`~folkmoot.training.planning.problem.greedy`.
"""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from folkmoot.kernel.programs import Program
from folkmoot.training.planning.problem import (
    CLASH,
    NO_SEAT,
    Place,
    Problem,
    cost,
    gain,
    greedy,
    led_there,
    per_round,
)

#: Seconds for the search when nothing else is said.
SECONDS = 8.0
#: Pairs of proposals times rounds up to which everything is tried in one program.
AT_ONCE = 1500
#: Seconds at most for two rounds.
STEP = 2.0
#: ``progress(done, total)`` in seconds; it may raise, and then nothing is found.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Solution:
    """What was found.

    Attributes:
        is_proven: nothing is better.
        seconds: how long it took.
    """

    found: dict[int, Place]
    is_proven: bool
    seconds: float


def solve(problem: Problem, *, seconds: float = SECONDS, progress: Progress | None = None) -> Solution:
    """The best arrangement that is found within so many seconds; pins are kept."""
    begun = time.monotonic()
    total = max(1, int(seconds))

    def left() -> float:
        return seconds - (time.monotonic() - begun)

    def tell() -> None:
        if progress is not None:
            progress(min(total, int(total - left())), total)

    tell()
    best, most_is_proven = _most(problem, max(0.5, left() / 2))
    best = _descend(problem, best)
    whole = _size(problem)
    is_proven = cost(problem, best) == 0 and most_is_proven
    if whole <= AT_ONCE and not is_proven:
        tell()
        better, proven = _at_once(problem, best, max(0.5, left()))
        best, is_proven = better, proven and most_is_proven
    if not is_proven:
        best = _round_by_round(problem, best, left, tell)
    tell()
    return Solution(best, is_proven, time.monotonic() - begun)


def _size(problem: Problem) -> int:
    keys = {one.key for one in problem.candidates if problem.places[one.key]}
    pairs = sum(one in keys and other in keys for one, other in problem.together)
    return (pairs + len(keys)) * len(problem.rounds)


def _most(problem: Problem, seconds: float) -> tuple[dict[int, Place], bool]:
    """The arrangement that is worth most, clashes aside, and whether that is proven; greedy where it is as good."""
    first = greedy(problem)
    program, columns = Program(), {}
    for one in problem.candidates:
        for place in problem.places[one.key]:
            columns[one.key, place] = program.variable(-float(problem.worth(one.key)))
    _rules(problem, program, columns, problem.pins)
    answer = program.solve(seconds, gap=0.0)
    if answer.values is None:
        return first, not columns
    most = _read(columns, answer.values)
    if gain(problem, most) > gain(problem, first):
        return most, answer.is_proven
    return first, answer.is_proven


def _rules(
    problem: Problem,
    program: Program,
    columns: Mapping[tuple[int, Place], int],
    fixed: Mapping[int, Place],
    *,
    all_of_them: bool = False,
) -> None:
    """One place for each, one session in a place, one session of a leader in a round; pins hold first."""
    of_key: dict[int, list[int]] = defaultdict(list)
    of_place: dict[Place, list[int]] = defaultdict(list)
    of_leader: dict[tuple[str, int], list[int]] = defaultdict(list)
    for (key, place), column in columns.items():
        of_key[key].append(column)
        of_place[place].append(column)
        if problem.by_key[key].leader and key not in problem.pins:
            of_leader[problem.by_key[key].leader, place.round].append(column)
    for key, some in of_key.items():
        low = 1 if all_of_them or key in problem.pins else 0
        program.row([(column, 1.0) for column in some], low, 1)
    for some in of_place.values():
        if len(some) > 1:
            program.row([(column, 1.0) for column in some], 0, 1)
    busy = {(problem.by_key[key].leader, place.round) for key, place in fixed.items()}
    for at, some in of_leader.items():
        most = 0 if at in busy else 1
        if len(some) > most:
            program.row([(column, 1.0) for column in some], 0, most)


def _read(columns: Mapping[tuple[int, Place], int], values: np.ndarray) -> dict[int, Place]:
    return {key: place for (key, place), column in columns.items() if values[column] > 0.5}


def _price(
    problem: Problem,
    program: Program,
    columns: Mapping[tuple[int, Place], int],
    pairs: Iterable[tuple[int, int]],
) -> None:
    """A variable for each pair that is wanted together, which is 1 when both are in the same round."""
    in_round: dict[tuple[int, int], list[int]] = defaultdict(list)
    for (key, place), column in columns.items():
        in_round[key, place.round].append(column)
    rounds = {place.round for _key, place in columns}
    for one, other in pairs:
        both = None
        for round_ in rounds:
            mine, theirs = in_round.get((one, round_)), in_round.get((other, round_))
            if mine and theirs:
                if both is None:
                    both = program.variable(float(CLASH * problem.together[one, other]), whole=False)
                program.row([*((c, 1.0) for c in (*mine, *theirs)), (both, -1.0)], -np.inf, 1)


def _at_once(problem: Problem, best: dict[int, Place], seconds: float) -> tuple[dict[int, Place], bool]:
    """Everything in one program that has to cost less than what is known; whether the outcome is proven."""
    program, columns = Program(), {}
    for one in problem.candidates:
        for place in problem.places[one.key]:
            columns[one.key, place] = program.variable(float(NO_SEAT * problem.no_seat(one.key, place.space)))
    _rules(problem, program, columns, problem.pins)
    worth = [(column, float(problem.worth(key))) for (key, _place), column in columns.items()]
    program.row(worth, gain(problem, best) - 0.5, np.inf)
    _price(problem, program, columns, problem.together)
    known = cost(problem, best)
    program.row([(c, price) for c, price in enumerate(program.costs) if price], -np.inf, known - 0.5)
    answer = program.solve(seconds, gap=0.0)
    if answer.values is None:
        return best, answer.is_proven
    found = _read(columns, answer.values)
    if gain(problem, found) >= gain(problem, best) and cost(problem, found) < known:
        return found, answer.is_proven
    return best, False


def _round_by_round(
    problem: Problem, best: dict[int, Place], left: Callable[[], float], tell: Callable[[], None]
) -> dict[int, Place]:
    """Two rounds at a time, the worst first, until none gets better or the time is over."""
    done: set[tuple[int, int]] = set()
    while left() > 0:
        loads: dict[int, int] = defaultdict(int)
        for key, place in best.items():
            loads[place.round] += per_round(problem, best, key).get(place.round, 0)
        open_pairs = [two for two in itertools.combinations(problem.rounds, 2) if two not in done]
        if not open_pairs:
            break
        two = max(open_pairs, key=lambda two: loads[two[0]] + loads[two[1]])
        tell()
        better = _two_rounds(problem, best, two, min(STEP, max(0.1, left())))
        if cost(problem, better) < cost(problem, best):
            best = _descend(problem, better)
            done.clear()
        done.add(two)
    return best


def _two_rounds(
    problem: Problem, best: dict[int, Place], two: tuple[int, int], seconds: float
) -> dict[int, Place]:
    """The sessions of two rounds in a better order; what is pinned there, and all else, stays."""
    free = [key for key, place in best.items() if place.round in two and key not in problem.pins]
    fixed = {key: place for key, place in best.items() if key not in free}
    program, columns = Program(), {}
    for key in free:
        load = per_round(problem, fixed, key)
        for place in problem.places[key]:
            if place.round in two:
                price = CLASH * load[place.round] + NO_SEAT * problem.no_seat(key, place.space)
                columns[key, place] = program.variable(float(price))
    _rules(problem, program, columns, fixed, all_of_them=True)
    chosen = set(free)
    _price(problem, program, columns, [two_ for two_ in problem.together if chosen.issuperset(two_)])
    answer = program.solve(seconds, gap=0.0)
    if answer.values is None:
        return best
    found = {**fixed, **_read(columns, answer.values)}
    return found if len(found) == len(best) else best


def _descend(problem: Problem, best: dict[int, Place]) -> dict[int, Place]:
    """Move and swap single sessions as long as that costs less: a fast start for the programs."""
    found = dict(best)
    movable = [key for key in found if key not in problem.pins]
    better = True
    while better:
        better = False
        loads = {key: per_round(problem, found, key) for key in movable}
        taken = {place: key for key, place in found.items()}
        for key in movable:
            at = found[key]
            best_delta, chosen = 0, None
            for place in problem.places[key]:
                other = taken.get(place)
                delta = _delta(problem, found, loads, key, place, other)
                if delta is not None and delta < best_delta:
                    best_delta, chosen = delta, place
            if chosen is not None:
                other = taken.get(chosen)
                if other is not None:
                    found[other] = at
                found[key] = chosen
                better = True
                break
    return found


def _delta(
    problem: Problem,
    found: Mapping[int, Place],
    loads: Mapping[int, Mapping[int, int]],
    key: int,
    place: Place,
    other: int | None,
) -> int | None:
    """What it adds to the costs to move a session to a place, swapping it with what is there; ``None``: it cannot."""
    at = found[key]
    if place == at or other in problem.pins:
        return None
    if other is not None and (not problem.fits(other, at) or at not in problem.places[other]):
        return None
    if place.round != at.round:
        but = () if other is None else (other,)
        if led_there(problem, found, key, place.round, but=but):
            return None
        if other is not None and led_there(problem, found, other, at.round, but=(key,)):
            return None
    change = NO_SEAT * (problem.no_seat(key, place.space) - problem.no_seat(key, at.space))
    if place.round != at.round:
        between = problem.neighbours.get(key, {}).get(other, 0) if other is not None else 0
        change += CLASH * (loads[key][place.round] - between - loads[key][at.round])
        if other is not None:
            change += CLASH * (loads[other][at.round] - between - loads[other][place.round])
    if other is not None:
        change += NO_SEAT * (problem.no_seat(other, at.space) - problem.no_seat(other, place.space))
    return change
