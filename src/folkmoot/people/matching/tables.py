"""Tables that the comparing needs, from ``people/seeds``; read without a database."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parents[1] / "seeds"


@cache
def table(name: str) -> Any:
    """The content of ``people/seeds/<name>.yml``."""
    return yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
