"""Figures for Prometheus (extra ``prometheus``): requests of this installation, jobs, backups, the database's size.

Without the extra nothing is counted. With several web processes the counts are kept in files of the data folder, so
that each process answers for all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count

from folkmoot import __version__
from folkmoot.kernel import clock
from folkmoot.kernel.plugs import monitor_figures

#: Upper bounds of the histogram of answering times, in seconds.
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True)
class _Kept:
    """What a process counts."""

    registry: Any
    requests: Any
    seconds: Any


@cache
def _kept() -> _Kept | None:
    if find_spec("prometheus_client") is None:
        return None
    if settings.WEB_WORKERS > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        folder = Path(settings.DATA_DIR) / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        _forget_the_dead(folder)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    return _Kept(
        registry,
        Counter("folkmoot_requests", "Requests answered.", ["method", "route", "status"], registry=registry),
        Histogram(
            "folkmoot_request_seconds",
            "Time to answer a request.",
            ["route"],
            registry=registry,
            buckets=_BUCKETS,
        ),
    )


def _forget_the_dead(folder: Path) -> None:
    """Remove the counts of processes that are gone; to Prometheus that is an ordinary reset."""
    for path in folder.glob("*_*.db"):
        number = path.stem.rpartition("_")[2]
        if number.isdigit() and not Path(f"/proc/{number}").exists() and Path("/proc/self").exists():
            path.unlink(missing_ok=True)


def available() -> bool:
    """Whether the extra is installed."""
    return _kept() is not None


def request_done(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    kept = _kept()
    if kept is not None:
        kept.requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        kept.seconds.labels(route).observe(seconds)


def exposition() -> tuple[bytes, str]:
    """All figures in Prometheus' text format, and its content type. A few queries.

    Raises:
        RuntimeError: the extra is not installed.
    """
    kept = _kept()
    if kept is None:
        raise RuntimeError("the extra folkmoot[prometheus] is not installed")
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    counted = kept.registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    present = CollectorRegistry()
    present.register(_Present())
    return generate_latest(counted) + generate_latest(present), CONTENT_TYPE_LATEST


class _Present:
    """What is asked of the database at the moment of the scrape."""

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        from folkmoot.kernel.jobs import queries
        from folkmoot.kernel.jobs.models import Job, JobState
        from folkmoot.kernel.ops import scheduled

        yield _info(GaugeMetricFamily)
        now = clock.now()
        states = GaugeMetricFamily("folkmoot_jobs", "Jobs by state.", labels=["state"])
        counts = dict(Job.objects.values_list("state").annotate(n=Count("pk")))
        for state in JobState.values:
            states.add_metric([state], counts.get(state, 0))
        yield states
        backlog = queries.backlog(now)
        yield GaugeMetricFamily("folkmoot_jobs_due", "Jobs that are due and not begun.", value=backlog.jobs)
        yield GaugeMetricFamily(
            "folkmoot_oldest_due_job_seconds",
            "How long the oldest of them waits.",
            value=backlog.oldest_seconds,
        )
        failed = Job.objects.filter(queries.failed()).count()
        yield GaugeMetricFamily("folkmoot_jobs_failed_open", "Failed jobs nobody laid aside.", value=failed)
        newest = scheduled.newest()
        if newest is not None:
            age = (now - newest).total_seconds()
            yield GaugeMetricFamily("folkmoot_backup_age_seconds", "Age of the newest backup.", value=age)
        for figure in monitor_figures:
            value = figure.read()
            if not isinstance(value, float | int):
                family = GaugeMetricFamily(figure.key, figure.help, labels=[figure.by])
                for name, number in sorted(value.items()):
                    family.add_metric([name], number)
                yield family
            else:
                yield GaugeMetricFamily(figure.key, figure.help, value=value)
        yield GaugeMetricFamily("folkmoot_database_bytes", "Size of the database.", value=_database_bytes())


def _info(family: Any) -> Any:
    info = family("folkmoot_info", "The version that runs.", labels=["version"])
    info.add_metric([__version__], 1)
    return info


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
