"""What other apps may use of training."""

from __future__ import annotations

from folkmoot.training.models import Event, Task
from folkmoot.training.samples import make_training_sample, training_sample_is_loaded
from folkmoot.training.seeds import load as load_seeds

__all__ = ["Event", "Task", "load_seeds", "make_training_sample", "training_sample_is_loaded"]
