"""What AMY's own words mean here, as ``amy.yml`` says it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "amy.yml"


@cache
def words() -> dict[str, Any]:
    """What ``amy.yml`` says."""
    said: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return said


def means(table: str, word: str) -> str:
    """What a word of AMY means here; the word itself where nothing is said of it."""
    return str(words()[table].get(word, word))
