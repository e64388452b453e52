"""What runs by itself, and figures for monitors."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class ScheduledJob:
    """A job that runs by the clock.

    ``slot(now)`` names the run that is due now ("2026-11-20"); each slot is queued once.
    """

    key: str
    kind: str
    slot: Callable[[dt.datetime], str]
    help: str
    order: int = 0


schedule: Registry[ScheduledJob] = Registry("scheduled job")


@dataclass(frozen=True)
class WorkerLoop:
    """Something that every worker does all the time, beside its jobs.

    ``run(stopping)`` goes on until the event is set, in ``threads`` threads; it survives its own errors, and a kill.
    """

    key: str
    run: Callable[[threading.Event], None]
    threads: int = 1
    order: int = 0


worker_loops: Registry[WorkerLoop] = Registry("loop of workers")


@dataclass(frozen=True)
class MonitorFigure:
    """A figure for monitors, asked for at the moment of the scrape.

    Attributes:
        key: its name in Prometheus (``folkmoot_…``).
        read: the value, or values by the label ``by``; at most one query.
        by: the name of the label; ``""``: one value alone.
        ready_key: its name in the answer of ``/readyz`` as well; ``""``: it is not in it.
    """

    key: str
    help: str
    read: Callable[[], float | Mapping[str, float]]
    by: str = ""
    ready_key: str = ""
    order: int = 0


monitor_figures: Registry[MonitorFigure] = Registry("figure for monitors")
