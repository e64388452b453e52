"""What other apps may use of the ledger."""

from __future__ import annotations

from folkmoot.ledger.queries.items import ScopeProblem
from folkmoot.ledger.queries.scopes import known_sources, make_scope, newest_day

__all__ = ["ScopeProblem", "known_sources", "make_scope", "newest_day"]
