"""What other apps may use of training."""

from __future__ import annotations

from folkmoot.training.models import Event, Task
from folkmoot.training.seeds import load as load_seeds

__all__ = ["Event", "Task", "load_seeds"]
