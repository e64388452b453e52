"""The cards that a new installation has."""

from __future__ import annotations

from pathlib import Path

import yaml

from folkmoot.publishing.actions.cards import save_card
from folkmoot.publishing.models import CardTemplate

FOLDER = Path(__file__).parent / "patterns"


def load() -> int:
    """Add the cards, where there is none at all.

    Returns:
        how many were added.
    """
    if CardTemplate.objects.exists():
        return 0
    rows = yaml.safe_load((FOLDER / "cards.yml").read_text(encoding="utf-8"))
    for row in rows:
        save_card(
            card=None,
            values={
                "name": row["name"],
                "svg": (FOLDER / row["file"]).read_text(encoding="utf-8"),
                "fields": row["fields"],
                "alt": row["alt"],
                "width": row.get("width", 1200),
                "height": row.get("height", 675),
            },
            actor=None,
        )
    return len(rows)
