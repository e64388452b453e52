"""What a report is asked about, to and from an address."""

from __future__ import annotations

from collections.abc import Mapping

from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.periods import PeriodProblem
from folkmoot.ledger.public import ScopeProblem, make_scope

#: What :func:`parse` raises: each says in a sentence what to write instead.
PROBLEMS = (PeriodProblem, ScopeProblem)
#: The words of an address that make a scope.
WORDS = ("period", "as_of", "source", "project", "exclude")


def parse(said: Mapping[str, str]) -> Scope:
    """The scope from ``period``, ``as_of``, ``source``, ``project`` and ``exclude``; all may be missing.

    Without a period: the last quarter that is over; without ``as_of``: today.

    Raises:
        PeriodProblem: the period cannot be read.
        ScopeProblem: the day, source, project or exclusion does not exist.
    """
    return make_scope(
        period=said.get("period", "").strip() or None,
        as_of=said.get("as_of", "").strip() or None,
        source=said.get("source", ""),
        project=said.get("project", ""),
        exclude=[said.get("exclude", "")],
    )


def said(scope: Scope) -> dict[str, str]:
    """The scope as :func:`parse` reads it, so that it says the same on any later day."""
    words = {
        "period": str(scope.period),
        "as_of": scope.as_of.isoformat(),
        "source": scope.source,
        "project": scope.project,
        "exclude": ",".join(sorted(scope.exclude)),
    }
    return {name: value for name, value in words.items() if value}


def is_narrowed(scope: Scope) -> bool:
    """Whether the scope is about a part of the community only, of which general notes would not be true."""
    return bool(scope.source or scope.project)
