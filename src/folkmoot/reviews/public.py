"""What other apps may use of reviews: nothing yet."""

from __future__ import annotations

__all__: list[str] = []
