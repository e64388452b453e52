"""The cards that apps put on other apps' pages of records."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from folkmoot.kernel.plugs import RecordPanel, record_panels
from folkmoot.kernel.rows import Row, Rows, together


class Panels:
    """The cards of one record that a user may see: the rows that they need, and what becomes of them."""

    def __init__(self, user: Any, record: Any) -> None:
        self.user, self.record = user, record
        label = record._meta.label_lower
        self.declared: list[RecordPanel] = [
            panel for panel in record_panels if panel.record == label and user.has_perm(panel.permission)
        ]

    def rows(self) -> dict[Hashable, Rows | None]:
        """What every card needs, for :func:`folkmoot.kernel.rows.together`."""
        return {("panel", panel.key): panel.rows(self.user, self.record) for panel in self.declared}

    def told(self, rows: Mapping[Hashable, Sequence[Row]]) -> list[dict[str, Any]]:
        """For templates: each card (``panel``) that has something to show, and what (``context``)."""
        return [
            {"panel": panel, "context": context}
            for panel in self.declared
            if (context := panel.context(self.user, self.record, rows["panel", panel.key])) is not None
        ]


def panels_of(user: Any, record: Any) -> list[dict[str, Any]]:
    """The cards alone, for a page that reads nothing together with them; one query."""
    panels = Panels(user, record)
    return panels.told(together(panels.rows()))
