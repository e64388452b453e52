"""Asking AMY: pages, its limit, faults of the way, and what stands in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from folkmoot.connectors import amy as connector
from folkmoot.connectors.amy import Amy, AmyProblem, Trouble, normal_address
from tests.amy import server
from tests.amy.server import SESSION, TOKEN, World, person


@pytest.fixture
def world(settings: Any) -> Iterator[World]:
    settings.HTTP_ALLOW = ["127.0.0.1"]
    world = server.filled()
    with server.running(world):
        yield world


class Waits(list[float]):
    """Waiting that is only noted."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def asking(world: World, waits: Waits | None = None, **over: object) -> Amy:
    said = {"token": TOKEN, "session": SESSION, "pause": waits if waits is not None else Waits(), **over}
    return Amy(world.url, **said)  # type: ignore[arg-type]


def test_pages_to_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "PAGE_SIZE", 2)
    world.lists["/api/v2/person"] = [person(n, f"u{n}", "A", str(n)) for n in range(5)]
    with asking(world) as amy:
        pages = list(amy.pages("/api/v2/person"))
        assert [len(page.results) for page in pages] == [2, 2, 1]
        assert [page.count for page in pages] == [5, 5, 5]
        rest = list(amy.pages("/api/v2/person", start=pages[0].next))
        assert [row["pk"] for page in rest for row in page.results] == [2, 3, 4]
        assert amy.page("/api/v1/communityroleconfigs").results == []


@pytest.mark.parametrize("fault", [500, 502, 503, 504, "cut"])
def test_an_accident_is_tried_again(world: World, fault: object) -> None:
    waits = Waits()
    world.faults["/api/v2/event"] = [fault, fault]
    with asking(world, waits) as amy:
        assert [row["pk"] for row in amy.page("/api/v2/event").results] == [7]
    assert (len(world.asked), waits) == (3, [1.0, 4.0])


def test_it_gives_up(world: World) -> None:
    world.faults["/api/v2/event"] = [500] * 4
    with asking(world) as amy, pytest.raises(AmyProblem) as problem:
        amy.page("/api/v2/event")
    assert problem.value.trouble == Trouble.SERVER


def test_it_waits_as_long_as_it_is_told(world: World) -> None:
    waits = Waits()
    world.throttle = 37
    world.faults["/api/v2/event"] = [429]
    with asking(world, waits) as amy:
        assert len(amy.page("/api/v2/event").results) == 1
    assert waits == [37.0]
    world.throttle = 1800
    world.faults["/api/v2/event"] = [429]
    with asking(world) as amy, pytest.raises(AmyProblem) as problem:
        amy.page("/api/v2/event")
    assert (problem.value.trouble, problem.value.wait) == (Trouble.LIMIT, 1800.0)


def test_it_keeps_to_the_limit_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """AMY lets a user ask 2000 times an hour; here 3 times."""
    monkeypatch.setattr(connector, "REQUESTS", 3)
    waits, now = Waits(), [0.0]

    def pause(seconds: float) -> None:
        waits(seconds)
        now[0] += seconds

    with asking(world, pause=pause, clock=lambda: now[0], patience=4000.0) as amy:
        for _ in range(4):
            amy.page("/api/v2/award")
            now[0] += 10
    assert waits == [3570.0]


@pytest.mark.parametrize(
    ("said", "path", "trouble"),
    [
        ({"token": "wrong"}, "/api/v2/event", Trouble.TOKEN),
        ({"token": ""}, "/api/v2/event", Trouble.TOKEN),
        ({"session": "ended"}, "/api/v1/communityroleconfigs", Trouble.TOKEN),
        ({}, "/api/v2/nothing", Trouble.GONE),
    ],
)
def test_who_is_not_let_in(world: World, said: dict[str, str], path: str, trouble: Trouble) -> None:
    with asking(world, **said) as amy, pytest.raises(AmyProblem) as problem:
        amy.page(path)
    assert problem.value.trouble == trouble
    assert TOKEN not in str(problem.value)


def test_basic_authentication_for_v1(world: World) -> None:
    with asking(world, session="", login="admin:secret") as amy:
        assert amy.page("/api/v1/instructorrecruitment").results == []


def test_rights_are_told_from_a_wrong_token(world: World) -> None:
    world.is_admin = False
    with asking(world) as amy, pytest.raises(AmyProblem) as problem:
        amy.page("/api/v2/event")
    assert problem.value.trouble == Trouble.RIGHTS


@pytest.mark.parametrize("fault", ["html", "elsewhere"])
def test_what_is_not_amy(world: World, fault: str) -> None:
    """A page instead of data; a next page on another host, to which no token goes."""
    world.faults["/api/v2/event"] = [fault]
    with asking(world) as amy, pytest.raises(AmyProblem) as problem:
        list(amy.pages("/api/v2/event"))
    assert problem.value.trouble == Trouble.ODD
    assert len(world.asked) == 1


def test_a_private_address_is_refused(settings: Any) -> None:
    settings.HTTP_ALLOW = []
    with Amy("https://10.1.2.3", token=TOKEN) as amy, pytest.raises(AmyProblem) as problem:
        amy.page("/api/v2/event")
    assert problem.value.trouble == Trouble.ADDRESS


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://AMY.example.org/", "https://amy.example.org"),
        (" https://amy.example.org/api/v2/event?page=2", "https://amy.example.org"),
        ("https://example.org/amy/", "https://example.org/amy"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_addresses(said: str, kept: str) -> None:
    assert normal_address(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "amy.example.org",
        "http://amy.example.org",
        "ftp://x",
        "https://a:b@x.org",
        "",
        "http://[::1",
        "https://x.org:y",
    ],
)
def test_what_is_no_address(said: str) -> None:
    with pytest.raises(AmyProblem):
        normal_address(said)
