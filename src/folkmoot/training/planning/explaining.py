"""Why a proposal has no place."""

from __future__ import annotations

from dataclasses import dataclass

from folkmoot.training.planning.problem import Assignment, Place, Problem, led_there


@dataclass(frozen=True)
class Reason:
    """Why something was not placed.

    Attributes:
        what: ``no_rounds`` · ``no_space`` (none has what it needs) · ``never`` (its leader can at no round) ·
            ``leader`` (wherever something is free its leader leads something else) · ``full`` (others have more votes)
            · ``free`` (there is a place by now).
        needs: what is needed, where that stands in the way.
        votes: of the one with the fewest votes that has such a place.
    """

    what: str
    needs: tuple[str, ...] = ()
    votes: int | None = None


def why_not(problem: Problem, found: Assignment, key: int) -> Reason:
    """Why it has no place in this arrangement."""
    one = problem.by_key[key]
    needs = tuple(sorted(one.needs))
    if not problem.rounds or not problem.spaces:
        return Reason("no_rounds")
    if not any(one.needs <= space.has for space in problem.spaces):
        return Reason("no_space", needs)
    if all(round_ in problem.barred[key] for round_ in problem.rounds):
        return Reason("never")
    taken = {place: other for other, place in found.items()}
    allowed = [
        place
        for round_ in problem.rounds
        for space in problem.spaces
        if problem.fits(key, place := Place(round_, space.key))
    ]
    free = [place for place in allowed if place not in taken]
    if free:
        if all(led_there(problem, found, key, place.round) for place in free):
            return Reason("leader")
        return Reason("free")
    votes = [problem.by_key[taken[place]].votes for place in allowed if taken[place] in problem.by_key]
    return Reason("full", needs, min(votes) if votes else None)
