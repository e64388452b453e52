"""What is not copied but made again from the rest, and what else has to happen after a database was filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class Rebuild:
    """Something to do once a restore or a move has filled the database.

    Attributes:
        models: labels (``app.model``, lower case) of the tables that it fills; they are in no backup.
        run: does it or queues it, and returns one sentence about it (or ``""``). Safe to run twice.
    """

    key: str
    run: Callable[[], str]
    models: frozenset[str] = frozenset()
    order: int = 0


rebuilds: Registry[Rebuild] = Registry("rebuild")


def derived_labels() -> frozenset[str]:
    """Labels of all tables that are made again from others."""
    return frozenset().union(*(each.models for each in rebuilds))


def run_all() -> list[str]:
    """Do what has to follow a restore or a move.

    Returns:
        what was done, a sentence each.
    """
    return [sentence for each in rebuilds if (sentence := each.run())]
