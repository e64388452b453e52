"""Discourse: each topic and reply once, whatever it does, against one of our own written from its documentation."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Readback, connectors
from folkmoot.connectors.discourse.sender import TopicSender
from folkmoot.connectors.discourse_topic import USUAL, DiscourseTopic
from folkmoot.connectors.posts import Content
from folkmoot.kernel.http import OutcomeUnknown, Verdict
from folkmoot.outbox.engine.context import read
from folkmoot.outbox.models import Delivery, State
from tests.connectors.house import NOON, House, make_channel, picture, sending, sent, told, tried
from tests.platforms.base import Fault
from tests.platforms.discourse_server import KEY, USER, DiscourseServer

pytestmark = pytest.mark.django_db
POST = r"^POST /posts\.json$"
TITLE = "A moot in Lyon in May"
TEXT = "We meet in Lyon, and **you** are invited."


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(settings: Any) -> Iterator[DiscourseServer]:
    with DiscourseServer() as platform:
        settings.HTTP_ALLOW = [platform.host]
        yield platform


def access(server: DiscourseServer, **more: Any) -> Access:
    return Access(1, {"address": server.url, "user": USER, **more}, {"key": KEY})


@pytest.fixture
def line(server: DiscourseServer) -> Iterator[TopicSender]:
    found = DiscourseTopic().open(access(server, category="news", tags="moot, lyon"))
    assert isinstance(found, TopicSender)
    yield found
    found.close()


@pytest.fixture
def house(server: DiscourseServer, clock: time_machine.Traveller) -> House:
    return House(make_channel("discourse", {"address": server.url, "user": USER}, {"key": KEY}), clock)


def payload(text: str = TEXT, title: str = TITLE, **more: Any) -> dict[str, Any]:
    return Content(text, title=title, **more).as_payload()


PLANNED = "folkmoot-0123456789"


def test_a_topic_with_all_that_belongs_to_it(server: DiscourseServer, line: TopicSender) -> None:
    outcome = line.send(
        payload(f"{TEXT} <b>", link="https://x.org/moot", media=(picture("Tents [and] a|lake"),)),
        sending(read=read, planned_id=PLANNED),
    )
    (post,) = server.posts
    (number,) = server.topics
    (name,) = server.uploads
    assert outcome == Outcome.yes(
        "on the forum",
        remote_id=post.id,
        remote_url=f"{server.url}/t/a-moot-in-lyon-in-may/{number}",
        remote={"topic": number, "post_number": 1},
    )
    assert post.content == {
        "title": TITLE,
        "raw": f"{TEXT} \\<b>\n\nhttps://x.org/moot\n\n![Tents \\[and\\] a/lake|1x1](upload://{name}.png)",
        "external_id": PLANNED,
        "category": 7,
        "tags": ["moot", "lyon"],
    }


def test_a_thread_is_a_topic_with_replies(server: DiscourseServer, house: House) -> None:
    first = house.queue(TEXT, title=TITLE, part=1, parts=2, marker="m1")
    second = house.queue(f"{TEXT} Part two.", part=2, parts=2, marker="m2", after=first)
    assert [house.ends(one, 2) for one in (first, second)] == [State.SENT, State.SENT]
    first.refresh_from_db()
    (number,) = server.topics
    assert server.topics[number]["external_id"] == first.planned_id
    assert (len(first.planned_id), second.planned_id) == (49, "")
    assert server.posts[1].text == f"<!-- folkmoot:m2 -->\n\n{TEXT} Part two."
    assert second.remote_url == f"{server.url}/t/a-moot-in-lyon-in-may/{number}/2"


# --- what Discourse refuses


def test_a_category_that_is_not_there(server: DiscourseServer, line: TopicSender) -> None:
    outcome = line.send(payload(options={"category": "Secret"}), sending())
    assert outcome == Outcome.no("There is no category “Secret” that this user sees.")
    assert line.send(payload(options={"category": "7"}), sending()).verdict is Verdict.YES
    assert server.count("/site.json") == 1


def test_a_title_that_was_used(server: DiscourseServer, line: TopicSender) -> None:
    line.send(payload(), sending(planned_id="folkmoot-a"))
    other = line.send(payload(), sending(planned_id="folkmoot-b"))
    assert other == Outcome.no("Discourse does not take this. 422 Title has already been used")
    again = line.send(payload(), sending(planned_id="folkmoot-a"))
    assert (again.verdict, again.remote_id) == (Verdict.YES, server.posts[0].id)
    assert len(server.accepted) == 1


def test_a_key_that_is_not_known_stops_the_channel(server: DiscourseServer, house: House) -> None:
    server.fault(Fault.EXPIRED)
    delivery = house.queue(TEXT, title=TITLE)
    house.turns()
    house.channel.refresh_from_db()
    assert house.channel.failing_words.startswith(
        "Discourse does not let this key, or its user, do this. 403 "
    )
    assert house.ends(delivery, 2) == State.SENT


@pytest.mark.parametrize("has_header", [True, False])
def test_a_limit_is_no_failure(
    server: DiscourseServer, house: House, monkeypatch: Any, has_header: bool
) -> None:
    if not has_header:
        told_so = server.limited

        def bare(asked: Any) -> Any:
            return dataclasses.replace(told_so(asked), headers={})

        monkeypatch.setattr(server, "limited", bare)
    server.fault(Fault.LIMIT)
    delivery = house.queue(TEXT, title=TITLE)
    house.turns()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == (State.SCHEDULED, 0)
    assert delivery.next_at == NOON + dt.timedelta(seconds=23)
    assert house.ends(delivery, 1) == State.SENT


def test_a_closed_topic_takes_no_reply(server: DiscourseServer, line: TopicSender) -> None:
    root = sent(line.send(payload(), sending()))
    server.topics[root.remote["topic"]]["closed"] = True
    outcome = line.send(payload(part=2, parts=2), sending(root=root))
    assert (outcome.verdict, outcome.channel, outcome.transient) == (Verdict.NO, False, False)


def test_nobody_answers() -> None:
    found = DiscourseTopic().open(Access(1, {"address": "http://127.0.0.1:1", "user": USER}, {"key": KEY}))
    outcome = found.send(payload(), sending())
    assert (outcome.verdict, outcome.channel) == (Verdict.NO, True)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.ACCEPT_THEN_DROP])
def test_a_picture_that_does_not_arrive_costs_no_topic(
    server: DiscourseServer, line: TopicSender, fault: Fault
) -> None:
    server.fault(fault, on=r"^POST /uploads")
    outcome = line.send(payload(media=(picture(),)), sending(read=read))
    assert (outcome.verdict, outcome.transient, server.accepted) == (Verdict.NO, True, [])
    assert line.send(payload(media=(picture(),)), sending()).words.startswith("no file ")


# --- lost answers


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ACCEPT_THEN_CUT])
@pytest.mark.parametrize("is_reply", [False, True])
def test_what_was_taken_and_not_answered_is_found(
    server: DiscourseServer, house: House, fault: Fault, is_reply: bool
) -> None:
    first = house.queue(TEXT, title=TITLE) if is_reply else None
    house.turns()
    server.fault(fault, on=POST)
    delivery = house.queue(f"{TEXT} More.", title=f"{TITLE}, more", part=2 if is_reply else 1, after=first)
    assert house.ends(delivery) == State.SENT
    assert delivery.remote_id == server.posts[-1].id
    assert told(delivery) == [("send", "unknown"), ("look", "yes")]
    assert server.doubles() == {}


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.ERROR])
def test_what_was_not_taken_is_sent_again(server: DiscourseServer, house: House, fault: Fault) -> None:
    server.fault(fault, on=POST)
    delivery = house.queue(TEXT, title=TITLE)
    assert house.ends(delivery, 8) == State.SENT
    assert len(server.accepted) == 1


def test_what_waits_for_a_moderator_counts_as_sent(server: DiscourseServer, house: House) -> None:
    server.moderates = True
    first = house.queue(TEXT, title=TITLE)
    second = house.queue(f"{TEXT} Part two.", part=2, parts=2, after=first)
    assert house.ends(first, 0) == State.SENT
    assert (first.words, first.remote_id) == ("It waits for a moderator of the forum.", first.planned_id)
    second.refresh_from_db()
    assert (second.state, second.words) == (State.SCHEDULED, "The topic waits for a moderator of the forum.")
    with contextlib.closing(DiscourseTopic().open(house.channel.access)) as line:
        there = sent(first)
        assert line.figures([there]) == {}
        assert line.withdraw(there).transient
        server.moderates = False
        server.approve()
        assert line.figures([there]) == {first.planned_id: {"views": 0, "likes": 0, "replies": 0}}
    assert house.ends(second, 10) == State.SENT
    assert [one.data["post_number"] for one in server.posts] == [1, 2]


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500])
def test_what_waits_is_not_handed_in_twice(server: DiscourseServer, house: House, fault: Fault) -> None:
    server.moderates = True
    server.fault(fault, on=POST)
    delivery = house.queue(TEXT, title=TITLE)
    assert house.ends(delivery, 8) == State.SENT
    assert (len(server.pending), server.count(r"^POST")) == (1, 1)


@pytest.mark.parametrize("seed", range(2))
def test_none_twice_and_none_lost_whatever_happens(server: DiscourseServer, house: House, seed: int) -> None:
    """Twenty topics through a storm of faults."""
    choice = random.Random(seed)
    faults = [*Fault, None, None]
    faults.remove(Fault.DELAY)
    server.chaos = lambda asked: choice.choice(faults)
    for number in range(20):
        house.queue(f"{TEXT} {number}", title=f"{TITLE}, number {number}")
    house.turns(60)
    server.chaos = lambda asked: None
    house.turns(120)
    assert set(Delivery.objects.values_list("state", flat=True)) <= {State.SENT, State.NEEDS_PERSON}
    assert server.doubles() == {}
    there = {each.text for each in server.accepted}
    assert {one.payload["text"] for one in Delivery.objects.filter(state=State.SENT)} <= there


# --- afterwards


def test_corrected_and_taken_away(server: DiscourseServer, line: TopicSender) -> None:
    there = sent(line.send(payload(), sending(planned_id=PLANNED)))
    reply = sent(line.send(payload(part=2, parts=2), sending("key-2", root=there)))
    first, second = server.posts
    new = f"{TEXT} The hall has changed."
    assert line.correct(there, payload(new, f"{TITLE}: a change"), sending()).verdict is Verdict.YES
    assert line.correct(reply, payload(new, part=2, parts=2), sending("key-2")).verdict is Verdict.YES
    assert (first.text, second.text) == (new, f"<!-- folkmoot:key-2 -->\n\n{new}")
    assert server.topics[there.remote["topic"]]["title"] == f"{TITLE}: a change"
    assert line.withdraw(reply).verdict is Verdict.YES
    assert line.withdraw(there).verdict is Verdict.YES
    assert server.posts == []
    assert [line.withdraw(one).verdict for one in (reply, there)] == [Verdict.YES, Verdict.YES]
    assert line.correct(there, payload(), sending()).verdict is Verdict.NO
    server.keys.clear()
    refused = line.withdraw(there)
    assert (refused.verdict, refused.channel) == (Verdict.NO, True)


def test_figures(server: DiscourseServer, line: TopicSender) -> None:
    there = sent(line.send(payload(), sending(planned_id=PLANNED)))
    reply = sent(line.send(payload(part=2, parts=2), sending("key-2", root=there)))
    server.topics[there.remote["topic"]] |= {"views": 40, "likes": 3}
    assert line.figures([there, reply]) == {there.remote_id: {"views": 40, "likes": 3, "replies": 1}}
    line.withdraw(there)
    assert line.figures([there]) == {}
    assert line.account() == "@moot"
    server.keys.clear()
    with pytest.raises(CannotOpen, match="does not let this key"):
        line.account()
    with pytest.raises(OutcomeUnknown, match="does not let this key"):
        line.figures([there])


# --- limits, words, settings


def test_limits_as_the_forum_says(server: DiscourseServer, line: TopicSender) -> None:
    server.settings |= {"min_first_post_length": 5, "max_post_length": 50_000, "min_topic_title_length": 3}
    facts = line.facts()
    assert facts["categories"][1] == {"id": 7, "name": "News & Events", "slug": "news"}
    limits = DiscourseTopic().limits_of(Access(1, facts=facts))
    assert (limits.text, limits.least, limits.title, limits.least_title) == (50_000, 5, 255, 3)
    assert limits.image_bytes == 4096 * 1024
    server.may = r"^(POST /posts|GET /t/)"  # a granular key
    assert line.facts() == {}
    assert DiscourseTopic().limits_of(Access(1)) == USUAL


def test_what_it_says_of_itself(server: DiscourseServer) -> None:
    forum = connectors.get("discourse")
    assert isinstance(forum, DiscourseTopic)
    assert (forum.readback, forum.looks) == (Readback.EXACT, (10, 60, 300))
    assert forum.problems(payload("Too short", "Short")) == [
        "The text is shorter than 20 characters.",
        "The title is shorter than 15 characters.",
    ]
    assert forum.problems(payload("x" * 32_001, "t" * 256)) == [
        "The text is too long by 1 characters (32001 of 32000).",
        "The title is too long by 1 characters (256 of 255).",
    ]
    assert forum.problems(payload(TEXT, "", part=2, parts=2)) == []
    assert forum.wrong_settings(Access(1, {"address": "forum.example.org"}, {"key": KEY})) == {
        "user": "User name",
        "address": "Address of the forum",
    }
    with pytest.raises(CannotOpen, match="There is no key"):
        forum.open(Access(1))
    waiting = tried(planned_id="folkmoot-x")
    with_line = forum.open(access(server))
    assert [with_line.reconcile(payload(), waiting).verdict, waiting.looks] == [Verdict.UNKNOWN, 0]
    with_line.close()
