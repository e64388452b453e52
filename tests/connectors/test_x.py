"""X: off by default, paid, each post once; against a stand-in written from its documentation."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from django.core.exceptions import ValidationError

from folkmoot.connectors.base import Access, CannotOpen, MustConnect, Sender, Sent, connectors
from folkmoot.connectors.posts import Card, Content
from folkmoot.connectors.x import X, client, images
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import Answer
from folkmoot.outbox import actions
from folkmoot.outbox.models import Channel, State
from tests.conftest import signed_in
from tests.connectors.posting import NOON, PICTURE, Posting, picture, state, told
from tests.platforms import x_server
from tests.platforms.base import Fault
from tests.platforms.x_server import TOKEN

pytestmark = pytest.mark.django_db
POST = r"^POST /2/tweets$"
LOOK = r"^GET /2/users/\d+/tweets$"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(settings: Any, monkeypatch: Any) -> Iterator[x_server.X]:
    monkeypatch.setattr(images, "LONGEST", 0.0)
    settings.X_ALLOWED = True
    with x_server.X() as platform:
        settings.HTTP_ALLOW = [platform.host]
        platform.reset = int(NOON.timestamp()) + 300
        yield platform


@pytest.fixture
def moot(site: x_server.X, clock: time_machine.Traveller) -> Posting:
    made = Channel.objects.create(
        kind="x",
        name="X",
        medium="post",
        settings={"api_url": site.url, "client_id": "app", "handle": "moot", "monthly_cap": 50},
        secrets=json.dumps({"access_token": TOKEN, "refresh_token": "refresh-0", "client_secret": "secret"}),
    )
    return Posting(made, clock)


def line_of(channel: Channel) -> Sender:
    return channel.connector.open(channel.access)


# --- off by default


def test_x_is_not_offered_unless_it_is_allowed(db: None, settings: Any, alice: User) -> None:
    browser = signed_in(alice)
    assert settings.X_ALLOWED is False
    assert "/settings/channels/new/x/" not in browser.get("/settings/channels/").content.decode()
    assert browser.get("/settings/channels/new/x/").status_code == 404
    settings.X_ALLOWED = True
    assert "/settings/channels/new/x/" in browser.get("/settings/channels/").content.decode()
    page = browser.get("/settings/channels/new/x/")
    assert page.context["form"]["setting_monthly_cap"].initial == 10
    assert "0.015 US dollars" in page.content.decode()


def test_a_channel_sends_nothing_once_x_is_not_allowed_any_more(
    moot: Posting, site: x_server.X, settings: Any
) -> None:
    delivery = moot.post()
    settings.X_ALLOWED = False
    moot.turns()
    moot.channel.refresh_from_db()
    assert (state(delivery), site.asked) == (State.SCHEDULED, [])
    assert moot.channel.failing_words == "This installation does not allow X: FOLKMOOT_X is not set."


def test_what_may_have_left_is_looked_for_all_the_same(
    moot: Posting, site: x_server.X, settings: Any
) -> None:
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    delivery = moot.post()
    moot.turns()
    settings.X_ALLOWED = False
    moot.turns(2)
    assert state(delivery) == State.SENT


# --- sending


def test_a_post_leaves_once(moot: Posting, site: x_server.X) -> None:
    delivery = moot.post("Hello & welcome", link="https://moot.example/a", options={"answers": "following"})
    moot.turns(2)
    (post,) = site.accepted
    assert (state(delivery), delivery.price) == (State.SENT, Decimal("0.2"))
    assert (delivery.remote_id, delivery.remote_url) == (post.id, f"https://x.com/moot/status/{post.id}")
    assert post.content == {
        "text": "Hello & welcome\n\nhttps://moot.example/a",
        "reply_settings": "following",
    }
    assert told(delivery) == [("send", "yes")]


def test_a_thread_is_a_chain_of_answers(moot: Posting, site: x_server.X) -> None:
    first = moot.post("One", parts=3)
    second = moot.post("Two", parts=3, part=2, depends_on=first)
    third = moot.post("Three", parts=3, part=3, depends_on=second)
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    moot.turns(3)
    assert [state(each) for each in (first, second, third)] == [State.SENT] * 3
    assert [post.text for post in site.accepted] == ["One", "Two", "Three"]
    assert [post.content.get("reply") for post in site.accepted] == [
        None,
        {"in_reply_to_tweet_id": first.remote_id},
        {"in_reply_to_tweet_id": second.remote_id},
    ]


def test_pictures_go_first_in_pieces_with_their_descriptions(
    moot: Posting, site: x_server.X, monkeypatch: Any
) -> None:
    monkeypatch.setattr(images, "PIECE", 5)
    site.slow = 2
    delivery = moot.post("", media=(picture("One"), picture("", b"another")))
    moot.turns()
    assert state(delivery) == State.SENT
    assert site.accepted[0].content["media"] == {"media_ids": list(site.media)}
    assert [one["content"] for one in site.media.values()] == [PICTURE, b"another"]
    assert [one.get("alt") for one in site.media.values()] == ["One", None]
    assert site.count(r"append 204") == 5


@pytest.mark.parametrize(
    "on", [r"initialize$", r"append$", r"finalize$", r"^GET /2/media/upload", r"^POST /2/media/metadata"]
)
@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.ACCEPT_THEN_CUT])
def test_a_picture_that_fails_is_tried_again_and_nothing_was_posted(
    moot: Posting, site: x_server.X, fault: Fault, on: str
) -> None:
    site.slow = 1
    site.fault(fault, on=on, times=3 if "GET" in on else 1)
    delivery = moot.post("Hello", media=(picture(),))
    moot.turns()
    if (
        on.startswith("append") and fault is Fault.ACCEPT_THEN_CUT
    ):  # an append answers nothing that could be cut
        assert state(delivery) in (State.SENT, State.SCHEDULED)
        return
    assert (state(delivery), site.accepted) == (State.SCHEDULED, [])
    moot.turns(2)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)


def test_a_picture_that_x_cannot_read_is_a_refusal(moot: Posting, site: x_server.X) -> None:
    delivery = moot.post("Hello", media=(picture(content=b"broken"),))
    moot.turns()
    assert (state(delivery), delivery.words, site.accepted) == (State.FAILED, "X cannot read a picture.", [])


# --- what it costs


def test_a_post_has_a_price() -> None:
    connector = X()
    for content, price in [
        (Content("Hello"), "0.015"),
        (Content("See https://moot.example/a"), "0.200"),
        (Content("See moot.org."), "0.200"),
        (Content("See http://moot.nosuchland/"), "0.200"),
        (Content("Read docs.py"), "0.200"),  # .py is Paraguay: X makes a link of it, and charges for it
        (Content("Version 1.2"), "0.015"),
        (Content("Hello", link="https://moot.example"), "0.200"),
        (Content("Hello", card=Card("https://moot.example")), "0.200"),
    ]:
        assert connector.price(content.as_payload()) == Decimal(price), content


def test_the_monthly_cap_holds_what_goes_beyond(moot: Posting, site: x_server.X) -> None:
    moot.channel.settings = {**moot.channel.settings, "monthly_cap": 1}
    moot.channel.save()
    sent = [moot.post(f"Number {number} https://moot.example/{number}") for number in range(6)]
    cheap = moot.post("Without an address")
    moot.turns(1)
    assert [state(each) for each in sent] == [State.SENT] * 5 + [State.SCHEDULED]
    assert state(cheap) == State.SCHEDULED  # the whole month is spent
    assert "It is held until 1 December (UTC)" in sent[-1].words
    assert len(site.accepted) == 5


# --- limits


def test_lengths_are_counted_as_x_counts_them() -> None:
    connector = X()
    assert connector.problems(Content("ä" * 280).as_payload()) == []
    assert connector.problems(Content("語" * 140 + "x").as_payload()) == [
        "The text is too long by 1 weighted characters (281 of 280)."
    ]
    address = "https://example.org/" + "a" * 300
    assert connector.problems(Content("x" * 255, link=address).as_payload()) == []  # two line breaks and 23
    assert connector.problems(Content("x" * 256, link=address).as_payload()) == [
        "The text is too long by 1 weighted characters (281 of 280)."
    ]
    assert connector.problems(Content("x", options={"answers": "nobody"}).as_payload()) == [
        "X does not know this choice of who may answer."
    ]


def test_what_x_would_refuse_is_not_queued(moot: Posting) -> None:
    with pytest.raises(ValidationError) as error:
        moot.post("x", media=tuple(picture("a" * 1001) for _ in range(5)))
    assert error.value.messages[0] == "Too many pictures: 5, and at most 4 are taken."


# --- lost answers


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ACCEPT_THEN_CUT])
def test_what_was_taken_and_not_answered_is_found(moot: Posting, site: x_server.X, fault: Fault) -> None:
    site.fault(fault, on=POST)
    site.lag = 1
    text = "Tom & <Ana>: see https://moot.example/a?b=1&c=2 and docs.moot.org"
    delivery = moot.post(text, media=(picture(),))
    moot.turns()
    assert state(delivery) == State.UNCERTAIN
    moot.turns(3)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)
    assert delivery.remote_id == site.accepted[0].id
    assert told(delivery) == [("send", "unknown"), ("look", "unknown"), ("look", "yes")]


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.ERROR])
def test_what_was_not_taken_is_sent_again_after_ten_minutes(
    moot: Posting, site: x_server.X, fault: Fault
) -> None:
    site.fault(fault, on=POST)
    delivery = moot.post()
    moot.turns(9)
    assert (state(delivery), site.accepted) == (State.UNCERTAIN, [])
    moot.turns(6)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)


def test_a_duplicate_that_is_ours_is_found(moot: Posting, site: x_server.X) -> None:
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    site.lag = 3  # the lists are far behind: it seems not to be there, and is sent again
    delivery = moot.post()
    moot.turns(20)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)
    assert site.count(r"^POST /2/tweets 403") == 1
    assert told(delivery)[-2:] == [("send", "unknown"), ("look", "yes")]


def test_a_duplicate_of_an_older_post_is_refused_for_good(moot: Posting, site: x_server.X) -> None:
    first = moot.post()
    moot.turns(10)
    second = moot.post()
    moot.turns()
    assert (state(first), state(second), len(site.accepted)) == (State.SENT, State.FAILED, 1)
    assert second.words == (
        "X says that the account has posted this text already. Change the text to say it once more."
    )


def test_a_duplicate_is_unknown_while_nobody_can_look(moot: Posting, site: x_server.X) -> None:
    first = moot.post()
    moot.turns(10)
    site.fault(Fault.LIMIT, on=r"^GET", times=99)
    second = moot.post()
    moot.turns()
    assert (state(first), state(second)) == (State.SENT, State.UNCERTAIN)


def test_only_an_answer_to_the_same_post_is_taken_for_it(
    moot: Posting, site: x_server.X, alice: User
) -> None:
    """The same words stand there by hand, alone; ours was to answer, and was not taken."""
    first = moot.post("First", parts=2)
    moot.turns()
    site.accept("Second", {"text": "Second"}, id="77", before="")
    site.fault(Fault.DROP, on=POST)
    second = moot.post("Second", parts=2, part=2, depends_on=first)
    moot.turns(1)
    assert state(second) == State.UNCERTAIN
    site.posts.pop()
    moot.turns(15)
    assert state(second) == State.SENT
    assert second.remote_id != "77"


def test_a_post_that_is_alike_asks_a_person(moot: Posting, site: x_server.X) -> None:
    site.accept("The package quintapack was accepted!", {"text": "x"}, id="77", before="")
    site.fault(Fault.DROP, on=POST)
    delivery = moot.post("The package quintapick was accepted!")
    moot.turns(15)
    assert state(delivery) == State.NEEDS_PERSON
    assert delivery.words == "A post that is alike is there: https://x.com/moot/status/77"


def test_looks_read_page_after_page(moot: Posting, site: x_server.X) -> None:
    site.page = 2
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    delivery = moot.post()
    moot.turns()
    for number in range(5):
        site.accept(f"Number {number}", {"text": str(number)}, id=str(number), before="")
    moot.turns(2)
    assert (state(delivery), site.count(r"^GET /2/users/4242/tweets")) == (State.SENT, 3)


# --- refusals


def test_a_limit_lasts_until_its_window_ends(moot: Posting, site: x_server.X) -> None:
    site.fault(Fault.LIMIT, on=POST)
    first, second = moot.post("One"), moot.post("Two")
    moot.turns()
    moot.channel.refresh_from_db()
    assert (state(first), first.tries) == (State.SCHEDULED, 0)
    assert (moot.channel.held_until, moot.channel.failing_since) == (NOON + dt.timedelta(seconds=300), None)
    assert site.count(r"^POST /2/tweets ") == 1
    moot.turns(6)
    assert (state(first), state(second)) == (State.SENT, State.SENT)


def test_the_last_post_of_a_window_rests_the_channel(moot: Posting, site: x_server.X) -> None:
    site.remaining = 0
    first, second = moot.post("One"), moot.post("Two")
    moot.turns()
    moot.channel.refresh_from_db()
    assert (state(first), moot.channel.held_until) == (State.SENT, NOON + dt.timedelta(seconds=300))
    moot.turns(6)
    assert state(second) == State.SENT


def test_an_access_that_is_over_is_renewed_and_the_post_leaves(moot: Posting, site: x_server.X) -> None:
    site.tokens = ["another"]
    delivery = moot.post()
    moot.turns(1)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)
    assert site.count(r"^POST /2/oauth2/token 200") == 1


def test_of_several_limits_the_last_one_counts() -> None:
    now = int(NOON.timestamp())
    headers = {
        "x-rate-limit-remaining": "20",
        "x-rate-limit-reset": str(now + 9000),
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": str(now + 600),
        "x-app-limit-24hour-remaining": "0",
        "x-app-limit-24hour-reset": str(now + 700),
    }

    def answer(given: dict[str, str]) -> Answer:
        return Answer(429, httpx.Headers(given), b"", "https://api.x.com/2/tweets", "POST")

    assert client.wait_of(answer(headers)) == 700.0
    assert client.wait_of(answer({})) == 900.0
    assert client.wait_of(answer({"x-rate-limit-reset": str(now - 5)})) == 1.0


def test_without_credits_the_channel_waits(moot: Posting, site: x_server.X) -> None:
    site.credits = False
    delivery = moot.post()
    moot.turns()
    moot.channel.refresh_from_db()
    assert state(delivery) == State.SCHEDULED
    assert moot.channel.failing_words == (
        "X lets this app post nothing now: its credits are used up, or it lacks a right. "
        "402 Your enrolled account does not have any credits to fulfill this request."
    )
    site.credits = True
    moot.turns(2)
    assert state(delivery) == State.SENT


def test_a_post_that_x_does_not_take_is_refused_and_others_leave(moot: Posting, site: x_server.X) -> None:
    first = moot.post("One")
    moot.turns()
    site.posts.clear()
    answer = moot.post("Two", part=2, parts=2, depends_on=first)
    other = moot.post("Three")
    moot.turns(1)
    assert (state(answer), state(other)) == (State.FAILED, State.SENT)
    assert answer.words == (
        "X does not take this post. 403 You attempted to reply to a Tweet that is deleted or not visible to you."
    )


# --- later


def test_what_is_there_is_taken_away(moot: Posting, site: x_server.X, alice: User) -> None:
    delivery = moot.post()
    moot.turns()
    delivery.refresh_from_db()
    with pytest.raises(ValidationError, match="cannot be corrected"):
        actions.correct(delivery=delivery, payload={"text": "Hallo"}, asked_by=alice)
    site.fault(Fault.ACCEPT_THEN_DROP, on=r"^DELETE")
    gone = actions.withdraw(delivery=delivery, asked_by=alice)
    moot.turns(2)
    assert (state(gone), gone.price, site.posts) == (State.SENT, None, [])


def test_figures_followers_and_which_account_it_is(moot: Posting, site: x_server.X) -> None:
    delivery = moot.post()
    moot.turns()
    delivery.refresh_from_db()
    counts = {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "impression_count": 50}
    site.metrics[delivery.remote_id] = {**counts, "bookmark_count": 9}
    line = line_of(moot.channel)
    ours = {"likes": 3, "shares": 1, "replies": 2, "quotes": 4, "views": 50}
    sent = [Sent(delivery.remote_id), Sent("1"), *(Sent(str(number)) for number in range(2, 150))]
    assert line.figures(sent) == {delivery.remote_id: ours}
    assert site.count(r"^GET /2/tweets\?") == 2
    assert line.followers() == 77
    assert (line.facts(), line.account()) == ({"user_id": "4242", "handle": "moot"}, "@moot")
    site.fault(Fault.EXPIRED, on=r"^GET", times=9)
    with pytest.raises(CannotOpen, match="X does not take the access any more"):
        line.followers()
    site.fault(Fault.LIMIT, on=r"^GET", times=9)
    line.close()


# --- signing in


def access_of(site: x_server.X, **secrets: str) -> Access:
    return Access(
        1,
        {"api_url": site.url, "site_url": site.url, "client_id": "app"},
        {"client_secret": "secret", **secrets},
    )


def test_an_account_signs_in_and_is_renewed(site: x_server.X) -> None:
    way = X().sign_in
    assert way is not None
    address, kept = way.start(access_of(site), back="https://moot.example/back", state="s1")
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"] == ["tweet.read tweet.write users.read media.write offline.access"]
    assert (asked["state"], asked["code_challenge_method"]) == (["s1"], ["S256"])
    site.challenge = asked["code_challenge"][0]
    with pytest.raises(MustConnect):
        way.finish(access_of(site), code="the-code", back="https://moot.example/back", kept={"verifier": "x"})
    got = way.finish(access_of(site), code="the-code", back="https://moot.example/back", kept=kept)
    assert (got.renew_at, got.expires_at) == (NOON + dt.timedelta(minutes=110), None)
    assert got.settings == {"user_id": "4242", "handle": "moot"}
    again = X().renew(access_of(site, refresh_token=got.secrets["refresh_token"]))
    assert again is not None
    assert again.secrets["access_token"] == site.tokens[0]
    with pytest.raises(MustConnect):  # a refresh token works once
        X().renew(access_of(site, refresh_token=got.secrets["refresh_token"]))
    with pytest.raises(MustConnect, match="nothing to renew"):
        X().renew(access_of(site))
    site.gives_refresh = False
    with pytest.raises(MustConnect, match="two hours"):
        X().renew(access_of(site, refresh_token=again.secrets["refresh_token"]))


def test_a_channel_that_is_not_connected_sends_nothing(settings: Any) -> None:
    settings.X_ALLOWED = True
    with pytest.raises(CannotOpen, match="not connected"):
        connectors.get("x").open(Access(1))


# --- a storm


@pytest.mark.parametrize("seed", range(2))
def test_none_twice_and_none_lost_whatever_happens(moot: Posting, site: x_server.X, seed: int) -> None:
    choice = random.Random(seed)
    faults = [
        *(Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ACCEPT_THEN_CUT),
        *(Fault.ERROR, Fault.DROP, Fault.LIMIT, Fault.EXPIRED),
    ]
    # Questions are asked again by the client itself, after real pauses: one fault in them is enough here.
    site.chaos = lambda asked: (
        choice.choice(faults if asked.method == "POST" else [Fault.LIMIT, Fault.EXPIRED])
        if choice.random() < 0.5
        else None
    )
    site.reset = 0
    sent = [moot.post(f"Announcement {number * 7919}") for number in range(15)]
    moot.until_done()
    assert site.doubles() == {}
    states = {delivery.title: state(delivery) for delivery in sent}
    assert set(states.values()) <= {State.SENT, State.NEEDS_PERSON, State.MISSED}
    texts = {post.text for post in site.accepted}
    assert {title for title, one in states.items() if one == State.SENT} <= texts
    assert not {title for title, one in states.items() if one == State.MISSED} & texts
