"""Cards of training on the pages of people, organisations and projects: declared alike, so in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from folkmoot.kernel.plugs import RecordPanel, record_panels
from folkmoot.kernel.rows import Row, Rows


def declare_card(
    key: str,
    record: str,
    title: Any,
    template: str,
    rows: Callable[[Any], Rows],
    told: Callable[[Sequence[Row]], dict[str, Any] | None],
    order: int,
) -> None:
    """Put a card on the page of every such record, for whoever sees training.

    Args:
        key: of the card, and of the part of the template's path: ``training/parts/TEMPLATE.html``.
        record: the label of the records, such as ``people.person``.
        rows: what the card needs, given the record.
        told: what the template shows, given these rows; ``None``: no card.
    """
    record_panels.register(
        RecordPanel(
            key,
            record,
            title,
            "training.view",
            f"training/parts/{template}.html",
            lambda user, one: rows(one),
            lambda user, one, found: told(found),
            order=order,
        )
    )
