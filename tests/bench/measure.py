"""Seconds that a quarter's figures take in one process, as JSON: each metric, all of them, and all with comparisons.

``python -m tests.bench.measure 2026Q2`` reads the database that ``FOLKMOOT_DATABASE_URL`` names.
"""

from __future__ import annotations

import json
import sys
import time


def main(period: str) -> None:
    """Measure twice; the second time counts, as on the second page that somebody opens."""
    import django

    django.setup()
    from folkmoot.kernel.metrics import compute_all, metrics
    from folkmoot.ledger.queries.scopes import make_scope

    for _time in range(2):
        scope = make_scope(period=period, as_of="2026-11-20")
        began = time.perf_counter()
        each = {}
        for metric in metrics:
            started = time.perf_counter()
            metric.compute(scope)
            each[metric.key] = round(time.perf_counter() - started, 3)
        figures = time.perf_counter() - began
        began = time.perf_counter()
        compute_all(make_scope(period=period, as_of="2026-11-20"))
        compared = time.perf_counter() - began
    sys.stdout.write(json.dumps({"each": each, "figures": figures, "with comparisons": compared}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
