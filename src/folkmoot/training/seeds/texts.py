"""The standard texts that events start with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from folkmoot.outbox.public import load_texts as load

FILE = Path(__file__).parent / "texts.yml"


@cache
def texts() -> dict[str, dict[str, Any]]:
    """What ``texts.yml`` says, by kind of message."""
    rows: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {row["kind"]: row for row in rows}


def load_texts() -> int:
    """Make the texts that are not there and never were.

    Returns:
        how many were made.
    """
    return load(texts().values(), topic="training")
