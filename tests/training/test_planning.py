"""The planner of grids: what always holds, and that nothing better is missed."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.training.planning import (
    Candidate,
    Place,
    Problem,
    Reason,
    Space,
    clashes,
    cost,
    gain,
    greedy,
    per_round,
    solve,
    why_not,
)

WORDS = ("projector", "step-free")
USUAL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def problems(draw: st.DrawFn, most: int = 5, most_rounds: int = 2, most_spaces: int = 2) -> Problem:
    rounds = tuple(range(draw(st.integers(1, most_rounds))))
    spaces = tuple(
        Space(
            100 + number,
            draw(st.none() | st.integers(0, 6)),
            frozenset(draw(st.sets(st.sampled_from(WORDS)))),
        )
        for number in range(draw(st.integers(1, most_spaces)))
    )
    number = draw(st.integers(0, most))
    places = [Place(round_, space.key) for round_ in rounds for space in spaces]
    pinned = draw(st.permutations(places))
    candidates = []
    for key in range(1, number + 1):
        is_pinned = key <= len(places) and draw(st.integers(0, 9)) == 0
        candidates.append(
            Candidate(
                key,
                votes=draw(st.integers(0, 9)),
                crowd=draw(st.integers(0, 9)),
                leader=draw(st.sampled_from(["", "", "ana", "ben"])),
                barred=frozenset(draw(st.sets(st.sampled_from(rounds), max_size=1))),
                needs=frozenset(draw(st.sets(st.sampled_from(WORDS), max_size=1))),
                pinned=pinned[key - 1] if is_pinned else None,
            )
        )
    pairs = list(itertools.combinations(range(1, number + 1), 2))
    together = {pair: people for pair in pairs if (people := draw(st.integers(0, 5)))}
    return Problem(tuple(candidates), rounds, spaces, together)


def legal(problem: Problem, found: dict[int, Place]) -> bool:
    """What must hold, apart from what pins force."""
    if len(set(found.values())) != len(found):
        return False
    led = [
        (one.leader, found[one.key].round)
        for one in problem.candidates
        if one.leader and one.key in found and one.pinned is None
    ]
    busy = {
        (one.leader, one.pinned.round) for one in problem.candidates if one.leader and one.pinned is not None
    }
    return (
        all(found.get(key) == at for key, at in problem.pins.items())
        and all(problem.fits(key, at) for key, at in found.items())
        and len(set(led)) == len(led)
        and not busy & set(led)
    )


def by_trying_all(problem: Problem) -> tuple[int, int]:
    """Worth and cost of the best arrangement there is."""
    places: list[Place | None] = [
        None,
        *(Place(round_, space.key) for round_ in problem.rounds for space in problem.spaces),
    ]
    best = (-1, 0)
    for chosen in itertools.product(places, repeat=len(problem.candidates)):
        found = {one.key: at for one, at in zip(problem.candidates, chosen, strict=True) if at is not None}
        if legal(problem, found):
            best = max(best, (gain(problem, found), -cost(problem, found)))
    return best[0], -best[1]


@USUAL
@given(problems())
def test_a_small_grid_is_the_best_there_is(problem: Problem) -> None:
    solution = solve(problem, seconds=20)
    assert legal(problem, solution.found)
    assert (gain(problem, solution.found), cost(problem, solution.found)) == by_trying_all(problem)
    assert solution.is_proven


@settings(USUAL, max_examples=25)
@given(problems(most=16, most_rounds=4, most_spaces=4))
def test_a_larger_grid_keeps_the_rules_and_is_never_worse_than_greedy(problem: Problem) -> None:
    first, solution = greedy(problem), solve(problem, seconds=3)
    assert legal(problem, first)
    assert legal(problem, solution.found)
    assert (gain(problem, solution.found), -cost(problem, solution.found)) >= (
        gain(problem, first),
        -cost(problem, first),
    )


def test_nobody_leads_twice_needs_are_met_and_a_leader_who_cannot_come_is_not_planned() -> None:
    problem = Problem(
        (
            Candidate(1, votes=9, leader="ana"),
            Candidate(2, votes=8, leader="ana"),
            Candidate(3, votes=7, needs=frozenset({"projector"})),
            Candidate(4, votes=6, barred=frozenset({1}), leader="ben"),
        ),
        (1, 2),
        (Space(10), Space(11, has=frozenset({"projector"}))),
    )
    found = solve(problem).found
    assert sorted(found) == [1, 2, 3, 4]
    assert {found[1].round, found[2].round} == {1, 2}
    assert found[3].space == 11
    assert found[4].round == 2


def test_those_with_the_most_votes_get_a_place_and_the_others_are_told_why() -> None:
    problem = Problem(
        (
            Candidate(1, votes=5),
            Candidate(2, votes=3),
            Candidate(3, votes=9, needs=frozenset({"projector"})),
            Candidate(4, votes=1, barred=frozenset({1}), leader="ana"),
        ),
        (1,),
        (Space(10),),
    )
    found = solve(problem).found
    assert found == {1: Place(1, 10)}
    assert why_not(problem, found, 2) == Reason("full", (), 5)
    assert why_not(problem, found, 3) == Reason("no_space", ("projector",))
    assert why_not(problem, found, 4) == Reason("never")
    assert why_not(Problem(problem.candidates, (), ()), {}, 1) == Reason("no_rounds")
    assert why_not(problem, {}, 2) == Reason("free")


def test_what_many_wanted_together_is_apart_and_a_pin_holds() -> None:
    together = {(1, 2): 12, (3, 4): 4, (1, 3): 1}
    candidates = tuple(
        Candidate(key, votes=20, crowd=20, pinned=Place(1, 11) if key == 2 else None) for key in range(1, 5)
    )
    problem = Problem(candidates, (1, 2), (Space(10, 30), Space(11, 30)), together)
    found = solve(problem).found
    assert found[2] == Place(1, 11)
    assert clashes(problem, found) == [(1, 1, 3)] or clashes(problem, found) == []
    assert found[1].round == 2
    assert per_round(problem, found, 2) == {1: 0, 2: 12}


def test_nothing_to_place_is_no_problem() -> None:
    assert solve(Problem((), (1,), (Space(10),))).found == {}
    assert solve(Problem((Candidate(1),), (), ())).found == {}
