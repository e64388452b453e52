"""After acceptance: what is missing is told by rules that are rows; what cannot be checked is kept and flagged."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import actions as queueing
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.plugs import GoodNews, good_news_sources, schedule, today_sources
from folkmoot.ledger.models import Activity
from folkmoot.people.models import Project, ProjectFacts
from folkmoot.reviews import jobs, seeds
from folkmoot.reviews.actions import submissions
from folkmoot.reviews.celebration import accepted_since, good_news
from folkmoot.reviews.live_plugs import CARE
from folkmoot.reviews.models import Flag, HoldUpRule, Programme, Submission
from folkmoot.reviews.queries.aftercare import aftercare, watch
from tests.conftest import signed_in
from tests.factories import AssignmentFactory, PersonFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def news_of(user: User) -> list[GoodNews]:
    """What went well in the week before."""
    since = NOW - dt.timedelta(days=7)
    return list(good_news(user, since, NOW, accepted_since(user, since, NOW).read()))


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def programme() -> Programme:
    seeds.load()
    return Programme.objects.get(slug="software-peer-review")


def package(
    programme: Programme, name: str, days: int, *, commit: int | None = 3, stale: bool = False, **more: Any
) -> Submission:
    """Accepted so many days ago, with a commit so many days ago."""
    project = Project.objects.create(name=name, kind="package")
    if commit is not None:
        ProjectFacts.objects.create(
            project=project,
            source="github",
            number=name,
            last_commit_at=NOW - dt.timedelta(days=commit),
            read_at=NOW,
            stale_since=NOW if stale else None,
        )
    values: dict[str, Any] = {"archive": "https://doi.org/10.5281/zenodo.1", "said": {}, **more}
    return Submission.objects.create(
        programme=programme,
        title=name,
        project=project,
        opened_at=NOW - dt.timedelta(days=days + 100),
        outcome="accepted",
        accepted_on=(NOW - dt.timedelta(days=days)).date(),
        stage=programme.stages.get(slug="accepted"),
        stage_since=NOW - dt.timedelta(days=days),
        **values,
    )


def told() -> list[tuple[str, str, int]]:
    return [(one.submission.title, one.words, one.over_by) for one in aftercare(NOW)]


def test_what_is_missing_is_told_by_rules(programme: Programme) -> None:
    package(programme, "good", 100)
    package(programme, "unarchived", 30, archive="")
    package(programme, "fresh", 10, archive="")
    package(programme, "journal", 90, joss="under_review")
    package(programme, "published", 90, joss="approved")
    assert told() == [
        ("journal", "under review at the journal for 90 days; told after 60", 30),
        (
            "unarchived",
            "accepted 30 days ago, no archive of the accepted version is named; told after 14",
            16,
        ),
    ]
    HoldUpRule.objects.filter(kind="archive").update(days=60)
    assert [one[0] for one in told()] == ["journal"]
    HoldUpRule.objects.filter(kind="joss").update(is_active=False)
    assert told() == []


def test_the_website_lags_only_where_its_file_is_known(programme: Programme) -> None:
    package(programme, "new", 20)
    assert told() == []
    package(programme, "listed", 20, said={"packages": {"fields": {}}})
    assert told() == [("new", "accepted 20 days ago, and not in the website's files; told after 7", 13)]


def test_the_maintenance_watch_takes_the_strictest_rule(programme: Programme) -> None:
    package(programme, "quiet", 400, commit=200)
    package(programme, "silent", 400, commit=400)
    package(programme, "left", 1400, commit=800, stale=True)
    package(programme, "unknown", 400, commit=None)
    gone = package(programme, "archived", 1400, commit=900)
    gone.project.is_archived = True  # type: ignore[union-attr]
    gone.project.save()  # type: ignore[union-attr]
    assert told() == [
        ("left", "no commit for 800 days; told after 730 (as last read; GitHub cannot be read now)", 70),
        ("silent", "no commit for 400 days; told after 365", 35),
        ("quiet", "no commit for 200 days; told after 183", 17),
    ]
    assert [(one.submission.title, one.is_stale, len(one.cares)) for one in watch(NOW)] == [
        ("left", True, 1),
        ("silent", False, 1),
        ("quiet", False, 1),
        ("unknown", False, 0),
    ]


def test_that_a_promise_is_over_is_told_for_a_while(programme: Programme) -> None:
    package(programme, "young", 729)
    package(programme, "two-years", 740)
    package(programme, "old", 900)
    assert told() == [("two-years", "accepted 740 days ago: the maintenance that was promised is over", 10)]


def test_today_tells_whom_the_rule_names(programme: Programme, alice: User) -> None:
    chief = PersonFactory(name="Chris Chief", user=alice)
    silent = package(programme, "silent", 400, commit=400)
    AssignmentFactory(submission=silent, person=chief, role="eic")
    package(programme, "quiet", 400, commit=200)
    package(programme, "quieter", 400, commit=300)
    items = list(CARE.find(alice, NOW, 10))
    assert [(item.title, item.badge, item.mine, item.waits_for_others) for item in items] == [
        ("silent", "quiet", frozenset({alice.pk}), False),
        ("2 accepted packages have had no commit for a while", "quiet", frozenset(), True),
    ]
    assert items[0].why == (
        "no commit for 400 days; told after 365. "
        "Write to the maintainers and ask whether they still look after it."
    )
    assert items[1].why.startswith("quieter, quiet: the longest for 300 days; told after 183.")
    assert items[0].action_url == f"/reviews/{silent.pk}/"
    page = signed_in(alice).get("/").content.decode()
    assert "no commit for 400 days" in page


def test_the_list_of_accepted_packages(programme: Programme, alice: User, charlie: User) -> None:
    browser = signed_in(alice)

    def queries(number: int) -> int:
        for one in range(number):
            package(programme, f"pack{Submission.objects.count()}-{one}", 400, commit=200 + one, archive="")
        with CaptureQueriesContext(connection) as taken:
            assert browser.get("/reviews/after-acceptance/").status_code == 200
        return len(taken)

    browser.get("/reviews/after-acceptance/")
    first = queries(1)
    assert queries(3) == first
    assert first <= 25
    content = browser.get("/reviews/after-acceptance/?needs=archive").content.decode()
    assert "no archive of the accepted version is named" in content
    assert browser.get("/reviews/after-acceptance/?needs=joss").content.decode().count("pack0-0") == 0
    assert browser.get("/reviews/after-acceptance/?export=csv").status_code == 200
    assert signed_in(charlie).get("/reviews/after-acceptance/").status_code in (403, 404)
    assert Client().get("/reviews/after-acceptance/").status_code == 302


# ------------------------------------------------------------------------------------------------------- celebration


def test_an_acceptance_is_told_with_its_facts(programme: Programme, alice: User) -> None:
    row = submissions.open_submission(
        programme=programme,
        title="wavefold",
        actor=alice,
        repository="https://github.com/ana-q/wavefold",
        authors=[PersonFactory(name="Ana Quintanar")],
    )
    editor, reviewer, declined = PersonFactory(), PersonFactory(), PersonFactory()
    AssignmentFactory(submission=row, person=editor, role="editor")
    AssignmentFactory(submission=row, person=reviewer, role="reviewer", state="done")
    AssignmentFactory(submission=row, person=declined, role="reviewer", state="declined")
    submissions.close(submission=row, outcome="accepted", actor=alice)
    detail = Activity.objects.get(kind="reviews.accepted").detail
    assert detail["package"] == "wavefold"
    assert detail["repository"] == "https://github.com/ana-q/wavefold"
    assert detail["people"] == {
        "authors": [row.assignments.get(role="author").person_id],
        "maintainers": [],
        "eics": [],
        "editors": [editor.pk],
        "reviewers": [reviewer.pk],
    }
    assert "Quintanar" not in json.dumps(detail)
    news = news_of(alice)
    assert [(one.sentence, one.url) for one in news] == [("wavefold was accepted", f"/reviews/{row.pk}/")]
    assert "reviews.accepted" in {source.key for source in good_news_sources}


def test_many_acceptances_are_told_in_three_sentences(programme: Programme, alice: User) -> None:
    assert news_of(alice) == []
    for number in range(5):
        package(programme, f"pack{number}", number)
    package(programme, "before", 30)
    with CaptureQueriesContext(connection) as taken:
        news = news_of(alice)
    assert [one.sentence for one in news] == [
        "pack0 was accepted",
        "pack1 was accepted",
        "3 more packages were accepted",
    ]
    assert len(taken) == 1


# ------------------------------------------------------------------------------------------------------ archives


class Resolver(BaseHTTPRequestHandler):
    """Answers as the Handle System's interface does."""

    known: ClassVar[dict[str, int]] = {}
    status: ClassVar[int] = 0
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        name = self.path.removeprefix("/api/handles/").partition("?")[0]
        type(self).asked.append(name)
        code = self.known.get(name, 100)
        status = self.status or (200 if code == 1 else 404)
        body = (
            b"<html>" if self.status == 299 else json.dumps({"responseCode": code, "handle": name}).encode()
        )
        self.send_response(200 if self.status == 299 else status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def resolver(settings: Any, monkeypatch: Any) -> Iterator[type[Resolver]]:
    Resolver.known, Resolver.status, Resolver.asked = {}, 0, []
    monkeypatch.setattr(jobs, "pause", lambda seconds: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), Resolver) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.HTTP_ALLOW = [f"127.0.0.1:{server.server_port}"]
        monkeypatch.setattr(jobs, "RESOLVER", f"http://127.0.0.1:{server.server_port}/api/handles/")
        yield Resolver
        server.shutdown()


def check() -> dict[str, Any]:
    job = queueing.enqueue(kind=jobs.KIND, hold=True)
    assert job is not None
    outcome: dict[str, Any] = run_in_foreground(job).outcome
    return outcome


def flags() -> list[tuple[Any, ...]]:
    rows = Flag.objects.filter(settled_at=None).order_by("pk")
    return list(rows.values_list("submission__title", "kind", "field", "value", "reason"))


def test_dois_that_lead_somewhere_are_fine(programme: Programme, resolver: type[Resolver]) -> None:
    package(programme, "good", 100, joss_doi="10.21105/joss.00001")
    package(programme, "elsewhere", 100, archive="https://archive.example.org/1")
    resolver.known = {"10.5281/zenodo.1": 1, "10.21105/joss.00001": 1}
    assert check() == {"checked": 2, "gone": 0, "unknown": 0, "unanswered": 0}
    assert resolver.asked == ["10.5281/zenodo.1", "10.21105/joss.00001"]
    assert flags() == []


def test_a_doi_that_leads_nowhere_is_flagged_and_kept(programme: Programme, resolver: type[Resolver]) -> None:
    row = package(programme, "lost", 100)
    assert check() == {"checked": 1, "gone": 1, "unknown": 0, "unanswered": 0}
    assert flags() == [
        (
            "lost",
            "check",
            "archive",
            "https://doi.org/10.5281/zenodo.1",
            "this DOI is not registered: it leads nowhere; the value was kept",
        )
    ]
    check()
    assert len(flags()) == 1
    row.refresh_from_db()
    assert (row.archive, row.outcome) == ("https://doi.org/10.5281/zenodo.1", "accepted")
    resolver.known = {"10.5281/zenodo.1": 1}
    check()
    assert flags() == []


@pytest.mark.parametrize(
    ("status", "why"), [(500, "500"), (403, "403"), (299, "answered 200 with a body that is no JSON")]
)
def test_what_cannot_be_checked_is_kept(
    programme: Programme, resolver: type[Resolver], status: int, why: str
) -> None:
    row = package(programme, "kept", 100)
    resolver.status = status
    assert check() == {"checked": 1, "gone": 0, "unknown": 1, "unanswered": 0}
    ((title, kind, field, value, reason),) = flags()
    assert (title, kind, field, value) == ("kept", "check", "archive", row.archive)
    assert reason == f"could not be checked ({why}): the last good value was kept"
    before = (row.archive, row.outcome, row.accepted_on)
    row.refresh_from_db()
    assert (row.archive, row.outcome, row.accepted_on) == before
    resolver.status, resolver.known = 0, {"10.5281/zenodo.1": 1}
    check()
    assert flags() == []


def test_a_resolver_that_is_down_loses_no_package(
    programme: Programme, resolver: type[Resolver], monkeypatch: Any, settings: Any
) -> None:
    """What once cost a community 46 of its 54 accepted packages."""
    for number in range(54):
        package(programme, f"pack{number}", 100, archive=f"https://doi.org/10.5281/zenodo.{number}")
    monkeypatch.setattr(jobs, "RESOLVER", "http://127.0.0.1:1/api/handles/")
    settings.HTTP_ALLOW = ["127.0.0.1:1"]
    assert check() == {
        "checked": 3,
        "gone": 0,
        "unknown": 0,
        "unanswered": 3,
    }  # then nobody is asked any more
    assert Submission.objects.filter(outcome="accepted").exclude(archive="").count() == 54
    ((title, kind, field, value, reason),) = flags()
    assert (title, kind, field, value) == (None, "check", "doi", "doi.org")
    assert reason.startswith("DOIs of accepted packages could not be checked (")
    assert reason.endswith("); all values were kept")


def test_the_clock_asks_once_a_week() -> None:
    assert schedule.get(jobs.KIND).slot(NOW) == "2026-W47"
    assert {"reviews.trackers", "reviews.aftercare"} <= {source.key for source in today_sources}
