"""Jobs: one holder at a time, nothing lost, errors kept."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from folkmoot.kernel import clock, plugs
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import actions, leases, queries, queue, runner, schedule
from folkmoot.kernel.jobs.context import JobContext, JobRefused
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.people.models import Tag

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
#: A process of this machine that is surely gone: above the kernel's largest number.
DEAD = f"{leases._HOST}:99999999:0-x"

Work = Callable[[JobContext], Any]


@pytest.fixture
def kind(db: None) -> Iterator[Callable[..., JobKind]]:
    """Declare a kind of job for one test."""
    made: list[str] = []

    def declare(run: Work, **options: Any) -> JobKind:
        declared = JobKind(f"test.{len(made)}", "A test", run, **options)
        made.append(declared.key)
        return job_kinds.register(declared)

    yield declare
    for key in made:
        del job_kinds._items[key]


def count_to_three(context: JobContext) -> dict[str, int]:
    """Makes three tags, one in each chunk, and goes on where it was."""
    start = context.cursor or 0
    for n in range(start, 3):
        with transaction.atomic():
            Tag.objects.create(name=f"tag {n}")
            context.checkpoint(n + 1, done=n + 1, total=3, note=f"tag {n}")
    return {"made": 3 - start}


def tags() -> list[str]:
    return list(Tag.objects.order_by("name").values_list("name", flat=True))


def test_a_job_is_run_and_keeps_its_outcome(kind: Callable[..., JobKind]) -> None:
    job = actions.enqueue(kind=kind(count_to_three).key)

    assert runner.run_next() is True
    assert runner.run_next() is False

    job.refresh_from_db()
    assert (job.state, job.outcome, job.error) == (JobState.SUCCEEDED, {"made": 3}, "")
    assert (job.done, job.total, job.attempts, job.fence) == (3, 3, 1, 1)
    assert (job.lease_owner, job.lease_until) == ("", None)
    assert tags() == ["tag 0", "tag 1", "tag 2"]


def test_an_unknown_kind_is_refused(db: None) -> None:
    with pytest.raises(LookupError, match="no kind of job 'nonsense'"):
        actions.enqueue(kind="nonsense")


def test_of_two_who_saw_the_same_job_one_gets_it(kind: Callable[..., JobKind]) -> None:
    job = actions.enqueue(kind=kind(count_to_three).key)
    seen_by_both = Job.objects.get(pk=job.pk)

    first, second = leases.claim(seen_by_both), leases.claim(seen_by_both)

    assert first is not None
    assert second is None


def test_a_job_is_due_at_its_time(kind: Callable[..., JobKind]) -> None:
    key = kind(count_to_three).key
    with time_machine.travel(NOW, tick=False):
        actions.enqueue(kind=key, due_at=NOW + dt.timedelta(minutes=5))
        assert leases.claimable(clock.now()) == []
        assert len(leases.claimable(NOW + dt.timedelta(minutes=5))) == 1


def test_one_unique_key_one_job(kind: Callable[..., JobKind]) -> None:
    key = kind(count_to_three).key
    first = actions.enqueue(kind=key, unique_key="slot")
    assert actions.enqueue(kind=key, unique_key="slot") == first
    assert Job.objects.count() == 1


def test_whoever_lost_the_lease_writes_nothing(kind: Callable[..., JobKind]) -> None:
    def robbed(context: JobContext) -> None:
        with transaction.atomic():
            Tag.objects.create(name="mine")
            context.checkpoint(1)
        Job.objects.filter(pk=context.job.pk).update(fence=7)  # another worker takes over
        with transaction.atomic():
            Tag.objects.create(name="not mine any more")
            context.checkpoint(2)

    job = actions.enqueue(kind=kind(robbed).key)
    runner.run_next()

    job.refresh_from_db()
    assert tags() == ["mine"]
    assert (job.state, job.cursor, job.error) == (JobState.RUNNING, 1, "")


def test_an_error_is_kept_and_tried_again_later(kind: Callable[..., JobKind]) -> None:
    stopped: list[int] = []

    def breaks(context: JobContext) -> None:
        raise ValueError("the file has gone")

    key = kind(breaks, on_stopped=lambda job: stopped.append(job.pk)).key
    with time_machine.travel(NOW, tick=False) as now:
        job = actions.enqueue(kind=key)
        for wait in (10, 60):
            runner.run_next()
            job.refresh_from_db()
            assert job.state == JobState.QUEUED
            assert job.due_at == clock.now() + dt.timedelta(seconds=wait)
            assert queries.error_summary(job) == "ValueError: the file has gone"
            assert stopped == []
            now.shift(wait)
        runner.run_next()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, 3)
    assert "Traceback" in job.error
    assert stopped == [job.pk]


def test_only_tries_that_got_no_further_are_counted(kind: Callable[..., JobKind]) -> None:
    def one_step_then_break(context: JobContext) -> None:
        with transaction.atomic():
            context.checkpoint((context.cursor or 0) + 1)
        raise ValueError

    key = kind(one_step_then_break).key
    with time_machine.travel(NOW, tick=False) as now:
        job = actions.enqueue(kind=key)
        for _time in range(5):
            runner.run_next()
            now.shift(600)
    job.refresh_from_db()
    assert (job.state, job.cursor, job.attempts) == (JobState.QUEUED, 5, 1)


def test_a_refusal_is_final_and_has_no_trace(kind: Callable[..., JobKind]) -> None:
    def refuses(context: JobContext) -> None:
        raise JobRefused("The import is not there any more.")

    job = actions.enqueue(kind=kind(refuses).key)
    runner.run_next()

    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (JobState.FAILED, 1, "The import is not there any more.")


def test_cancelling_stops_at_the_next_checkpoint(kind: Callable[..., JobKind]) -> None:
    def asked_to_stop(context: JobContext) -> None:
        with transaction.atomic():
            Tag.objects.create(name="kept")
            context.checkpoint(1)
        actions.cancel(job=context.job, actor=None)
        with transaction.atomic():
            Tag.objects.create(name="rolled back")
            context.checkpoint(2)

    job = actions.enqueue(kind=kind(asked_to_stop).key)
    runner.run_next()

    job.refresh_from_db()
    assert (job.state, job.cursor) == (JobState.CANCELLED, 1)
    assert tags() == ["kept"]


def test_cancelling_a_waiting_job_ends_it_at_once(kind: Callable[..., JobKind]) -> None:
    job = actions.enqueue(kind=kind(count_to_three).key)
    actions.cancel(job=job, actor=None)
    actions.cancel(job=job, actor=None)
    assert runner.run_next() is False
    assert Job.objects.get().state == JobState.CANCELLED


def test_what_may_not_be_stopped_is_not(kind: Callable[..., JobKind]) -> None:
    job = actions.enqueue(kind=kind(count_to_three, can_cancel=False).key)
    leases.claim(job)
    with pytest.raises(actions.JobStateError, match="cannot be stopped half-way"):
        actions.cancel(job=job, actor=None)


def test_trying_again_goes_on_from_the_last_checkpoint(kind: Callable[..., JobKind]) -> None:
    job = actions.enqueue(kind=kind(count_to_three).key)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.FAILED, cursor=2, attempts=3, error="x", finished_at=NOW
    )

    actions.retry(job=job, actor=None)
    runner.run_next()

    job.refresh_from_db()
    assert (job.state, job.outcome, job.error) == (JobState.SUCCEEDED, {"made": 1}, "")
    assert tags() == ["tag 2"]
    with pytest.raises(actions.JobStateError):
        actions.retry(job=job, actor=None)


@pytest.mark.parametrize(
    ("holder", "until", "taken"),
    [
        (DEAD, 20, True),  # its process is gone
        (f"{leases._HOST}:1:0-x", -1, True),  # it lives, but was silent too long
        ("another-machine:99999999:0-x", 20, False),
        ("another-machine:99999999:0-x", -1, True),
    ],
)
def test_a_dead_or_silent_workers_job_is_taken_over(
    kind: Callable[..., JobKind], holder: str, until: int, *, taken: bool
) -> None:
    job = actions.enqueue(kind=kind(count_to_three).key)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING,
        lease_owner=holder,
        lease_until=clock.now() + dt.timedelta(seconds=until),
        cursor=1,
        attempts=1,
    )
    assert runner.run_next() is taken
    job.refresh_from_db()
    assert job.state == (JobState.SUCCEEDED if taken else JobState.RUNNING)


def test_threads_that_begin_together_are_one_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first name must be the only one: a holder that differs from its process counts as dead."""
    real = leases._started

    def slow(pid: int) -> str:
        gate.wait()
        return real(pid)

    monkeypatch.setattr(leases, "_owner", "")
    gate, named = threading.Event(), []
    monkeypatch.setattr(leases, "_started", slow)
    threads = [threading.Thread(target=lambda: named.append(leases.owner())) for _ in range(8)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert named == [leases.owner()] * 8


def test_this_process_is_not_dead_but_its_forerunner_with_the_same_number_is() -> None:
    host, pid, _random = leases.owner().split(":")
    assert leases.is_dead(leases.owner()) is False
    assert leases.is_dead(f"{host}:{pid}:1-before-the-restart") is True


def test_work_that_kills_its_workers_ends(kind: Callable[..., JobKind]) -> None:
    job = actions.enqueue(kind=kind(count_to_three).key)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, lease_owner=DEAD, lease_until=clock.now(), attempts=3
    )
    runner.run_next()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error == "Its worker ended 3 times in the middle of it without getting further."
    assert tags() == []


def test_a_worker_that_ends_gives_its_job_back(kind: Callable[..., JobKind]) -> None:
    stopping = threading.Event()

    def told_to_end(context: JobContext) -> None:
        with transaction.atomic():
            context.checkpoint(1)
        stopping.set()
        with transaction.atomic():
            Tag.objects.create(name="rolled back")
            context.checkpoint(2)

    job = actions.enqueue(kind=kind(told_to_end).key)
    runner.run_next(stopping)

    job.refresh_from_db()
    assert (job.state, job.cursor, job.attempts, job.lease_owner) == (JobState.QUEUED, 1, 0, "")
    assert tags() == []


def test_in_the_foreground_progress_is_told_and_errors_are_raised(kind: Callable[..., JobKind]) -> None:
    told: list[tuple[int, int | None, str]] = []
    job = actions.enqueue(kind=kind(count_to_three).key, hold=True)
    assert runner.run_next() is False, "no worker takes a job that is held"

    ended = runner.run_in_foreground(job, lambda *progress: told.append(progress))

    assert ended.state == JobState.SUCCEEDED
    assert told == [(1, 3, "tag 0"), (2, 3, "tag 1"), (3, 3, "tag 2")]

    def breaks(context: JobContext) -> None:
        raise ValueError("no")

    broken = actions.enqueue(kind=kind(breaks).key, hold=True)
    with pytest.raises(ValueError, match="no"):
        runner.run_in_foreground(broken)
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == (JobState.FAILED, 1)


def test_in_the_foreground_another_workers_job_is_followed(kind: Callable[..., JobKind]) -> None:
    told: list[tuple[int, int | None, str]] = []
    job = actions.enqueue(kind=kind(count_to_three).key)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING,
        lease_owner="another-machine:1:x",
        lease_until=clock.now() + dt.timedelta(seconds=30),
        done=1,
        total=3,
    )

    def meanwhile(seconds: float) -> None:
        Job.objects.filter(pk=job.pk).update(state=JobState.SUCCEEDED, done=3)

    ended = runner.run_in_foreground(job, lambda *progress: told.append(progress), pause=meanwhile)

    assert ended.state == JobState.SUCCEEDED
    assert told == [(1, 3, "")]
    assert tags() == []


def test_each_slot_of_the_schedule_is_queued_once(kind: Callable[..., JobKind]) -> None:
    key = kind(count_to_three).key
    plugs.schedule.register(plugs.ScheduledJob("test.daily", key, schedule.daily, "A test."))
    try:
        schedule.fire(NOW)
        schedule.fire(NOW + dt.timedelta(hours=11))
        assert Job.objects.filter(kind=key).count() == 1
        schedule.fire(NOW + dt.timedelta(hours=12))
        keys = Job.objects.filter(kind=key).order_by("pk").values_list("unique_key", flat=True)
        assert list(keys) == ["schedule:test.daily:2026-11-20", "schedule:test.daily:2026-11-21"]
    finally:
        del plugs.schedule._items["test.daily"]


def test_old_jobs_go_but_failures_stay_until_laid_aside(kind: Callable[..., JobKind]) -> None:
    key = kind(count_to_three).key
    old, young = NOW - dt.timedelta(days=91), NOW - dt.timedelta(days=89)

    def job(state: JobState, ended: dt.datetime | None, **more: Any) -> Job:
        return Job.objects.create(kind=key, state=state, finished_at=ended, due_at=old, **more)

    job(JobState.SUCCEEDED, old)
    job(JobState.CANCELLED, old)
    job(JobState.FAILED, old, dismissed_at=old)
    kept = [job(JobState.SUCCEEDED, young), job(JobState.FAILED, old), job(JobState.QUEUED, None)]

    with time_machine.travel(NOW, tick=False):
        purge = leases.claim(actions.enqueue(kind="jobs.purge"))
        assert purge is not None
        runner.run(purge)

    purge.refresh_from_db()
    assert purge.outcome == {"removed": 3}
    assert set(Job.objects.exclude(pk=purge.pk)) == set(kept)


def test_the_backlog_counts_what_nobody_works_on(kind: Callable[..., JobKind]) -> None:
    key = kind(count_to_three).key
    assert queries.backlog(NOW) == queries.Backlog(0, 0.0)
    Job.objects.create(kind=key, due_at=NOW - dt.timedelta(minutes=20))
    Job.objects.create(kind=key, due_at=NOW + dt.timedelta(minutes=20))
    Job.objects.create(
        kind=key,
        due_at=NOW - dt.timedelta(hours=9),
        state=JobState.RUNNING,
        lease_until=NOW + dt.timedelta(seconds=9),
    )
    Job.objects.create(
        kind=key,
        due_at=NOW - dt.timedelta(hours=9),
        state=JobState.RUNNING,
        lease_until=NOW - dt.timedelta(seconds=9),
    )
    assert queries.backlog(NOW) == queries.Backlog(2, 1200.0)


def test_a_word_in_the_queue_wakes_a_worker(
    kind: Callable[..., JobKind],
    tmp_path: Path,
    settings: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, ""
    queue._queue.cache_clear()
    queue.arrived.clear()
    try:
        with django_capture_on_commit_callbacks(execute=True):
            actions.enqueue(kind=kind(count_to_three).key)
        assert not queue.arrived.is_set()
        stopping = threading.Event()
        listener = threading.Thread(target=queue.listen, args=(stopping,))
        listener.start()
        assert queue.arrived.wait(5)
        stopping.set()
        listener.join(5)
    finally:
        queue.arrived.clear()
        queue._queue()[0].storage.close()
        queue._queue.cache_clear()


def test_the_time_left_comes_from_the_pace_so_far(kind: Callable[..., JobKind]) -> None:
    job = Job(kind="x", state=JobState.RUNNING, started_at=NOW - dt.timedelta(seconds=60), done=30, total=90)
    assert queries.time_left(job, NOW) == dt.timedelta(seconds=120)
    job.total = None
    assert queries.time_left(job, NOW) is None


def test_failed_jobs_are_on_today_for_those_who_may_see_them(
    kind: Callable[..., JobKind], alice: User, bob: User
) -> None:
    def breaks(context: JobContext) -> None:
        raise JobRefused("The disk is full.")

    job = actions.enqueue(kind=kind(breaks).key, created_by=alice)
    runner.run_next()
    source = plugs.today_sources.get("jobs.failed")

    (item,) = source.find(alice, clock.now(), 10)
    assert (item.title, item.why) == ("A test failed", "tried once; The disk is full.")
    assert (item.action_url, item.mine) == (f"/settings/jobs/{job.pk}/", frozenset({alice.pk}))
    assert list(source.find(bob, clock.now(), 10)) == []

    actions.dismiss(job=job, actor=alice)
    assert list(source.find(alice, clock.now(), 10)) == []
