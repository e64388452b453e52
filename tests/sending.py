"""What the outbox tells a connector of a message, for tests of connectors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from folkmoot.connectors.base import Sending, Tried

MOMENT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


def sending(**more: Any) -> Sending:
    """The first try of a message."""
    return Sending(**{"key": "key-1", "stamped_at": MOMENT, **more})


def tried(**more: Any) -> Tried:
    """A try whose answer was lost."""
    return Tried(**{"key": "key-1", "stamped_at": MOMENT, "began_at": MOMENT, **more})
