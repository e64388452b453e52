"""Taking back what was just done: :mod:`folkmoot.kernel.undo`, with what the register's histories leave out."""

from __future__ import annotations

from folkmoot.kernel.undo import BESIDE_HISTORY, Change, Undo, follows, last_change, removed, undo

BESIDE_HISTORY["people.identity"] = ("first_seen_at", "last_seen_at")

__all__ = ["BESIDE_HISTORY", "Change", "Undo", "follows", "last_change", "removed", "undo"]
