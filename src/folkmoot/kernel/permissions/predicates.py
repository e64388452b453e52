"""The predicates that pages, the API and buttons share."""

from __future__ import annotations

from functools import cache
from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Area, Level


@cache
def has_level(area: Area, level: Level) -> Any:
    """A predicate: the user is active and holds at least ``level`` in ``area``."""

    def check(user: Any) -> bool:
        return bool(getattr(user, "is_active", False)) and user.level_in(area) >= level

    return rules.predicate(check, name=f"has_level:{area.value}:{level.name.lower()}")


@cache
def has_any_level(level: Level) -> Any:
    """A predicate: the user is active and holds at least ``level`` in some area."""

    def check(user: Any) -> bool:
        return bool(getattr(user, "is_active", False)) and any(user.level_in(a) >= level for a in Area)

    return rules.predicate(check, name=f"has_any_level:{level.name.lower()}")


@rules.predicate
def is_signed_in(user: Any) -> bool:
    """The user is signed in and not switched off, whatever else they may do."""
    return bool(user.is_authenticated and user.is_active)
