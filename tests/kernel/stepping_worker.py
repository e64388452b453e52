"""A worker process for tests: it knows one kind of job, whose steps can be counted from outside.

``python -m tests.kernel.stepping_worker NAME SWEEP``: SWEEP is how often it looks for work by itself, in seconds.
"""

from __future__ import annotations

import sys
import time

import django

KIND = "test.steps"


def register() -> None:
    """Declare the kind: each step is a row that can be written once, kept together with the checkpoint."""
    from django.db import transaction

    from folkmoot.kernel.jobs.context import JobContext
    from folkmoot.kernel.jobs.registry import JobKind, job_kinds
    from folkmoot.people.models import Tag

    def steps(context: JobContext) -> None:
        total = context.arguments["steps"]
        for step in range(context.cursor or 0, total):
            with transaction.atomic():
                Tag.objects.create(facet=f"job {context.job.pk}", name=f"{step}")
                Tag.objects.create(facet=f"worker {sys.argv[1]}", name=f"{context.job.pk}/{step}")
                context.checkpoint(step + 1, done=step + 1, total=total)
            time.sleep(0.1)

    job_kinds.register(JobKind(KIND, "Steps", steps))


if __name__ == "__main__":
    django.setup()
    from django.conf import settings

    settings.JOB_SWEEP_SECONDS = int(sys.argv[2])
    register()
    from folkmoot.kernel.jobs.worker import main

    main(threads=1)
