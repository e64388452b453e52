"""Planning the grid of an unconference: what is to be placed, what it costs, the best of it; knows no database."""

from __future__ import annotations

from folkmoot.training.planning.explaining import Reason, why_not
from folkmoot.training.planning.problem import (
    Assignment,
    Candidate,
    Clash,
    Place,
    Problem,
    Space,
    clashes,
    cost,
    gain,
    greedy,
    per_round,
)
from folkmoot.training.planning.solving import Solution, solve

__all__ = [
    "Assignment",
    "Candidate",
    "Clash",
    "Place",
    "Problem",
    "Reason",
    "Solution",
    "Space",
    "clashes",
    "cost",
    "gain",
    "greedy",
    "per_round",
    "solve",
    "why_not",
]
