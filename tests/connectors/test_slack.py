"""Slack: each message once, whatever it does, against one of our own written from its documentation."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from folkmoot.connectors.base import Access, CannotOpen, MustConnect, Outcome, Readback, connectors
from folkmoot.connectors.posts import Content, Limits, Mention
from folkmoot.connectors.slack.client import Said
from folkmoot.connectors.slack_bot import EVENT, LONGEST, SCOPES, SlackBot, SlackSender, sections
from folkmoot.connectors.slack_webhook import SlackWebhook
from folkmoot.kernel.http import OutcomeUnknown, Verdict
from folkmoot.outbox.engine.context import read
from folkmoot.outbox.models import Delivery, State
from tests.connectors.house import NOON, PIXEL, House, make_channel, picture, sending, sent, told, tried
from tests.platforms.base import Fault
from tests.platforms.slack_server import TOKEN, SlackServer

pytestmark = pytest.mark.django_db
POST = r"^POST /api/chat\.postMessage$"
HISTORY = r"^GET /api/conversations\.history$"


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(settings: Any) -> Iterator[SlackServer]:
    with SlackServer() as platform:
        settings.HTTP_ALLOW = [platform.host]
        yield platform


def given(server: SlackServer) -> dict[str, str]:
    return {"channel": "C0MOOT1", "api_url": f"{server.url}/api"}


@pytest.fixture
def line(server: SlackServer) -> Iterator[SlackSender]:
    found = SlackBot().open(Access(1, given(server), {"token": TOKEN}))
    assert isinstance(found, SlackSender)
    found._pause = lambda seconds: None
    yield found
    found.close()


@pytest.fixture
def house(server: SlackServer, clock: time_machine.Traveller) -> House:
    return House(make_channel("slack", given(server), {"token": TOKEN}), clock)


def payload(text: str = "A moot in Lyon", **more: Any) -> dict[str, Any]:
    return Content(text, **more).as_payload()


# --- sending


def test_a_message_with_all_that_belongs_to_it(server: SlackServer, line: SlackSender) -> None:
    text = "**Thanks** <@U012AB3CD> & all: [the notes](https://x.org/?a=1&b=2)"
    outcome = line.send(payload(text, marker="m1", media=(picture(),)), sending(read=read))
    (post,) = server.posts
    assert outcome == Outcome.yes(
        "on Slack",
        remote_id=post.id,
        remote_url=f"https://moot.slack.com/archives/C0MOOT1/p{post.id.replace('.', '')}",
        remote={"channel": "C0MOOT1"},
    )
    written = "*Thanks* <@U012AB3CD> &amp; all: <https://x.org/?a=1&amp;b=2|the notes>"
    (name,) = server.files
    assert post.content == {
        "channel": "C0MOOT1",
        "text": written,
        "metadata": {"event_type": EVENT, "event_payload": {"marker": "m1"}},
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": written}},
            {"type": "image", "slack_file": {"id": name}, "alt_text": "Three tents by a lake"},
        ],
    }
    assert server.uploads == {name: PIXEL}
    assert server.files[name]["alt"] == "Three tents by a lake"


def test_a_picture_that_slack_works_on_is_waited_for(server: SlackServer, line: SlackSender) -> None:
    server.slow_files = 3
    assert line.send(payload(media=(picture(),)), sending(read=read)).verdict is Verdict.YES
    assert (len(server.accepted), server.count(POST[:-1])) == (1, 4)
    server.slow_files = 9
    outcome = line.send(payload(media=(picture(),)), sending(read=read))
    assert (outcome.verdict, outcome.channel) == (Verdict.NO, False)
    assert "invalid slack file" in outcome.words


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.ACCEPT_THEN_DROP])
def test_a_picture_that_does_not_arrive_costs_no_message(
    server: SlackServer, line: SlackSender, fault: Fault
) -> None:
    server.fault(fault, on=r"^POST /upload")
    outcome = line.send(payload(media=(picture(),)), sending(read=read))
    assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, True, False)
    assert outcome.words.startswith("A picture could not be handed over.")
    assert server.accepted == []


def test_a_thread_hangs_on_its_first_message(server: SlackServer, house: House) -> None:
    first = house.queue("One", part=1, parts=2)
    second = house.queue("Two", part=2, parts=2, after=first)
    assert [house.ends(one, 2) for one in (first, second)] == [State.SENT, State.SENT]
    one, two = server.posts
    assert (one.content.get("thread_ts"), two.content["thread_ts"]) == (None, one.id)
    second.refresh_from_db()
    assert second.remote == {"channel": "C0MOOT1", "thread": one.id}


# --- what Slack refuses


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            "invalid_auth",
            "Slack does not take the token. Put in the bot token of the app again. invalid_auth",
        ),
        ("token_revoked", "The token was revoked, or the app removed from the workspace. "),
        ("not_in_channel", "The app is not in the Slack channel. Write /invite and the app's name there. "),
        ("channel_not_found", "There is no such Slack channel, or the app does not see it. "),
        ("is_archived", "The Slack channel is archived. is_archived"),
        ("missing_scope", "The app lacks a right. Add the scopes that the channel's page lists, "),
    ],
)
def test_what_is_the_channels_stops_the_channel(
    server: SlackServer, house: House, error: str, words: str
) -> None:
    server.says["chat.postMessage"] = [error]
    delivery = house.queue()
    house.turns()
    house.channel.refresh_from_db()
    delivery.refresh_from_db()
    assert delivery.state == State.SCHEDULED
    assert house.channel.failing_words.startswith(words)
    assert house.ends(delivery, 2) == State.SENT
    assert len(server.accepted) == 1


@pytest.mark.parametrize(
    "error", ["msg_too_long", "no_text", "invalid_blocks", "cannot_reply_to_message", "odd_new_one"]
)
def test_what_is_the_messages_fails_the_message(server: SlackServer, house: House, error: str) -> None:
    server.says["chat.postMessage"] = [error]
    delivery = house.queue()
    assert house.ends(delivery, 1) == State.FAILED
    assert delivery.words.endswith(error)
    house.channel.refresh_from_db()
    assert (house.channel.failing_since, server.accepted) == (None, [])


def test_a_limit_is_no_failure(server: SlackServer, house: House) -> None:
    server.fault(Fault.LIMIT, on=POST)
    delivery = house.queue()
    house.turns()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == (State.SCHEDULED, 0)
    assert delivery.next_at == NOON + dt.timedelta(seconds=30)
    assert house.ends(delivery, 1) == State.SENT


@pytest.mark.parametrize("error", ["internal_error", "fatal_error"])
def test_where_slack_is_unsure_so_are_we(server: SlackServer, line: SlackSender, error: str) -> None:
    server.says["chat.postMessage"] = [error]
    assert line.send(payload(), sending()).verdict is Verdict.UNKNOWN


def test_nobody_answers(server: SlackServer) -> None:
    found = SlackBot().open(
        Access(1, {"channel": "C0MOOT1", "api_url": "http://127.0.0.1:1"}, {"token": TOKEN})
    )
    outcome = found.send(payload(), sending())
    assert (outcome.verdict, outcome.channel) == (Verdict.NO, True)


# --- lost answers


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ACCEPT_THEN_CUT])
@pytest.mark.parametrize("is_reply", [False, True])
def test_what_was_taken_and_not_answered_is_found(
    server: SlackServer, house: House, fault: Fault, is_reply: bool
) -> None:
    first = house.queue("One") if is_reply else None
    house.turns()
    server.fault(fault, on=POST)
    delivery = house.queue("Two", after=first)
    assert house.ends(delivery) == State.SENT
    assert delivery.remote_id == server.posts[-1].id
    assert told(delivery) == [("send", "unknown"), ("look", "yes")]
    assert server.doubles() == {}


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.ERROR])
def test_what_was_not_taken_is_sent_again_after_ten_minutes(
    server: SlackServer, house: House, fault: Fault
) -> None:
    server.fault(fault, on=POST)
    delivery = house.queue()
    house.turns(9)
    assert server.accepted == []
    assert house.ends(delivery, 6) == State.SENT
    assert len(server.accepted) == 1


def test_the_mark_is_found_on_any_page_and_no_other_is_taken_for_it(
    server: SlackServer, line: SlackSender
) -> None:
    server.page = 2
    for number in range(5):
        line.send(payload(f"Number {number}", marker=f"m{number}"), sending())
    server.accept("Chatter", {"channel": "C0MOOT1"}, id=f"{NOON.timestamp() + 1:.6f}")
    found = line.reconcile(payload("Number 0", marker="m0"), tried())
    assert found.remote_id == server.posts[0].id
    assert server.count("conversations.history") == 3
    assert line.reconcile(payload(marker="m9"), tried()).verdict is Verdict.UNKNOWN
    assert line.reconcile(payload(marker="m9"), tried(looks=2)).verdict is Verdict.NO
    later = tried(began_at=NOON + dt.timedelta(minutes=6))
    assert line.reconcile(payload(marker="m0"), later).verdict is Verdict.UNKNOWN


def test_who_may_not_see_marks_finds_nothing_and_says_why(server: SlackServer, house: House) -> None:
    server.scopes = "chat:write"
    server.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    delivery = house.queue()
    assert house.ends(delivery, 15) == State.NEEDS_PERSON
    assert delivery.words == (
        "The app lacks a right. Add the scopes that the channel's page lists, and install it again. "
        "missing_scope channels:history"
    )


@pytest.mark.parametrize("seed", range(2))
def test_none_twice_and_none_lost_whatever_happens(server: SlackServer, house: House, seed: int) -> None:
    """Twenty messages through a storm of faults."""
    choice = random.Random(seed)
    faults = [*Fault, None, None]
    faults.remove(Fault.DELAY)
    faults.remove(Fault.EXPIRED)
    server.chaos = lambda asked: choice.choice(faults)
    for number in range(20):
        house.queue(f"Number {number}")
    house.turns(60)
    server.chaos = lambda asked: None
    house.turns(120)
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states <= {State.SENT, State.NEEDS_PERSON}
    assert server.doubles() == {}
    there = {one.text for one in server.accepted}
    for one in Delivery.objects.filter(state=State.SENT):
        assert one.title in there


# --- afterwards


def test_corrected_and_taken_away(server: SlackServer, line: SlackSender) -> None:
    there = sent(line.send(payload("One", media=(picture(),)), sending(read=read)))
    (post,) = server.posts
    assert line.correct(there, payload("Two"), sending()).verdict is Verdict.YES
    assert (post.text, post.content["blocks"], post.content["metadata"]["event_type"]) == ("Two", [], EVENT)
    assert line.correct(there, payload("Two"), sending()).verdict is Verdict.YES
    assert line.withdraw(there).verdict is Verdict.YES
    assert server.posts == []
    assert line.withdraw(there).verdict is Verdict.YES
    gone = line.correct(there, payload("Three"), sending())
    assert gone == Outcome.no("The message is not there any more. message_not_found")
    server.says["chat.delete"] = ["cant_delete_message"]
    assert line.withdraw(there).verdict is Verdict.NO


def test_figures(server: SlackServer, line: SlackSender) -> None:
    root = line.send(payload("One"), sending())
    reply = line.send(payload("Two"), sending(root=sent(root)))
    gone = line.send(payload("Three"), sending())
    server.posts[0].data["reactions"] = {"tada": 3, "heart": 2}
    server.posts[1].data["reactions"] = {"eyes": 1}
    server.remove(server.posts[2])
    found = line.figures([sent(root), sent(reply), sent(gone)])
    assert found == {root.remote_id: {"likes": 5, "replies": 1}, reply.remote_id: {"likes": 1}}
    assert line.followers() == 812
    assert line.account() == "moot · Moot"
    server.scopes = "chat:write"
    assert line.followers() is None
    with pytest.raises(OutcomeUnknown, match="lacks a right"):
        line.figures([sent(root)])
    server.tokens.clear()
    with pytest.raises(CannotOpen, match="does not take the token"):
        line.account()


# --- limits, words, settings


def test_what_it_says_of_itself() -> None:
    slack = connectors.get("slack")
    assert isinstance(slack, SlackBot)
    assert (slack.readback, slack.looks, slack.pace) == (Readback.MARKER, (20, 120, 600), 60)
    assert slack.written(Mention("@Ada", id="U012AB3CD")) == "<@U012AB3CD>"
    assert slack.written(Mention("Ada Lovelace")) == "Ada Lovelace"
    with pytest.raises(CannotOpen, match="There is no token"):
        slack.open(Access(1))
    assert slack.wrong_settings(Access(1, {"channel": "general"})) == {
        "channel": "ID of the Slack channel",
        "token": "Bot token",
    }
    assert (
        slack.wrong_settings(Access(1, {"channel": "C0MOOT1", "client_id": "1.2"}, {"client_secret": "x"}))
        == {}
    )


def test_what_is_too_long_is_counted_as_it_is_sent() -> None:
    slack = SlackBot()
    assert slack.problems(payload("a" * LONGEST)) == []
    assert slack.problems(payload("&" * 801)) == ["The text is too long by 5 characters (4005 of 4000)."]
    link = "https://example.org/" + "a" * 60
    (measure,) = slack.measures(Content("Read", link=link), Limits(text=LONGEST))
    assert measure.length == len(f"Read\n\n<{link}>")
    assert slack.problems(payload("x", media=(picture(""),))) == [
        "Slack takes no picture without a description."
    ]


def test_sections_are_cut_where_a_line_ends() -> None:
    lines = ["word " * 100] * 12
    pieces = sections("\n".join(lines))
    assert [len(one) <= 3000 for one in pieces] == [True] * len(pieces)
    assert " ".join(" ".join(pieces).split()) == " ".join("".join(lines).split())
    assert sections("a" * 6001) == ["a" * 3000, "a" * 3000, "a"]
    assert sections("") == []


# --- connecting


@pytest.mark.parametrize("rotates", [False, True])
def test_connecting_by_going_there(server: SlackServer, clock: time_machine.Traveller, rotates: bool) -> None:
    access = Access(1, {**given(server), "client_id": "1.2"}, {"client_secret": "app-secret"})
    sign_in = SlackBot.sign_in
    assert sign_in is not None
    address, kept = sign_in.start(access, back="https://moot.example/back", state="s1")
    assert address.startswith(f"{server.url}/oauth/v2/authorize?")
    assert dict(parse_qsl(urlsplit(address).query)) == {
        "client_id": "1.2",
        "scope": ",".join(scope.name for scope in SCOPES),
        "redirect_uri": "https://moot.example/back",
        "state": "s1",
    }
    server.codes["c1"] = {"redirect_uri": "https://moot.example/back", "rotates": rotates}
    found = sign_in.finish(access, code="c1", back="https://moot.example/back", kept=kept)
    assert found.settings == {"workspace": "Moot", "bot_user": "U0BOT"}
    assert found.renew_at == (NOON + dt.timedelta(hours=11) if rotates else None)
    with pytest.raises(MustConnect, match="invalid_code"):
        sign_in.finish(access, code="c1", back="https://moot.example/back", kept=kept)
    known = Access(1, access.settings, {**access.secrets, **found.secrets})
    again = SlackBot().renew(known)
    assert (again is not None) is rotates
    if again is not None:
        assert again.secrets["token"] in server.tokens
        with pytest.raises(MustConnect, match="invalid_refresh_token"):
            SlackBot().renew(known)


# --- incoming webhooks


@pytest.fixture
def hook(server: SlackServer, clock: time_machine.Traveller) -> House:
    address = f"{server.url}/services/T0/B0/secret"
    return House(make_channel("slack-webhook", {}, {"address": address}), clock)


def test_a_webhook_says_ok(server: SlackServer, hook: House) -> None:
    delivery = hook.queue("**Hi** & bye")
    assert hook.ends(delivery, 0) == State.SENT
    assert [one.content for one in server.posts] == [{"channel": "C0MOOT1", "text": "*Hi* &amp; bye"}]
    assert (delivery.remote_id, delivery.remote_url) == ("", "")


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ERROR])
def test_a_webhooks_lost_answer_is_a_persons_to_find_out(
    server: SlackServer, hook: House, fault: Fault
) -> None:
    server.fault(fault)
    delivery = hook.queue()
    assert hook.ends(delivery, 20) == State.NEEDS_PERSON
    assert server.count("POST") == 1


def test_what_a_webhook_refuses(server: SlackServer, hook: House) -> None:
    server.archived.add("C0MOOT1")
    delivery = hook.queue()
    hook.turns()
    hook.channel.refresh_from_db()
    assert hook.channel.failing_words == "The Slack channel is archived. channel_is_archived"
    server.archived.clear()
    server.hooks.clear()
    hook.turns(1)
    hook.channel.refresh_from_db()
    assert (
        hook.channel.failing_words == "The address of the webhook was withdrawn. Make a new one. no_service"
    )
    server.hooks["/services/T0/B0/secret"] = "C0MOOT1"
    server.fault(Fault.LIMIT)
    assert hook.ends(delivery, 3) == State.SENT
    assert len(server.accepted) == 1


def test_what_a_webhook_says_of_itself() -> None:
    found = connectors.get("slack-webhook")
    assert isinstance(found, SlackWebhook)
    assert (found.readback, found.looks, found.abilities) == (Readback.NONE, (), frozenset())
    assert found.wrong_settings(Access(1, {}, {"address": "hooks"})) == {"address": "Address of the webhook"}
    assert found.problems(payload("x", part=2, parts=2)) == ["Threads are not taken here: write one part."]
    assert found.problems(payload("x", media=(picture(),))) == [
        "Too many pictures: 1, and at most 0 are taken."
    ]
    assert Said("x", "odd").outcome() == Outcome.no("odd")
