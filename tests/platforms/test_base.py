"""The platforms' common ground: what a fault is, and that a write is counted once it was taken."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.platforms.base import Asked, Fault, Platform, Reply, route


class Moot(Platform):
    def refused(self, asked: Asked) -> Reply | None:
        return None if asked.bearer == "token" else Reply(401, {"error": "who?"})

    @route("POST", r"/posts")
    def publish(self, asked: Asked) -> Reply:
        return Reply(201, {"id": self.accept(asked.json["text"], asked.json).id})

    @route("POST", r"/files")
    def upload(self, asked: Asked) -> Reply:
        file = asked.files["file"]
        return Reply(200, {"type": file.type, "size": len(file.content), "alt": asked.form["alt"]})

    @route("GET", r"/posts/(?P<number>\d+)", is_open=True)
    def show(self, asked: Asked, number: str) -> Reply:
        post = self.find(number)
        return Reply(200, {"text": post.text}) if post else self.missing(asked)


@pytest.fixture
def moot() -> Iterator[Moot]:
    with Moot() as platform:
        yield platform


@pytest.fixture
def client(moot: Moot) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=moot.url, headers={"authorization": "Bearer token"}, trust_env=False) as found:
        yield found


def test_routes_tokens_and_files(moot: Moot, client: httpx.Client) -> None:
    assert client.post("/posts", json={"text": "moot"}).json() == {"id": "1"}
    assert client.get("/posts/1", headers={"authorization": ""}).json() == {"text": "moot"}
    assert client.post("/posts", json={"text": "moot"}, headers={"authorization": ""}).status_code == 401
    assert client.get("/posts/2").status_code == client.get("/nowhere").status_code == 404
    given = client.post(
        "/files", files={"file": ("a.png", b"\x89PNG\r\n\x00\xff", "image/png")}, data={"alt": "Été"}
    )
    assert given.json() == {"type": "image/png", "size": 8, "alt": ["Été"]}
    assert moot.asked[0] == "POST /posts 201"
    assert (moot.count("404"), moot.doubles()) == (2, {})


@pytest.mark.parametrize(
    ("fault", "taken", "said"),
    [
        (Fault.ACCEPT_THEN_DROP, 1, None),
        (Fault.ACCEPT_THEN_CUT, 1, None),
        (Fault.ACCEPT_THEN_500, 1, 500),
        (Fault.ERROR, 0, 500),
        (Fault.DROP, 0, None),
        (Fault.LIMIT, 0, 429),
        (Fault.EXPIRED, 0, 401),
        (Fault.DELAY, 1, 201),
    ],
)
def test_a_fault_hits_once(
    moot: Moot, client: httpx.Client, fault: Fault, taken: int, said: int | None
) -> None:
    moot.fault(fault, seconds=0.05)
    assert client.get("/posts/1").status_code == 404  # what only reads is spared
    if said is None:
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/posts", json={"text": "one"})
    else:
        assert client.post("/posts", json={"text": "one"}).status_code == said
    assert len(moot.accepted) == taken
    assert client.post("/posts", json={"text": "two"}).status_code == 201
    assert [each.text for each in moot.posts] == ["one", "two"][1 - taken :]


def test_chaos_chooses_for_each_request(moot: Moot, client: httpx.Client) -> None:
    moot.chaos = lambda asked: Fault.ACCEPT_THEN_500 if b"one" in asked.body else None
    codes = [client.post("/posts", json={"text": text}).status_code for text in ("one", "two", "one")]
    assert codes == [500, 201, 500]
    assert moot.doubles() == {"one": 2}
    moot.remove(moot.posts[0])
    assert (len(moot.posts), len(moot.accepted)) == (2, 3)
