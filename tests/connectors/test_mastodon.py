"""Mastodon: each post once, whatever the server does, against one of our own written from its documentation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from folkmoot.connectors.base import Access, CannotOpen, MustConnect, Rate, Readback, connectors
from folkmoot.connectors.mastodon import Mastodon, sender
from folkmoot.connectors.mastodon.sender import MastodonSender
from folkmoot.connectors.mastodon.server import address_of, keeps_keys
from folkmoot.connectors.posts import Card, Content, Mention, Segment
from folkmoot.kernel.http import OutcomeUnknown, Verdict
from folkmoot.outbox.models import Channel, State
from tests.connectors.house import NOON, House, make_channel, picture, sending, sent, told, tried
from tests.platforms.base import Fault
from tests.platforms.mastodon_server import SCOPES, TOKEN, MastodonServer

pytestmark = pytest.mark.django_db
POST = r"^POST /api/v1/statuses$"


@pytest.fixture(autouse=True)
def clock(monkeypatch: Any, settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(sender, "WAITS", (0.0, 0.0, 0.0))
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(settings: Any) -> Iterator[MastodonServer]:
    with MastodonServer() as platform:
        settings.HTTP_ALLOW = [platform.host]
        yield platform


def access(server: MastodonServer, token: str = TOKEN, **facts: Any) -> Access:
    return Access(1, {"server": server.url}, {"token": token}, {"keeps_keys": server.keeps_keys, **facts})


@pytest.fixture
def line(server: MastodonServer) -> Iterator[MastodonSender]:
    found = Mastodon().open(access(server))
    assert isinstance(found, MastodonSender)
    yield found
    found.close()


def house(server: MastodonServer, clock: time_machine.Traveller) -> House:
    given = {"server": server.url}
    return House(make_channel("mastodon", given, {"token": TOKEN}, keeps_keys=server.keeps_keys), clock)


def payload(text: str = "A moot in Lyon", **more: Any) -> dict[str, Any]:
    return Content(text, **more).as_payload()


# --- sending


def test_a_post_with_all_that_belongs_to_it(server: MastodonServer, line: MastodonSender) -> None:
    given = payload(
        "Thanks @ada@example.social!",
        language="pt-BR",
        media=(picture(focus=(0.25, -0.5)),),
        options={"visibility": "unlisted", "warning": "Food"},
    )
    from folkmoot.outbox.engine.context import read

    outcome = line.send(given, sending("key-1", read=read))
    (post,) = server.posts
    assert (outcome.verdict, outcome.remote_id) == (Verdict.YES, post.id)
    assert outcome.remote_url == f"https://moot.example/@moot/{post.id}"
    (number,) = outcome.remote["media"].values()
    assert post.content == {
        "status": "Thanks @ada@example.social!",
        "visibility": "unlisted",
        "spoiler_text": "Food",
        "sensitive": True,
        "media_ids": [number],
        "language": "pt",
    }
    assert (server.media[number]["description"], server.media[number]["focus"]) == (
        "Three tents by a lake",
        "0.25,-0.5",
    )
    assert server.requests[-1].headers["idempotency-key"] == "key-1"


def test_the_page_it_is_about_is_added_to_the_text(server: MastodonServer, line: MastodonSender) -> None:
    line.send(payload("Read it.", link="https://example.org/a"), sending("1"))
    line.send(payload("https://example.org/a: read it.", link="https://example.org/a"), sending("2"))
    line.send(payload("Read it.", card=Card("https://example.org/b", "B")), sending("3"))
    assert [each.text for each in server.posts] == [
        "Read it.\n\nhttps://example.org/a",
        "https://example.org/a: read it.",
        "Read it.\n\nhttps://example.org/b",
    ]


def test_a_picture_that_is_still_worked_on_is_waited_for(
    server: MastodonServer, line: MastodonSender
) -> None:
    from folkmoot.outbox.engine.context import read

    server.slow_media = 2
    given = payload(media=(picture(),))
    assert line.send(given, sending("1", read=read)).verdict is Verdict.YES
    assert [each.split()[-1] for each in server.asked] == ["202", "206", "200", "200"]
    server.slow_media = 9
    outcome = line.send(given, sending("2", read=read))
    assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, True, False)
    assert len(server.posts) == 1


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ERROR, Fault.DROP])
def test_a_picture_whose_answer_is_lost_is_no_lost_post(
    server: MastodonServer, line: MastodonSender, fault: Fault
) -> None:
    from folkmoot.outbox.engine.context import read

    server.fault(fault, on="/api/v2/media")
    outcome = line.send(payload(media=(picture(),)), sending(read=read))
    assert (outcome.verdict, outcome.transient) == (Verdict.NO, True)
    assert server.posts == []


def test_a_picture_that_is_gone_is_told(server: MastodonServer, line: MastodonSender) -> None:
    media = picture()
    outcome = line.send(payload(media=(media,)), sending())
    assert (outcome.verdict, outcome.transient) == (Verdict.NO, False)
    assert media.file in outcome.words


def test_what_the_server_refuses(server: MastodonServer, line: MastodonSender) -> None:
    outcome = line.send(payload("x" * 501), sending())
    assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, False, False)
    assert outcome.words == "422 Validation failed: Text character limit of 500 exceeded"
    server.tokens = {TOKEN: "read write:media"}
    outcome = line.send(payload(), sending())
    assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, True, True)
    server.tokens = {}
    outcome = line.send(payload(), sending())
    assert (outcome.verdict, outcome.channel) == (Verdict.NO, True)
    assert outcome.words.startswith("The token does not hold any more")


def test_a_limit_is_told_and_waited_for_until_its_moment(
    server: MastodonServer, line: MastodonSender
) -> None:
    server.left, server.reset = 1, dt.timedelta(minutes=4)
    assert line.send(payload("one"), sending("1")).rate == Rate(0, NOON + dt.timedelta(minutes=4))
    outcome = line.send(payload("two"), sending("2"))
    assert (outcome.verdict, outcome.transient, outcome.wait) == (Verdict.NO, True, 240.0)


def test_the_channel_rests_as_long_as_its_limit_asks(
    server: MastodonServer, clock: time_machine.Traveller
) -> None:
    place = house(server, clock)
    server.left, server.reset = 1, dt.timedelta(minutes=4)
    one, two = place.queue("one"), place.queue("two")
    place.turns(3)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state, server.count("POST")) == (State.SENT, State.SCHEDULED, 1)
    server.left = None
    assert place.ends(two) == State.SENT
    assert told(two) == [("send", "yes")]


def test_a_thread_hangs_together(server: MastodonServer, clock: time_machine.Traveller) -> None:
    place = house(server, clock)
    first = place.queue("One of three")
    second = place.queue("Two of three", after=first)
    third = place.queue("Three of three", after=second)
    assert place.ends(third) == State.SENT
    numbers = [each.id for each in server.posts]
    assert [each.content.get("in_reply_to_id") for each in server.posts] == [None, *numbers[:2]]


# --- a lost answer


FAULTS = [
    Fault.ACCEPT_THEN_DROP,
    Fault.ACCEPT_THEN_CUT,
    Fault.ACCEPT_THEN_500,
    Fault.ERROR,
    Fault.DROP,
    Fault.LIMIT,
]


@pytest.mark.parametrize("keeps", [True, False], ids=["keeps keys", "ignores keys"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.value)
def test_each_post_arrives_once(
    settings: Any, clock: time_machine.Traveller, fault: Fault, keeps: bool
) -> None:
    with MastodonServer(keeps_keys=keeps) as server:
        settings.HTTP_ALLOW = [server.host]
        place = house(server, clock)
        server.fault(fault, on=POST)
        delivery = place.queue("A moot in Lyon: https://example.org/lyon @ada@example.social #Moot")
        assert place.ends(delivery) == State.SENT
        assert [each.id for each in server.accepted] == [delivery.remote_id]


@pytest.mark.parametrize("keeps", [True, False], ids=["keeps keys", "ignores keys"])
def test_a_thread_resumes_in_the_middle(settings: Any, clock: time_machine.Traveller, keeps: bool) -> None:
    with MastodonServer(keeps_keys=keeps) as server:
        settings.HTTP_ALLOW = [server.host]
        place = house(server, clock)
        first = place.queue("Same words")
        second = place.queue("Same words", after=first)
        place.turns()
        server.fault(Fault.ACCEPT_THEN_DROP, on=POST)
        third = place.queue("Same words", after=second)
        assert place.ends(third) == State.SENT
        numbers = [each.id for each in server.accepted]
        assert [each.content.get("in_reply_to_id") for each in server.accepted] == [None, *numbers[:2]]


def test_a_replay_that_fails_is_found_all_the_same(server: MastodonServer, line: MastodonSender) -> None:
    server.replay_fails = True
    server.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    assert line.send(payload(), sending()).verdict is Verdict.UNKNOWN
    assert line.send(payload(), sending()).verdict is Verdict.UNKNOWN
    outcome = line.reconcile(payload(), tried())
    assert (outcome.verdict, outcome.remote_id) == (Verdict.YES, server.posts[0].id)


def test_it_is_sent_again_only_late_enough_early_enough_and_where_keys_are_kept(
    server: MastodonServer, line: MastodonSender, clock: time_machine.Traveller
) -> None:
    began = {"stamped_at": NOON, "began_at": NOON}
    clock.shift(dt.timedelta(seconds=15))  # the first request may still be worked on
    assert line.reconcile(payload(), tried(**began)).verdict is Verdict.UNKNOWN
    clock.shift(dt.timedelta(minutes=50))  # the key may be forgotten soon
    assert line.reconcile(payload(), tried(**began, looks=1)).verdict is Verdict.UNKNOWN
    assert server.posts == []
    assert line.reconcile(payload(), tried(**began, looks=2)).verdict is Verdict.NO
    clock.move_to(NOON + dt.timedelta(seconds=90))
    other = MastodonServer(keeps_keys=False)
    foreign = Mastodon().open(
        Access(1, {"server": server.url}, {"token": TOKEN}, {"keeps_keys": other.keeps_keys})
    )
    assert foreign.reconcile(payload(), tried(**began, looks=1)).verdict is Verdict.UNKNOWN
    foreign.close()
    outcome = line.reconcile(payload(), tried(**began, looks=1))
    assert (outcome.verdict, len(server.posts)) == (Verdict.YES, 1)
    again = line.reconcile(payload(), tried(**began, looks=1))
    assert (again.remote_id, len(server.accepted)) == (outcome.remote_id, 1)


def test_posts_alike_are_told_apart(server: MastodonServer, line: MastodonSender) -> None:
    long = "We welcome {} among the editors, who will look after packages for plates, tides and much more besides."
    other = line.send(payload(long.format("Ana")), sending("1"))
    # Much the same words, and nobody's so far: to the last a person has to look.
    assert line.reconcile(payload(long.format("Ada")), tried("2", looks=2)).verdict is Verdict.UNKNOWN
    # The same text once more: what belongs to another message is not this one.
    taken = frozenset({other.remote_id})
    assert line.reconcile(payload(long.format("Ana")), tried("2", taken=taken)).verdict is Verdict.UNKNOWN
    assert line.reconcile(payload(long.format("Ana")), tried("2", taken=taken, looks=2)).verdict is Verdict.NO
    assert line.reconcile(payload(long.format("Ana")), tried("1")).remote_id == other.remote_id


def test_pictures_count_and_without_text_their_descriptions(
    server: MastodonServer, line: MastodonSender
) -> None:
    from folkmoot.outbox.engine.context import read

    given = payload("", media=(picture("A lake"),))
    assert line.send(given, sending("1", read=read)).verdict is Verdict.YES
    assert line.reconcile(given, tried("1")).verdict is Verdict.YES
    assert line.reconcile(payload("", media=(picture("A tent"),)), tried("2")).verdict is Verdict.UNKNOWN
    assert line.reconcile(payload(""), tried("3")).verdict is Verdict.UNKNOWN


def test_old_posts_are_not_looked_at_and_pages_are_turned(
    server: MastodonServer, line: MastodonSender, clock: time_machine.Traveller
) -> None:
    line.send(payload("A moot in Lyon"), sending("old"))
    clock.shift(dt.timedelta(minutes=3))
    began = tried(looks=2)
    assert line.reconcile(payload(), began).verdict is Verdict.NO
    mine = line.send(payload(), sending("new"))
    for number in range(90):
        server.accept(f"Another {number}")
    assert line.reconcile(payload(), began).remote_id == mine.remote_id
    assert server.count("GET /api/v1/accounts/7/statuses.* 200") == 1 + 3


def test_what_cannot_be_read_stays_open(server: MastodonServer, line: MastodonSender) -> None:
    server.tokens = {TOKEN: "write"}
    outcome = line.reconcile(payload(), tried(looks=2))
    assert (outcome.verdict, outcome.channel) == (
        Verdict.NO,
        True,
    )  # asked again later: it says nothing of the post
    server.tokens = {TOKEN: SCOPES}
    server.left = 0
    outcome = line.reconcile(payload(), tried(looks=2))
    assert (outcome.verdict, outcome.wait) == (Verdict.NO, 300.0)
    server.left = None
    server.fault(Fault.ERROR, on="^GET")
    assert line.reconcile(payload(), tried(looks=2)).verdict is Verdict.UNKNOWN
    server.fault(Fault.DROP, on="^GET", times=3)
    assert line.reconcile(payload(), tried(looks=2)).verdict is Verdict.UNKNOWN
    server.stop()
    outcome = line.reconcile(payload(), tried(looks=2))
    assert (outcome.verdict, outcome.channel) == (Verdict.NO, True)


def test_while_a_token_does_not_hold_nothing_is_decided(
    server: MastodonServer, clock: time_machine.Traveller
) -> None:
    place = house(server, clock)
    server.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    delivery = place.queue()
    place.turns()
    server.tokens = {}
    place.turns(3)
    server.tokens = {TOKEN: SCOPES}
    assert place.ends(delivery) == State.SENT
    assert len(server.accepted) == 1


def test_whose_account_it_is(server: MastodonServer, line: MastodonSender) -> None:
    assert line.account() == f"@moot@{server.host}"
    server.tokens = {}
    other = Mastodon().open(access(server))
    with pytest.raises(CannotOpen, match="connect the channel anew"):
        other.account()
    other.close()


# --- afterwards


def test_a_correction_keeps_pictures_and_says_what_changed(
    server: MastodonServer, line: MastodonSender
) -> None:
    from folkmoot.outbox.engine.context import read

    media = picture(sha256="a" * 64)
    outcome = line.send(payload("A mot", media=(media,)), sending(read=read))
    again = picture("Two tents", sha256="a" * 64)
    changed = line.correct(sent(outcome), payload("A moot", media=(again,)), sending("2", read=read))
    (post,) = server.posts
    assert (changed.verdict, changed.remote, post.text) == (Verdict.YES, outcome.remote, "A moot")
    assert [each["description"] for each in server.media.values()] == ["Two tents"]
    assert post.content["visibility"] == "public"
    server.remove(post)
    assert line.correct(sent(outcome), payload("A moot"), sending("3")).verdict is Verdict.NO


def test_taking_away_is_done_once_and_twice(server: MastodonServer, line: MastodonSender) -> None:
    outcome = line.send(payload(), sending())
    server.fault(Fault.ACCEPT_THEN_500, on="^DELETE")
    assert line.withdraw(sent(outcome)).verdict is Verdict.UNKNOWN
    assert line.withdraw(sent(outcome)).verdict is Verdict.YES
    assert server.posts == []


@pytest.mark.parametrize("batches", [True, False])
def test_figures(server: MastodonServer, line: MastodonSender, batches: bool) -> None:
    server.knows_batches = batches
    all_sent = [sent(line.send(payload(f"Post {n}"), sending(f"{n}"))) for n in range(25)]
    server.posts[3].data["counts"] = {"likes": 4, "shares": 2, "replies": 1, "quotes": 3}
    server.remove(server.posts[24])
    found = line.figures(all_sent)
    assert len(found) == 24
    assert found[all_sent[3].remote_id] == {"likes": 4, "shares": 2, "replies": 1, "quotes": 3}
    assert found[all_sent[0].remote_id] == {"likes": 0, "shares": 0, "replies": 0, "quotes": 0}
    assert line.followers() == 812
    server.fault(Fault.ERROR, on="^GET")
    with pytest.raises(OutcomeUnknown):
        line.figures(all_sent)


def test_what_the_server_says_of_itself(server: MastodonServer, line: MastodonSender) -> None:
    server.max_characters = 5000
    facts = line.facts()
    assert facts == {
        "text": 5000,
        "url": 23,
        "images": 4,
        "alt": 1500,
        "image_bytes": 16777216,
        "image_pixels": 33177600,
        "types": ["image/jpeg", "image/png", "image/webp"],
        "version": "4.5.2",
        "keeps_keys": True,
    }
    limits = Mastodon().limits_of(Access(1, facts=facts))
    assert (limits.text, limits.types) == (5000, ("image/jpeg", "image/png", "image/webp"))
    assert Mastodon().limits_of(Access(1, facts={"text": "many"})) == Mastodon.limits


@pytest.mark.parametrize(
    ("version", "keeps"),
    [
        ("4.5.2", True),
        ("4.3.0+glitch", True),
        ("3.5.19", True),
        ("2.7.2 (compatible; Pleroma 2.9.1)", False),
        ("4.0.0 (compatible; Akkoma 3.15)", False),
        ("0.20.1+git-1234", False),
        ("", False),
    ],
)
def test_who_keeps_keys(version: str, keeps: bool) -> None:
    assert keeps_keys(version) is keeps


# --- connecting


def test_going_there_and_coming_back(server: MastodonServer) -> None:
    sign_in = Mastodon.sign_in
    assert sign_in is not None
    blank = Access(0, {"server": server.url})
    back = "https://moot.example.org/channels/back/"
    address, kept = sign_in.start(blank, back=back, state="state-1")
    query = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{server.url}/oauth/authorize?")
    assert (query["state"], query["response_type"]) == ("state-1", "code")
    found = sign_in.finish(blank, code=server.agree(query), back=back, kept=kept)
    assert found.settings == {
        "handle": f"@moot@{server.host}",
        "profile": "https://moot.example/@moot",
    }
    line = Mastodon().open(access(server, found.secrets["token"]))
    assert line.send(payload(), sending()).verdict is Verdict.YES
    line.close()
    with pytest.raises(MustConnect, match="The grant is invalid"):
        sign_in.finish(blank, code="code-1", back=back, kept=kept)
    with pytest.raises(MustConnect, match="write:media"):
        sign_in.finish(blank, code=server.agree(query, "read write:statuses"), back=back, kept=kept)


def test_a_server_that_does_not_know_apps(server: MastodonServer) -> None:
    sign_in = Mastodon.sign_in
    assert sign_in is not None
    with pytest.raises(MustConnect):
        sign_in.start(Access(0, {"server": "nowhere at all/"}), back="https://x.org/", state="s")
    with pytest.raises(MustConnect, match="Redirect URI"):
        sign_in.start(Access(0, {"server": server.url}), back="", state="s")
    server.fault(Fault.ERROR, on="/api/v1/apps")
    with pytest.raises(OutcomeUnknown):
        sign_in.start(Access(0, {"server": server.url}), back="https://x.org/", state="s")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("fosstodon.org", "https://fosstodon.org"),
        ("@moot@fosstodon.org", "https://fosstodon.org"),
        ("https://fosstodon.org/@moot", "https://fosstodon.org"),
        ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
        ("https://me:secret@fosstodon.org", ""),
        ("ftp://fosstodon.org", ""),
        ("nowhere at all", ""),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://fosstodon.org:port", ""),
        ("", ""),
    ],
)
def test_a_server_by_whatever_a_person_puts_in(given: str, address: str) -> None:
    assert address_of(given) == address


def test_a_channel_that_lacks_something() -> None:
    connector = Mastodon()
    assert set(connector.wrong_settings(Access(1))) == {"server", "token"}
    assert set(connector.wrong_settings(Access(1, {"server": "ftp://a.org"}, {"token": "t"}))) == {"server"}
    with pytest.raises(CannotOpen):
        connector.open(Access(1, {"server": "a.org"}))
    with pytest.raises(CannotOpen):
        connector.open(Access(1, {"server": ""}, {"token": "t"}))
    assert connectors.get("mastodon").readback is Readback.MARKER


# --- counting and showing


def test_the_count_is_that_of_what_is_posted() -> None:
    connector = Mastodon()
    content = Content("Read it.", link="https://example.org/a/very/long/one", options={"warning": "Food"})
    (measure,) = connector.measures(content, connector.limits)
    assert (measure.length, measure.limit, measure.left) == (8 + 2 + 23 + 4, 500, 463)
    assert connector.problems(Content("x" * 501).as_payload()) == [
        "The text is too long by 1 characters (501 of 500)."
    ]
    assert connector.problems(payload(options={"visibility": "direct"})) == [
        "Mastodon does not know this visibility: direct"
    ]
    assert connector.problems(payload()) == []


def test_it_is_shown_as_mastodon_shows_it() -> None:
    content = Content(
        "Thanks @ada@example.social for https://www.example.org/a/rather/long/address/of/a/page #Moot",
        mentions=(Mention("@ada@example.social", "ada@example.social"),),
    )
    assert Mastodon().segments(content) == [
        Segment("Thanks "),
        Segment("@ada", "mention"),
        Segment(" for "),
        Segment(
            "example.org/a/rather/long/addr…",
            "link",
            "https://www.example.org/a/rather/long/address/of/a/page",
        ),
        Segment(" "),
        Segment("#Moot", "tag"),
    ]
    assert Mastodon().written(Mention("Ada", "ada@example.social")) == "@ada@example.social"


def test_a_channel_shows_what_was_tried(server: MastodonServer, clock: time_machine.Traveller) -> None:
    place = house(server, clock)
    server.fault(Fault.ACCEPT_THEN_500, on=POST)
    delivery = place.queue()
    assert place.ends(delivery, 1) == State.SENT
    assert told(delivery) == [("send", "unknown"), ("look", "yes")]
    assert Channel.objects.get().failures == 0
