"""Three values, not two: what a source says now, what it said before, what the register holds.

See docs/decisions/three-way-import.md.
"""

from __future__ import annotations

from typing import Any

#: Nothing to set.
KEEP = object()


def three_way(now: Any, before: Any, has_before: bool, held: Any, is_blank: bool) -> tuple[Any, bool]:
    """The value to set or ``KEEP``, and whether the register's value stood against a new one."""
    if now in ("", None) or now == held:
        return KEEP, False
    if is_blank and (not has_before or now != before):
        return now, False
    if not has_before or now == before:
        return KEEP, False
    return (now, False) if held == before else (KEEP, True)
