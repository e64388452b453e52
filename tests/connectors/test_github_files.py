"""Files by a pull request, and its merge: each once, whatever GitHub does, against a stand-in written from its docs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from folkmoot.connectors.base import Access, Readback, connectors
from folkmoot.connectors.github import client
from folkmoot.connectors.github.files import FileSender, blob
from folkmoot.connectors.github_files import BRANCH, GithubFiles
from folkmoot.kernel.http import Verdict
from folkmoot.outbox import actions
from folkmoot.outbox.engine.context import read
from folkmoot.outbox.models import Delivery, State
from tests.connectors.house import NOON, PIXEL, House, make_channel, sending, sent, told
from tests.github_server import TOKEN, World, answer, hang_up, no_json, serving, then
from tests.github_writes import Git, Pull

pytestmark = pytest.mark.django_db
PATH = "_posts/2026-11-20-a moot.md"
POST: dict[str, Any] = {
    "repository": "moot/website",
    "branch": "post-12",
    "base": "main",
    "path": PATH,
    "content": "---\ntitle: A moot\n---\nWe meet in Zürich.\n",
    "message": "Add a post",
    "title": "A moot",
    "body": "For Friday.",
}
MERGE = {**{name: POST[name] for name in ("repository", "branch", "base")}, "merge": True}
#: Every write that a post takes.
WRITES = (
    "POST /repos/moot/website/git/refs",
    f"PUT /repos/moot/website/contents/{PATH.replace(' ', '%20')}",
    "POST /repos/moot/website/pulls",
)


@pytest.fixture(autouse=True)
def clock(monkeypatch: Any, settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(client, "WAITS", (0.0, 0.0))
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world() -> World:
    found = World()
    found.repo(700, "moot/website")
    return found


@pytest.fixture
def git(world: World) -> Git:
    return world.repositories[0].git


@pytest.fixture
def address(world: World, settings: Any) -> Iterator[str]:
    with serving(world) as found:
        settings.HTTP_ALLOW = [found.removeprefix("http://")]
        yield found


@pytest.fixture
def line(address: str) -> Iterator[FileSender]:
    found = GithubFiles().open(Access(1, {"api_url": address}, {"token": TOKEN}))
    assert isinstance(found, FileSender)
    yield found
    found.close()


@pytest.fixture
def house(address: str, clock: time_machine.Traveller) -> House:
    return House(make_channel("github-files", {"api_url": address}, {"token": TOKEN}), clock)


def queue(house: House, payload: dict[str, Any], after: Delivery | None = None) -> Delivery:
    return actions.queue(
        channel=house.channel,
        kind="test",
        area="people",
        title="A moot",
        payload=payload,
        depends_on=after,
        asked_by=None,
    )


def test_a_file_by_a_pull_request_and_its_merge(git: Git, house: House) -> None:
    name = default_storage.save("tents.png", ContentFile(PIXEL))
    post = queue(house, {**POST, "files": [{"path": "images/tents.png", "file": name}]})
    merge = queue(house, MERGE, after=post)
    assert house.ends(post, 0) == State.SENT
    (pull,) = git.pulls
    assert (pull.head, pull.base, pull.title, pull.body) == ("post-12", "main", "A moot", "For Friday.")
    assert (post.remote_id, post.remote_url) == ("40", "https://github.com/moot/website/pull/40")
    assert house.ends(merge, 1) == State.SENT
    assert git.written == ["post-12:images/tents.png", f"post-12:{PATH}", "pull 40", "merge 40"]
    assert (merge.words, merge.remote_url) == ("pull request 40 is merged", post.remote_url)
    assert git.branches["main"][PATH] == POST["content"].encode()
    assert git.branches["main"]["images/tents.png"] == PIXEL


def test_the_same_again_does_nothing(git: Git, line: FileSender) -> None:
    first = line.send(POST, sending())
    done = list(git.written)
    assert line.send(POST, sending()) == first
    line.send(MERGE, sending(previous=sent(first)))
    again = line.send(POST, sending())
    assert (again.verdict, again.remote_id) == (Verdict.YES, "40")
    del git.branches["post-12"]  # as GitHub does after a merge, where that is set
    assert line.send(POST, sending()).remote_id == "40"
    assert line.send(MERGE, sending()).verdict is Verdict.YES
    assert git.written == [*done, "merge 40"]


def test_a_file_that_changes_keeps_its_pull_request(git: Git, line: FileSender) -> None:
    there = sent(line.send(POST, sending()))
    changed = {**POST, "content": "New\n"}
    assert line.correct(there, changed, sending()).remote_id == "40"
    assert (git.branches["post-12"][PATH], len(git.pulls)) == (b"New\n", 1)
    line.send(MERGE, sending())
    late = line.correct(there, POST, sending())
    assert late.words == "The pull request is merged: change the file by another one."
    assert line.withdraw(there).words == late.words


def test_what_the_base_says_already_needs_no_pull_request(git: Git, line: FileSender) -> None:
    git.branches["main"][PATH] = POST["content"].encode()
    outcome = line.send(POST, sending())
    assert (outcome.verdict, outcome.words) == (Verdict.YES, "It was there already, word for word.")
    assert outcome.remote_url == f"https://github.com/moot/website/blob/main/{PATH}"
    merged = line.send(MERGE, sending(previous=sent(outcome)))
    assert (merged.verdict, merged.words) == (Verdict.YES, "There is nothing to merge.")
    assert git.pulls == []


@pytest.mark.parametrize("fault", [then(hang_up), then(500), then(no_json), hang_up, 500])
@pytest.mark.parametrize("at", WRITES)
def test_whatever_step_is_lost_all_is_there_once(
    world: World, git: Git, house: House, fault: Any, at: str
) -> None:
    world.faults[at] = [fault]
    delivery = queue(house, POST)
    assert house.ends(delivery, 15) == State.SENT
    assert delivery.remote_id == "40"
    assert git.written == [f"post-12:{PATH}", "pull 40"]


@pytest.mark.parametrize("fault", [then(hang_up), then(500), hang_up, 500])
def test_a_merge_whose_answer_was_lost(world: World, git: Git, house: House, fault: Any) -> None:
    post = queue(house, POST)
    merge = queue(house, MERGE, after=post)
    world.faults["PUT /repos/moot/website/pulls/40/merge"] = [fault]
    assert house.ends(merge, 15) == State.SENT
    assert git.written == [f"post-12:{PATH}", "pull 40", "merge 40"]
    assert told(merge)[:2] in ([("send", "unknown"), ("look", "yes")], [("send", "unknown"), ("look", "no")])


def test_what_is_not_merged(git: Git, line: FileSender) -> None:
    none = line.send(MERGE, sending())
    assert none.words == "There is no pull request of this branch."
    there = sent(line.send(POST, sending()))
    (pull,) = git.pulls
    pull.mergeable = "blocked"
    waits = line.send(MERGE, sending(previous=there))
    assert (waits.verdict, waits.transient) == (Verdict.NO, True)
    assert waits.words == "GitHub does not merge it. 405 Pull Request is not mergeable"
    pull.mergeable = "dirty"
    assert line.send(MERGE, sending(previous=there)).transient is False
    pull.draft = True
    assert line.send(MERGE, sending(previous=there)).words == "The pull request is still a draft."
    pull.draft = False
    assert line.withdraw(there).verdict is Verdict.YES
    assert (pull.state, line.withdraw(there).verdict) == ("closed", Verdict.YES)
    closed = line.send(MERGE, sending(previous=there))
    assert closed.words == "The pull request was closed without being merged."
    assert line.correct(there, POST, sending()).words == "The pull request is closed."
    assert line.send(POST, sending()).remote_id == "41"  # asked for anew, it is opened anew


def test_what_github_refuses(world: World, git: Git, house: House, line: FileSender) -> None:
    assert line.send({**POST, "base": "trunk"}, sending()).words == (
        "There is no branch “trunk” to begin from."
    )
    missing = {**POST, "files": [{"path": "a.png", "file": "gone.png"}]}
    assert line.send(missing, sending(read=read)).words == "no file gone.png"
    world.faults[WRITES[1]] = [answer(409, {"message": "is at 1 but expected 2"})]
    busy = line.send(POST, sending())
    assert (busy.verdict, busy.transient) == (Verdict.NO, True)
    world.faults[WRITES[2]] = [answer(422, {"message": "Validation Failed", "errors": [{"message": "odd"}]})]
    assert line.send(POST, sending()).words == "GitHub does not take this. 422 odd"
    world.faults[WRITES[2]] = [answer(403, {"message": "Resource not accessible by personal access token"})]
    delivery = queue(house, POST)
    house.turns()
    house.channel.refresh_from_db()
    assert house.channel.failing_words.startswith("The token lacks a right for this")
    assert house.ends(delivery, 2) == State.SENT


@pytest.mark.parametrize("seed", range(2))
def test_none_twice_and_none_lost_whatever_happens(world: World, git: Git, house: House, seed: int) -> None:
    choice = random.Random(seed)
    faults: list[Any] = [
        hang_up,
        then(hang_up),
        500,
        then(500),
        then(no_json),
        502,
        lambda handler: handler.act(),
    ]
    for path in (*WRITES, "PUT /repos/moot/website/pulls/40/merge"):
        world.faults[path] = [choice.choice(faults) for _ in range(4)]
    post = queue(house, POST)
    merge = queue(house, MERGE, after=post)
    assert house.ends(merge, 120) == State.SENT
    assert git.written == [f"post-12:{PATH}", "pull 40", "merge 40"]


def test_a_large_picture_is_known_by_its_digest(git: Git, line: FileSender) -> None:
    large = b"x" * (1024 * 1024 + 1)
    name = default_storage.save("large.png", ContentFile(large))
    payload = {**POST, "files": [{"path": "large.png", "file": name}]}
    line.send(payload, sending(read=read))
    done = list(git.written)
    line.send(payload, sending(read=read))
    assert git.written == done
    assert blob(b"what is up, doc?") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"  # Pro Git, "Git Objects"


def test_what_it_says_of_itself() -> None:
    found = connectors.get("github-files")
    assert isinstance(found, GithubFiles)
    assert (found.readback, found.medium) == (Readback.EXACT, "file")
    assert (found.problems(POST), found.problems(MERGE)) == ([], [])
    assert found.problems({"repository": "moot", "branch": "a..b", "base": "main", "path": "../x"}) == [
        "Name the repository as owner/name.",
        "“a..b” is no usable name of a branch.",
        "“../x” is no path inside the repository.",
        "The file has no content.",
        "The pull request has no title.",
    ]
    assert found.problems({**MERGE, "branch": "main"}) == [
        "The branch is the one that it would be merged into."
    ]
    assert found.problems({**POST, "content": "ä" * 600_000}) == [
        "The file is larger than one megabyte, which is the most that is taken."
    ]
    for wrong in ("/a", "a/", "", ".git/config", "a\nb"):
        assert len(found.problems({**POST, "path": wrong})) == 1
    assert found.wrong_settings(Access(1)) == {"token": "Token"}
    assert Pull(1, "a", "b", "t", "").rest("x/y")["html_url"] == "https://github.com/x/y/pull/1"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("post-12", True),
        ("a/b.c", True),
        ("a..b", False),
        ("a//b", False),
        ("-a", False),
        ("a.lock", False),
        ("a/", False),
    ],
)
def test_names_of_branches(name: str, is_one: bool) -> None:
    assert (BRANCH.fullmatch(name) is not None) is is_one
