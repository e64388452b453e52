"""Asking GitHub: limits, accidents and refusals are told apart, and a wrong answer never passes for a right one."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest

from folkmoot.connectors.github import shapes, webhooks
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import WORDS, GitHubProblem, Trouble
from folkmoot.kernel import clock
from tests.github_server import TOKEN, World, answer, no_json, serving, truncated

ME = "/user"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def github(world: World, settings: Any) -> Iterator[GitHub]:
    with serving(world) as address:
        settings.HTTP_ALLOW = [address.removeprefix("http://")]
        with GitHub(TOKEN, address, pause=lambda seconds: None) as client:
            yield client


def trouble(github: GitHub, path: str = ME) -> GitHubProblem:
    with pytest.raises(GitHubProblem) as problem:
        github.get(path)
    return problem.value


def seconds_until(problem: GitHubProblem) -> int:
    assert problem.until is not None
    return round((problem.until - clock.now()).total_seconds())


@pytest.mark.parametrize("fault", [500, 502, 503, truncated, no_json])
def test_an_accident_is_tried_again(github: GitHub, world: World, fault: Any) -> None:
    world.faults[ME] = [fault, fault]
    assert github.get(ME).data["login"] == "the-community"
    assert len(world.asked) == 3


@pytest.mark.parametrize(
    ("fault", "kind"), [(502, Trouble.SERVER), (truncated, Trouble.NETWORK), (no_json, Trouble.NETWORK)]
)
def test_an_accident_that_lasts_is_told(github: GitHub, world: World, fault: Any, kind: Trouble) -> None:
    world.faults[ME] = [fault] * 3
    assert trouble(github).trouble == kind
    assert len(world.asked) == 3


@pytest.mark.parametrize(
    ("fault", "kind", "wait"),
    [
        (answer(429, {"message": "Too many"}, retry_after="7"), Trouble.LIMIT, 7),
        (answer(403, {"message": "Slow down"}, retry_after="120"), Trouble.LIMIT, 120),
        (
            answer(403, {"message": "You have exceeded a secondary rate limit. Please wait."}),
            Trouble.LIMIT,
            60,
        ),
        (answer(429, {"message": "Too many"}), Trouble.LIMIT, 60),
        (answer(403, {"message": "Resource not accessible by personal access token"}), Trouble.SCOPE, None),
        (answer(401, {"message": "Bad credentials"}), Trouble.TOKEN, None),
        (answer(404, {"message": "Not Found"}), Trouble.GONE, None),
        (answer(451, {"message": "Unavailable"}), Trouble.GONE, None),
        (answer(422, {"message": "Validation Failed"}), Trouble.ODD, None),
    ],
)
def test_refusals_are_told_apart(
    github: GitHub, world: World, fault: Any, kind: Trouble, wait: int | None
) -> None:
    world.faults[ME] = [fault]
    problem = trouble(github)
    assert problem.trouble == kind
    assert len(world.asked) == 1  # no refusal is asked for a second time
    assert problem.until is None if wait is None else abs(seconds_until(problem) - wait) <= 1
    assert TOKEN not in str(problem)


def test_a_spent_limit_is_not_asked_against(github: GitHub, world: World) -> None:
    world.remaining, world.reset = 1, int(time.time()) + 600
    github.get(ME)
    problem = trouble(github)
    assert (problem.trouble, problem.until) == (
        Trouble.LIMIT,
        dt.datetime.fromtimestamp(world.reset, dt.UTC),
    )
    assert len(world.asked) == 1
    # GraphQL has a limit of its own.
    world.remaining = 5
    assert github.graphql("query Names {}", {}) == {}


def test_pages_and_marks(github: GitHub, world: World) -> None:
    for number in range(5):
        world.repo(number + 1, f"Org/r{number}")
    first = github.get("/orgs/Org/repos", {"per_page": 2})
    assert (len(first.data), first.last_page) == (2, 3)
    second = github.get(first.next_url)
    third = github.get(second.next_url)
    assert [one["name"] for page in (first, second, third) for one in page.data] == [
        f"r{number}" for number in range(5)
    ]
    assert third.next_url == ""
    before = world.remaining
    again = github.get("/orgs/Org/repos", {"per_page": 2}, etag=first.etag)
    assert (again.is_unchanged, again.data, again.etag) == (True, None, first.etag)
    assert world.remaining == before


def test_the_token_goes_nowhere_else(github: GitHub, world: World, settings: Any) -> None:
    assert trouble(github, "https://elsewhere.example.org/repos").trouble == Trouble.ODD
    other = World()
    with serving(other) as elsewhere:
        settings.HTTP_ALLOW.append(elsewhere.removeprefix("http://"))
        world.faults[ME] = [answer(301, None, location=f"{elsewhere}/user")]
        github.get("/rate_limit")
        assert trouble(github).trouble in (Trouble.TOKEN, Trouble.ADDRESS)
        assert [line for line in other.asked if not line.endswith("401")] == []


def test_addresses_of_this_machine_are_refused(world: World, settings: Any) -> None:
    settings.HTTP_ALLOW = []
    with serving(world) as address, GitHub(TOKEN, address) as client:
        assert trouble(client).trouble == Trouble.ADDRESS
    assert world.asked == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"data": None, "errors": [{"type": "RATE_LIMITED", "message": "limit"}]}, Trouble.LIMIT),
        ({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "x"}]}, Trouble.GONE),
        ({"data": {"repository": None}, "errors": [{"type": "FORBIDDEN", "message": "x"}]}, Trouble.SCOPE),
        ({"data": None, "errors": [{"message": "Something went wrong"}]}, Trouble.SERVER),
        (
            {"data": None, "errors": [{"message": "`x` does not appear to be a valid cursor."}]},
            Trouble.CURSOR,
        ),
        ({"data": None}, Trouble.ODD),
        (["nothing"], Trouble.ODD),
    ],
)
def test_errors_of_graphql_come_with_200(github: GitHub, world: World, body: Any, kind: Trouble) -> None:
    world.faults["/graphql"] = [answer(200, body)]
    with pytest.raises(GitHubProblem) as problem:
        github.graphql("query { repository }", {})
    assert problem.value.trouble == kind


def test_a_partial_answer_of_graphql_is_used(github: GitHub, world: World) -> None:
    said = {"data": {"u0": {"name": "Ana"}, "u1": None}, "errors": [{"type": "NOT_FOUND", "path": ["u1"]}]}
    world.faults["/graphql"] = [truncated, answer(200, said)]
    assert github.graphql("query { u0 u1 }", {}) == said["data"]


def test_rows_that_cannot_be_read_do_not_hide_the_others() -> None:
    good = {
        "number": 1,
        "title": "A\x00 title  with\u200b space",
        "state": "open",
        "user": None,
        "created_at": "2026-05-04T10:11:12Z",
        "updated_at": "2026-05-04T10:11:12Z",
    }
    rows, bad = shapes.each(
        [good, {**good, "number": 2, "created_at": None}, "x", {**good, "state": "odd"}], shapes.issue
    )
    assert [(row.number, row.title, row.author) for row in rows] == [(1, "A title with space", None)]
    assert bad == [
        "2: None is no time",
        "?: an object was expected, not str",
        "1: the state 'odd' is not known",
    ]
    with pytest.raises(ValueError, match="a list was expected, not dict"):
        shapes.each({}, shapes.issue)


def test_accounts() -> None:
    assert shapes.account({"id": 10137, "login": "ghost", "type": "User"}) is None
    assert shapes.actor(None) is None
    bot = shapes.Account("49", "dependabot[bot]", is_bot=True)
    assert shapes.account({"id": 49, "login": "dependabot[bot]", "type": "Bot"}) == bot
    assert shapes.actor({"__typename": "Bot", "login": "dependabot", "databaseId": 49}) == bot


def test_signatures() -> None:
    """The example of GitHub's documentation."""
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert webhooks.signature(secret, body) == known
    assert webhooks.is_signed(secret, body, known)
    for wrong in ("", known[:-1], known.upper(), "sha256=é"):
        assert not webhooks.is_signed(secret, body, wrong)
    assert not webhooks.is_signed("", body, webhooks.signature("", body))


def test_every_trouble_has_words() -> None:
    assert set(WORDS) == set(Trouble)
