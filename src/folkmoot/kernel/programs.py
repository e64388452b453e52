"""Integer programs: rows and columns as they are gathered, and scipy's answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes:
        values: of each variable, in the order in which they were made; ``None``: nothing was found in time, or there
            is nothing to find.
        is_proven: nothing better can be found; where there are no values: there are none.
    """

    values: np.ndarray | None
    is_proven: bool


@dataclass
class Program:
    """Variables from 0 up to a bound with their costs, and rows that hold; what they cost together is made as small as
    possible.
    """

    costs: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    entries: list[tuple[int, int, float]] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)

    def variable(self, cost: float, upper: float = 1.0, *, whole: bool = True) -> int:
        """Add a variable; returns its number."""
        self.costs.append(cost)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.costs) - 1

    def row(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        """Add that so much of these variables lies between two bounds."""
        number = len(self.lows)
        self.entries += [(number, column, value) for column, value in terms]
        self.lows.append(low)
        self.highs.append(high)

    def solve(self, seconds: float, gap: float = 1e-4) -> Answer:
        """The best within so many seconds.

        Args:
            gap: how far, as a part of the costs, from the best an answer may be that counts as the best.
        """
        if not self.costs:
            return Answer(None, True)
        if not self.entries:
            return Answer(np.where(np.array(self.costs) < 0, np.array(self.upper), 0.0), True)
        rows, columns, values = zip(*self.entries, strict=True)
        matrix = csr_array((values, (rows, columns)), shape=(len(self.lows), len(self.costs)))
        answer = milp(
            np.array(self.costs),
            integrality=np.array(self.whole),
            bounds=Bounds(0, np.array(self.upper)),
            constraints=LinearConstraint(matrix, np.array(self.lows), np.array(self.highs)),
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        found = None if answer.x is None else np.asarray(answer.x)
        return Answer(found, answer.status in (0, 2))
