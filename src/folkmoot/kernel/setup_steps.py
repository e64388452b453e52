"""What ``folkmoot init`` does beyond making tables: each area adds its own steps.

An area with rows to start from registers a step in its ``plugs.py``; a step that finds everything in place says
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class SetupStep:
    """One thing to set up, run by ``folkmoot init`` once the tables are there; safe to run at any time.

    ``run()`` returns one sentence about what it did, or ``""`` when there was nothing to do.
    """

    key: str
    run: Callable[[], str]
    order: int = 0


setup_steps: Registry[SetupStep] = Registry("set-up step")
