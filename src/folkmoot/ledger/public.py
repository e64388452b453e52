"""What other apps may use of the ledger."""

from __future__ import annotations

from folkmoot.ledger.figure_rows import FigureRows, rows_filters
from folkmoot.ledger.github.queries import TrackerState, hosts_read, tracker_states
from folkmoot.ledger.github.readers import IssueReader, Reading, Thread, issue_readers
from folkmoot.ledger.imports.openings import Opened, put_opened
from folkmoot.ledger.models import Activity, Item
from folkmoot.ledger.queries.items import ScopeProblem
from folkmoot.ledger.queries.scopes import known_sources, make_scope, newest_day

__all__ = [
    "Activity",
    "FigureRows",
    "IssueReader",
    "Item",
    "Opened",
    "Reading",
    "ScopeProblem",
    "Thread",
    "TrackerState",
    "hosts_read",
    "issue_readers",
    "known_sources",
    "make_scope",
    "newest_day",
    "put_opened",
    "rows_filters",
    "tracker_states",
]
