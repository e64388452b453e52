"""What breaks while GitHub is read: the last good value stays, it is told what to do, and reading goes on by itself."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

import pytest
from django.utils.module_loading import autodiscover_modules
from typer.testing import CliRunner

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import Problem, cli
from folkmoot.kernel.jobs import leases, runner
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.plugs import today_sources
from folkmoot.ledger.github import sync
from folkmoot.ledger.github.models import Stream
from folkmoot.ledger.models import Activity, GithubConnection, GithubRepository, Item, SyncState
from folkmoot.people.models import Project, ProjectFacts
from tests.conftest import signed_in
from tests.github_server import World, answer, truncated
from tests.ledger.githubbing import connected, read, thing

pytestmark = pytest.mark.django_db

ISSUES = "/repos/pyOpenSci/guide/issues"


@pytest.fixture
def world() -> World:
    world = World()
    ana = world.user(7, "ana-p", name="Ana Pérez")
    guide = world.repo(501, "pyOpenSci/guide")
    guide.issues = [thing(n, ana, f"2026-05-04 10:11:{n:02}", f"Issue {n}") for n in range(1, 8)]
    world.repo(502, "pyOpenSci/site")
    return world


def numbers() -> list[str]:
    return list(Item.objects.order_by("opened_at").values_list("external_id", flat=True))


def told(user: User) -> list[tuple[str, str, str]]:
    return [
        (item.title, item.badge, item.why)
        for key in ("github.failing", "github.stale", "github.expiring")
        for item in today_sources.get(key).find(user, clock.now(), 20)
    ]


def test_a_failed_call_keeps_what_is_there_and_says_so(
    world: World, alice: User, settings: Any, monkeypatch: Any
) -> None:
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        read(connection)
        facts = ProjectFacts.objects.get(number="501")
        assert told(alice) == []
        world.faults["/repos/pyOpenSci/guide"] = [502] * 3
        world.faults[ISSUES] = [truncated] * 3
        world.repositories[1].stars = 99
        outcome = read(connection)
        assert outcome["failed"] == ["pyOpenSci/guide: facts", "pyOpenSci/guide: issues"]
        stale = ProjectFacts.objects.get(number="501")
        assert (stale.stars, stale.read_at) == (facts.stars, facts.read_at)
        assert stale.stale_since is not None
        assert ProjectFacts.objects.get(number="502").stars == 99  # the others are read
        ((title, badge, why),) = told(alice)
        assert (title, badge) == ("1 repository of GitHub “pyOpenSci” was not read", "stale")
        assert why == (
            "pyOpenSci/guide, facts: GitHub answered with an error of its own. Nothing needs to be done at once: "
            "it is tried again within the hour. "
            "502 Server Error"
        )
        assert title in signed_in(alice).get("/").content.decode()
        since = SyncState.objects.get(repository__number="501", stream="facts").stale_since
        world.faults["/repos/pyOpenSci/guide"] = [500] * 3
        read(connection)
        assert SyncState.objects.get(repository__number="501", stream="facts").stale_since == since
        read(connection)
        assert told(alice) == []
        assert ProjectFacts.objects.get(number="501").stale_since is None


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    world: World, settings: Any, monkeypatch: Any, after: int
) -> None:
    """Killed before the page after so many; its successor asks for no page again that was written."""
    world.per_page = 2

    class Killed(BaseException):
        pass

    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        job = sync.ask(connection, finds=True)
        assert job is not None
        pages = []
        write = sync._write

        def dies(*given: Any, **named: Any) -> bool:
            done = write(*given, **named)
            pages.append(done)
            if len(pages) == after + 1:
                raise Killed
            return done

        monkeypatch.setattr(sync, "_write", dies)
        held = leases.claim(Job.objects.get(pk=job.pk))
        assert held is not None
        with pytest.raises(Killed):
            runner.run(held)
        monkeypatch.setattr(sync, "_write", write)
        before = numbers()
        assert 0 < len(before) < 7
        assert Activity.objects.count() == len(before)
        world.asked.clear()
        Job.objects.update(lease_until=clock.now() - dt.timedelta(seconds=1))
        again = leases.claim(Job.objects.get(pk=job.pk))
        assert again is not None
        runner.run(again)
    assert Job.objects.get(pk=job.pk).state == JobState.SUCCEEDED
    assert numbers() == [f"501/{n}" for n in range(1, 8)]
    assert Activity.objects.filter(kind="item.opened").count() == 7
    assert [line for line in world.asked if line.startswith("GET /orgs/")] == []
    assert [line for line in world.asked if ISSUES in line and "since=" not in line] == []


def test_a_reader_that_was_overtaken_writes_nothing(world: World, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        fetch, put = sync.READERS[Stream.ISSUES]

        def overtaken(*given: Any) -> Any:
            """Another reader writes this page while it is asked for."""
            page = fetch(*given)
            sync.READERS[Stream.ISSUES] = fetch, put
            SyncState.objects.filter(stream="issues").update(
                version=5, cursor={"since": "2026-05-04T10:11:06Z"}
            )
            return page

        monkeypatch.setitem(sync.READERS, Stream.ISSUES, (overtaken, put))
        read(connection)
    state = SyncState.objects.get(stream="issues", repository__number="501")
    assert numbers() == ["501/6", "501/7"]
    assert (state.version, state.rows_read) == (6, 2)


def test_a_spent_limit_lets_a_later_job_go_on(
    world: World, alice: User, settings: Any, monkeypatch: Any
) -> None:
    reset = int(time.time()) + 1800
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        world.remaining, world.reset = 4, reset  # the list, and the facts of the first repository
        outcome = read(connection)
        until = dt.datetime.fromtimestamp(reset, dt.UTC)
        later = Job.objects.get(state=JobState.QUEUED)
        assert (later.due_at, outcome["waits_until"]) == (
            until + dt.timedelta(seconds=1),
            (until + dt.timedelta(seconds=1)).isoformat(),
        )
        connection.refresh_from_db()
        assert (connection.resume_at, connection.error) == (until, "")
        assert told(alice) == []  # nothing for anybody to do
        assert sync.plan() == {"queued": 0}
        asked = len(world.asked)
        assert "waits_until" in read(connection)  # whoever asks meanwhile waits, too
        assert len(world.asked) == asked
        world.remaining, world.reset = 5000, 0
        GithubConnection.objects.update(resume_at=clock.now() - dt.timedelta(seconds=1))
        world.asked.clear()
        Job.objects.filter(pk=later.pk).update(due_at=clock.now())
        held = leases.claim(Job.objects.get(pk=later.pk))
        assert held is not None
        runner.run(held)
    assert len(numbers()) == 7
    assert [line for line in world.asked if line.split()[1] == "/repos/pyOpenSci/guide"] == []


def test_a_secondary_limit_is_waited_for(world: World, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        world.faults[ISSUES] = [answer(403, {"message": "secondary rate limit"}, retry_after="90")]
        read(connection)
        later = Job.objects.get(state=JobState.QUEUED)
        assert 85 < (later.due_at - clock.now()).total_seconds() < 95
        assert json.dumps(later.arguments, sort_keys=True) == json.dumps(
            {"after": [GithubRepository.objects.get(number="501").pk, 0], "connection": connection.pk},
            sort_keys=True,
        )


def test_a_token_that_ended(world: World, alice: User, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        world.token = "another"
        outcome = read(connection)
        assert outcome["problem"] == "token"
        assert told(alice) == [
            (
                "GitHub “pyOpenSci” cannot be read",
                "failed",
                "GitHub does not take the token: it has expired, was revoked, or is missing. Make a new token on "
                "GitHub and put it in here. 401 Bad credentials",
            )
        ]
        assert len(numbers()) == 7
        GithubConnection.objects.update(token="")
        assert read(connection)["problem"] == "token"
        connection.token = "another"
        connection.save(update_fields=["token"])
        assert "problem" not in read(connection)
        assert told(alice) == []


def test_a_name_that_leads_nowhere_is_told_and_the_others_are_read(
    world: World, alice: User, settings: Any, monkeypatch: Any
) -> None:
    given = {"organizations": ["pyOpenSci", "no-such"], "repositories": ["pyOpenSci/gone"]}
    with connected(world, settings, monkeypatch, **given) as connection:
        assert read(connection)["failed"] == ["no-such", "pyOpenSci/gone"]
        assert len(numbers()) == 7
        ((title, badge, why),) = told(alice)
        assert (title, badge) == ("GitHub “pyOpenSci” cannot be read", "failed")
        assert why.endswith("no-such, pyOpenSci/gone")
        GithubConnection.objects.update(organizations=["pyOpenSci"], repositories=[])
        connection.refresh_from_db()
        read(connection)
        assert told(alice) == []


def test_a_repository_that_is_gone_or_not_open_to_the_token(
    world: World, alice: User, settings: Any, monkeypatch: Any
) -> None:
    scope = answer(403, {"message": "Resource not accessible by personal access token"})
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        world.faults[ISSUES] = [scope]
        world.faults["/repos/pyOpenSci/site/issues"] = [answer(410, {"message": "Issues are disabled"})]
        read(connection)
        states = SyncState.objects.filter(stream="issues").order_by("repository__number")
        assert list(states.values_list("error", "error_detail")) == [
            ("scope", "403 Resource not accessible by personal access token"),
            ("", ""),  # issues that are switched off are no trouble
        ]
        assert "The token may not read this. Give the token the rights" in told(alice)[0][2]


def test_a_row_that_cannot_be_read_is_listed(world: World, settings: Any, monkeypatch: Any) -> None:
    rest = world.repositories[0].issues[2].rest

    def without_date(repository: Any) -> dict[str, Any]:
        return {**rest(repository), "created_at": "yesterday"}

    monkeypatch.setattr(world.repositories[0].issues[2], "rest", without_date)
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        read(connection)
    assert numbers() == [f"501/{n}" for n in (1, 2, 4, 5, 6, 7)]
    left = SyncState.objects.get(stream="issues", repository__number="501").left_out
    assert left == ["3: Invalid isoformat string: 'yesterday'"]


def test_removing_a_connection_keeps_what_was_read_and_how_far(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        before = numbers(), Project.objects.count(), Activity.objects.count()
        address = connection.api_url
        connection.delete()
        assert (numbers(), Project.objects.count(), Activity.objects.count()) == before
        again = GithubConnection.objects.create(
            name="Again",
            api_url=address,
            token=world.token,
            organizations=["pyOpenSci"],
            reads_register=False,
        )
        world.asked.clear()
        read(again)
        assert (numbers(), Project.objects.count(), Activity.objects.count()) == before
    assert [line.rpartition(" ")[2] for line in world.asked if ISSUES in line] == ["200"]
    assert "since=2026-05-04T10%3A11%3A07Z" in next(line for line in world.asked if ISSUES in line)


def test_the_command_reads_in_the_terminal(world: World, settings: Any, monkeypatch: Any) -> None:
    autodiscover_modules("commands")

    def run(*given: str) -> tuple[int, dict[str, Any]]:
        done = CliRunner().invoke(cli, ["github", "sync", *given, "--json"], catch_exceptions=False)
        return done.exit_code, json.loads(done.stdout)

    with pytest.raises(Problem, match="there is no connection with GitHub"):
        run()
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]):
        assert run() == (0, {"pyOpenSci": {"rows": 9, "pages": 4, "unchanged": 0}})
        world.faults[ISSUES] = [502] * 3
        code, outcome = run("--connection", "PYOPENSCI", "--repository", "pyopensci/guide")
        assert (code, outcome["pyOpenSci"]["failed"]) == (1, ["pyOpenSci/guide: issues"])
        with pytest.raises(Problem, match="there is no connection 'other'; known: pyOpenSci"):
            run("--connection", "other")
        with pytest.raises(Problem, match="no connection reads sunpy/sunpy"):
            run("--repository", "sunpy/sunpy")


def test_each_hour_every_connection_that_is_not_paused(world: World, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch) as connection:
        GithubConnection.objects.create(name="Paused", token="x", is_paused=True)
        assert sync.plan() == {"queued": 1}
        assert sync.plan() == {"queued": 0}  # it waits already
        assert [job.arguments for job in Job.objects.all()] == [{"connection": connection.pk}]
