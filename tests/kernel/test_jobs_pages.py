"""The pages of background work, and what monitors ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from folkmoot import __version__
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.registry import JobKind, job_kinds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """One kind for those who look after the settings, one for those who may see people."""
    job_kinds.register(JobKind("test.house", "House work", lambda context: None))
    job_kinds.register(JobKind("test.people", "People work", lambda context: None, permission="people.view"))
    yield
    del job_kinds._items["test.house"], job_kinds._items["test.people"]


def job(**more: object) -> Job:
    return Job.objects.create(**{"kind": "test.house", **more})


def failed(**more: object) -> Job:
    return job(state=JobState.FAILED, attempts=3, error="ValueError: no such file\n\nTraceback …", **more)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_a_fixed_number_of_queries(
    as_alice: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for _n in range(number):
        failed(created_by=alice)
    as_alice.get("/settings/jobs/")
    # session, user, rights; saved views, count, page; the community
    with django_assert_num_queries(7):
        page = as_alice.get("/settings/jobs/")
    assert page.content.decode().count("ValueError: no such file") == number


def test_the_list_is_filtered_by_its_address(as_alice: Client) -> None:
    failed()
    job(kind="test.people")

    def shown(query: str) -> list[str]:
        return [row.object.kind for row in as_alice.get(f"/settings/jobs/{query}").context["list"].rows]

    assert shown("") == ["test.people", "test.house"]
    assert shown("?state=failed") == ["test.house"]
    assert shown("?kind=test.people") == ["test.people"]
    assert shown("?kind=test.people&state=failed") == []


def test_everybody_sees_the_jobs_of_their_own_areas(
    as_bob: Client, as_charlie: Client, as_nobody: Client
) -> None:
    house, people = job(), job(kind="test.people")
    page = as_bob.get("/settings/jobs/")
    assert [row.object for row in page.context["list"].rows] == [people]
    assert as_bob.get(f"/settings/jobs/{people.pk}/").status_code == 200
    for address in (f"/settings/jobs/{house.pk}/", f"/settings/jobs/{house.pk}/progress/"):
        assert as_bob.get(address).status_code == 403
    for what in ("cancel", "retry", "dismiss"):
        assert as_bob.post(f"/settings/jobs/{house.pk}/{what}/").status_code == 403
    assert as_charlie.get("/settings/jobs/").status_code == 403
    assert as_nobody.get("/settings/jobs/").status_code == 302
    assert as_bob.get("/settings/jobs/999999/").status_code == 404
    house.refresh_from_db()
    assert (house.state, house.cancel_requested) == (JobState.QUEUED, False)


def test_a_failed_job_says_what_went_wrong_and_can_be_tried_again(as_alice: Client) -> None:
    found = failed()
    page = as_alice.get(f"/settings/jobs/{found.pk}/").content.decode()
    assert "ValueError: no such file" in page
    assert "Try again" in page
    assert "Lay aside" in page

    assert as_alice.post(f"/settings/jobs/{found.pk}/retry/").status_code == 302
    found.refresh_from_db()
    assert (found.state, found.attempts, found.error) == (JobState.QUEUED, 0, "")


def test_a_failed_job_can_be_laid_aside(as_alice: Client) -> None:
    found = failed()
    as_alice.post(f"/settings/jobs/{found.pk}/dismiss/")
    found.refresh_from_db()
    assert found.dismissed_at is not None
    assert "Lay aside" not in as_alice.get(f"/settings/jobs/{found.pk}/").content.decode()


def test_a_state_is_changed_only_by_posting(as_alice: Client) -> None:
    found = failed()
    for what in ("cancel", "retry", "dismiss"):
        assert as_alice.get(f"/settings/jobs/{found.pk}/{what}/").status_code == 405


def test_progress_refreshes_until_the_end(as_alice: Client) -> None:
    now = clock.now()
    found = job(
        state=JobState.RUNNING,
        started_at=now - dt.timedelta(minutes=5),
        lease_until=now + dt.timedelta(seconds=30),
        done=1500,
        total=3000,
        note="Applying packages.yml",
    )
    address = f"/settings/jobs/{found.pk}/progress/"
    part = as_alice.get(address, headers={"HX-Request": "true"})
    text = part.content.decode()
    assert 'max="3000" value="1500"' in text
    assert "1,500 of 3,000, about 5 minutes left" in text
    assert "Applying packages.yml" in text
    assert f'hx-get="{address}" hx-trigger="every 1s"' in text
    assert "HX-Refresh" not in part

    as_alice.post(f"/settings/jobs/{found.pk}/cancel/")
    assert "stopping" in as_alice.get(f"/settings/jobs/{found.pk}/").content.decode()

    Job.objects.filter(pk=found.pk).update(state=JobState.CANCELLED, finished_at=now)
    ended = as_alice.get(address, headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert "hx-trigger" not in ended.content.decode()


# -- /healthz --------------------------------------------------------------------------------------------------------


def test_health_is_public_and_tells_the_oldest_due_work(as_nobody: Client) -> None:
    answer = as_nobody.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "oldest_due_job_seconds": 0,
        "jobs_due": 0,
        "version": __version__,
    }
    job(due_at=clock.now() - dt.timedelta(minutes=14))
    answer = as_nobody.get("/healthz")
    assert (answer.status_code, answer.json()["jobs_due"]) == (200, 1)
    assert 840 <= answer.json()["oldest_due_job_seconds"] <= 845


def test_work_that_nobody_takes_up_is_a_failure(as_nobody: Client) -> None:
    job(due_at=clock.now() - dt.timedelta(minutes=16))
    answer = as_nobody.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "late")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_is_told(as_nobody: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_job RENAME TO kernel_job_away")
    try:
        answer = as_nobody.get("/healthz")
        assert (answer.status_code, answer.json()["database"]) == (503, "failing")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE kernel_job_away RENAME TO kernel_job")


def test_an_outcome_is_told_in_words(as_alice: Client) -> None:
    done = job(
        state=JobState.SUCCEEDED,
        outcome={
            "run": 5,
            "created": {"people": 1200, "role_kinds": 3, "terms": 0},
            "updated": {"people": 0},
            "rejected": [],
            "kept": [{"file": "a.csv", "line": 2}, "x"],
        },
    )
    shown = as_alice.get(f"/settings/jobs/{done.pk}/").context["shown"]
    assert shown.outcome == [
        ("created", "people: 1,200, role kinds: 3"),
        ("kept", "file: a.csv, line: 2, x"),
        ("rejected", "nothing"),
        ("run", "5"),
        ("updated", "nothing"),
    ]
