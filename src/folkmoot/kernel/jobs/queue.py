"""The queue, which only wakes: a job that is due is found in the database, whether a word of it arrives or not."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings

if TYPE_CHECKING:
    from huey import Huey

log = structlog.get_logger(__name__)

#: Set when a word arrived in this process; the worker's threads wait for it.
arrived = threading.Event()


@cache
def _queue() -> tuple[Huey, Any]:
    """Huey and its one task: in Redis where there is one, else in a file of the data folder."""
    from huey import RedisHuey, SqliteHuey

    if settings.REDIS_URL:
        huey = RedisHuey("folkmoot", url=settings.REDIS_URL, results=False, read_timeout=1)
    else:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        huey = SqliteHuey("folkmoot", filename=str(settings.DATA_DIR / "queue.sqlite3"), results=False)

    @huey.task(name="wake", expires=60)  # type: ignore[untyped-decorator, unused-ignore]
    def wake(job_id: int) -> None:
        arrived.set()

    return huey, wake


def wake(job_id: int) -> None:
    """Tell a worker that a job is due. When the queue cannot be reached, the workers' sweep finds it all the same."""
    try:
        _queue()[1](job_id)
    except Exception as error:
        log.warning("no worker could be woken", job=job_id, error=str(error))


def listen(stopping: threading.Event) -> None:
    """Take words off the queue until told to stop: runs in a thread of each worker."""
    while not stopping.is_set():
        try:
            huey = _queue()[0]
            task = huey.dequeue()
            if task is not None:
                huey.execute(task)
                continue
            stopping.wait(0.25)
        except Exception as error:
            log.warning("the queue cannot be read", error=str(error))
            stopping.wait(5)
