"""Discussions on GitHub: each once, whatever GitHub does, against a stand-in written from GitHub's docs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Readback, connectors
from folkmoot.connectors.github import client
from folkmoot.connectors.github.channel import marked
from folkmoot.connectors.github_discussions import ROOM, DiscussionSender, GithubDiscussions
from folkmoot.connectors.posts import Content
from folkmoot.kernel.http import OutcomeUnknown, Verdict
from folkmoot.outbox.models import State
from tests.connectors.house import NOON, House, make_channel, sending, sent, told, tried
from tests.github_server import TOKEN, World, answer, hang_up, no_json, serving, then

pytestmark = pytest.mark.django_db
GRAPHQL = "POST /graphql"
GIVEN = {"repository": "moot/reviews", "category": "announcements"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: Any) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(client, "WAITS", (0.0, 0.0))
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world() -> World:
    found = World()
    found.repo(600, "moot/reviews")
    return found


@pytest.fixture
def address(world: World, settings: Any) -> Iterator[str]:
    with serving(world) as found:
        settings.HTTP_ALLOW = [found.removeprefix("http://")]
        yield found


@pytest.fixture
def line(address: str) -> Iterator[DiscussionSender]:
    found = GithubDiscussions().open(Access(1, {**GIVEN, "api_url": address}, {"token": TOKEN}))
    assert isinstance(found, DiscussionSender)
    yield found
    found.close()


@pytest.fixture
def house(address: str, clock: time_machine.Traveller) -> House:
    return House(make_channel("github-discussions", {**GIVEN, "api_url": address}, {"token": TOKEN}), clock)


def payload(text: str = "We meet in Lyon", title: str = "A moot", **more: Any) -> dict[str, Any]:
    return Content(text, title=title, **more).as_payload()


def rows(world: World) -> list[dict[str, Any]]:
    return world.repositories[0].talk.rows


def after(fault: Any) -> list[Any]:
    """The categories are asked for first; then this."""
    return [lambda handler: handler.act(), fault]


def test_a_discussion_with_its_thread(world: World, house: House) -> None:
    first = house.queue(
        "We meet <b>", title="A moot", link="https://x.org/moot", marker="m1", part=1, parts=2
    )
    second = house.queue("Bring tents", marker="m2", part=2, parts=2, after=first)
    assert [house.ends(one, 2) for one in (first, second)] == [State.SENT, State.SENT]
    (row,) = rows(world)
    assert (row["title"], row["category"]) == ("A moot", "DIC_1")
    assert row["body"] == "<!-- folkmoot:m1 -->\n\nWe meet \\<b>\n\nhttps://x.org/moot\n"
    assert [one["body"] for one in row["comments"]] == [marked("m2", "Bring tents")]
    first.refresh_from_db()
    assert (first.remote_id, first.remote_url) == ("D_1", "https://github.com/moot/reviews/discussions/1")
    assert (second.remote_id, second.remote) == ("DC_1_1", {"comment": True})


@pytest.mark.parametrize("name", ["Q&A", "q-a", "DIC_2", "q&a"])
def test_a_category_by_any_of_its_names(world: World, line: DiscussionSender, name: str) -> None:
    assert line.send(payload(options={"category": name}), sending()).verdict is Verdict.YES
    assert rows(world)[0]["category"] == "DIC_2"


def test_a_category_that_is_not_there(line: DiscussionSender) -> None:
    outcome = line.send(payload(options={"category": "News"}), sending())
    assert outcome == Outcome.no("There is no category “News”. There are: Announcements, Q&A.")


@pytest.mark.parametrize("fault", [then(hang_up), then(500), then(no_json)])
@pytest.mark.parametrize("is_comment", [False, True])
def test_what_was_taken_and_not_answered_is_found(
    world: World, house: House, fault: Any, is_comment: bool
) -> None:
    first = house.queue("First", title="First") if is_comment else None
    house.turns()
    world.faults[GRAPHQL] = [fault] if is_comment else after(fault)
    delivery = house.queue("Second", title="Second", after=first, part=2 if is_comment else 1)
    assert house.ends(delivery) == State.SENT
    assert told(delivery) == [("send", "unknown"), ("look", "yes")]
    talk = world.repositories[0].talk
    assert len(talk.accepted) == len(set(talk.accepted)) == (2 if is_comment else 1)
    assert delivery.remote_id == ("DC_1_1" if is_comment else "D_1")


@pytest.mark.parametrize(
    "fault", [hang_up, 500, answer(200, {"data": None, "errors": [{"message": "went wrong"}]})]
)
def test_what_was_not_taken_is_sent_again_after_ten_minutes(world: World, house: House, fault: Any) -> None:
    world.faults[GRAPHQL] = after(fault)
    delivery = house.queue("Second", title="Second")
    house.turns(9)
    assert rows(world) == []
    assert house.ends(delivery, 6) == State.SENT
    assert len(rows(world)) == 1


def test_what_github_refuses(world: World, house: House) -> None:
    world.repositories[0].archived = True
    delivery = house.queue(title="A moot")
    house.turns()
    house.channel.refresh_from_db()
    assert house.channel.failing_words == (
        "The token lacks a right for this, or nobody may write there. "
        "Repository was archived so is read-only."
    )
    world.repositories[0].archived = False
    assert house.ends(delivery, 1) == State.SENT
    wrong = {"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}}
    world.faults[GRAPHQL] = after(answer(200, {"errors": [wrong]}))
    other = house.queue("Other", title="Other")
    house.turns()
    other.refresh_from_db()
    assert other.words.endswith("Field 'x' doesn't exist")
    assert (len(rows(world)), [one for one in told(other) if one[1] == "unknown"]) == (1, [])


def test_a_limit_is_no_failure(world: World, house: House) -> None:
    slow = answer(403, {"message": "You have exceeded a secondary rate limit."}, retry_after="75")
    world.faults[GRAPHQL] = after(slow)
    delivery = house.queue(title="A moot")
    house.turns()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, (delivery.next_at - NOON).total_seconds()) == (
        State.SCHEDULED,
        0,
        75,
    )
    assert house.ends(delivery, 2) == State.SENT


def test_a_repository_that_is_not_seen(world: World, line: DiscussionSender) -> None:
    world.repositories[0].full_name = "moot/elsewhere"
    outcome = line.send(payload(), sending())
    assert (outcome.verdict, outcome.words.startswith("GitHub says that this is not there")) == (
        Verdict.NO,
        True,
    )
    assert line.reconcile(payload(), tried()).verdict is Verdict.UNKNOWN


def test_corrected_and_taken_away(world: World, line: DiscussionSender) -> None:
    there = sent(line.send(payload(), sending("key-1")))
    comment = sent(line.send(payload(part=2), sending("key-2", root=there)))
    assert (
        line.correct(there, payload("Moved to Paris", "A moot in Paris"), sending("key-1")).verdict
        is Verdict.YES
    )
    assert line.correct(comment, payload("Bring coats", part=2), sending("key-2")).verdict is Verdict.YES
    (row,) = rows(world)
    assert (row["title"], row["body"]) == ("A moot in Paris", marked("key-1", "Moved to Paris"))
    assert row["comments"][0]["body"] == marked("key-2", "Bring coats")
    row |= {"upvotes": 4, "reactions": 2}
    assert line.figures([there, comment]) == {
        "D_1": {"likes": 6, "replies": 1},
        "DC_1_1": {"likes": 0, "replies": 0},
    }
    assert [line.withdraw(one).verdict for one in (comment, there, comment, there)] == [Verdict.YES] * 4
    assert (rows(world), line.figures([there, comment])) == ([], {})
    assert line.correct(there, payload(), sending()).verdict is Verdict.NO


def test_whose_token_it_is(world: World, line: DiscussionSender) -> None:
    assert line.account() == "@the-community"
    world.token = "another"
    with pytest.raises(CannotOpen, match="does not take the token"):
        line.account()
    with pytest.raises(OutcomeUnknown, match="does not take the token"):
        line.figures([sent(Outcome.yes(remote_id="D_1"))])


def test_what_it_says_of_itself() -> None:
    found = connectors.get("github-discussions")
    assert isinstance(found, GithubDiscussions)
    assert (found.readback, found.looks) == (Readback.MARKER, (20, 120, 600))
    assert found.problems(payload("x" * ROOM)) == []
    assert found.problems(payload("x" * (ROOM + 1), "")) == [
        f"The text is too long by 1 characters ({ROOM + 1} of {ROOM}).",
        "The title is shorter than 1 characters.",
    ]
    assert len(marked("a" * 32, "x" * ROOM)) < 65_536
    assert found.wrong_settings(Access(1, {"repository": "moot", "category": "News"})) == {
        "token": "Token",
        "repository": "Repository",
    }
    with pytest.raises(CannotOpen, match="There is no token"):
        found.open(Access(1))
