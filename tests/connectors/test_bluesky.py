"""Bluesky: each post once at its own key, against a server of our own written from the lexicons."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.connectors.base import Access, CannotOpen, MustConnect, Rate, Readback, Sent, connectors
from folkmoot.connectors.bluesky import Bluesky
from folkmoot.connectors.bluesky.record import record, shown, tid
from folkmoot.connectors.bluesky.sender import BlueskySender
from folkmoot.connectors.posts import Card, Content, Media, Mention, Segment
from folkmoot.kernel.http import OutcomeUnknown, Verdict
from folkmoot.outbox.engine.context import read
from folkmoot.outbox.models import Channel, State
from tests.connectors.house import NOON, PIXEL, House, make_channel, picture, sending, sent, told, tried
from tests.platforms.base import Fault, Reply
from tests.platforms.bluesky_server import DID, HANDLE, PASSWORD, BlueskyServer

pytestmark = pytest.mark.django_db
PUT = r"putRecord$"
KEY = tid(NOON, "key-1")


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(settings: Any) -> Iterator[BlueskyServer]:
    with BlueskyServer() as platform:
        settings.HTTP_ALLOW = [platform.host]
        yield platform


def blank(server: BlueskyServer, handle: str = HANDLE, password: str = PASSWORD) -> Access:
    given = {"handle": handle, "server": server.url, "appview": server.url + "/"}
    return Access(1, given, {"password": password})


def connected(server: BlueskyServer) -> Access:
    access = blank(server)
    found = Bluesky().renew(access)
    assert found is not None
    return replace(access, secrets={**access.secrets, **found.secrets})


@pytest.fixture
def line(server: BlueskyServer) -> Iterator[BlueskySender]:
    found = Bluesky().open(connected(server))
    assert isinstance(found, BlueskySender)
    yield found
    found.close()


@pytest.fixture
def place(server: BlueskyServer, clock: time_machine.Traveller) -> House:
    given = {"handle": HANDLE, "server": server.url, "appview": server.url}
    return House(make_channel("bluesky", given, {"password": PASSWORD}), clock)


def payload(text: str = "A moot in Lyon", **more: Any) -> dict[str, Any]:
    return Content(text, **more).as_payload()


def now(key: str = "key-1", **more: Any) -> Any:
    return sending(key, planned_id=tid(NOON, key), read=read, **more)


# --- the record


def test_a_post_with_all_that_belongs_to_it(server: BlueskyServer, line: BlueskySender) -> None:
    given = payload(
        "Señor @ada.test, @nobody.test: https://example.org/a/rather/long/path #Moot",
        language="es",
        media=(replace(picture(), width=800, height=600),),
        mentions=(Mention("@ada.test", "ada.test"), Mention("@nobody.test", "nobody.test")),
    )
    outcome = line.send(given, now())
    (post,) = server.posts
    uri = f"at://{DID}/app.bsky.feed.post/{KEY}"
    assert (outcome.verdict, outcome.remote_id, outcome.remote["uri"]) == (Verdict.YES, uri, uri)
    assert outcome.remote_url == f"https://bsky.app/profile/{DID}/post/{KEY}"
    (blob,) = server.blobs
    assert server.blobs[blob] == PIXEL
    text = "Señor @ada.test, @nobody.test: example.org/a/rather/lon... #Moot"
    facet = "app.bsky.richtext.facet"
    assert post.content == {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2026-11-20T12:00:00.000Z",
        "langs": ["es"],
        "facets": [
            {
                "index": {"byteStart": 7, "byteEnd": 16},
                "features": [{"$type": f"{facet}#mention", "did": "did:plc:adaadaadaadaadaadaadaada"}],
            },
            {
                "index": {"byteStart": 32, "byteEnd": 59},
                "features": [{"$type": f"{facet}#link", "uri": "https://example.org/a/rather/long/path"}],
            },
            {
                "index": {"byteStart": 60, "byteEnd": 65},
                "features": [{"$type": f"{facet}#tag", "tag": "Moot"}],
            },
        ],
        "embed": {
            "$type": "app.bsky.embed.images",
            "images": [
                {
                    "image": {
                        "$type": "blob",
                        "ref": {"$link": blob},
                        "mimeType": "image/png",
                        "size": len(PIXEL),
                    },
                    "alt": "Three tents by a lake",
                    "aspectRatio": {"width": 800, "height": 600},
                }
            ],
        },
    }
    assert text.encode()[32:59] == b"example.org/a/rather/lon..."


def test_the_page_it_is_about_is_a_card_or_with_pictures_text(
    server: BlueskyServer, line: BlueskySender
) -> None:
    card = Card("https://example.org/b", "B", "About b", picture("B itself"))
    line.send(payload("One", card=card), now("1"))
    line.send(payload("Two", link="https://example.org/c"), now("2"))
    line.send(payload("Three", link="https://example.org/c", media=(picture(),)), now("3"))
    one, two, three = (each.content for each in server.posts)
    external = one["embed"]["external"]
    assert (external["uri"], external["title"], external["description"]) == (
        "https://example.org/b",
        "B",
        "About b",
    )
    assert external["thumb"]["size"] == len(PIXEL)
    assert two["embed"]["external"] == {
        "uri": "https://example.org/c",
        "title": "example.org",
        "description": "",
    }
    assert (three["text"], three["embed"]["$type"]) == ("Three\n\nexample.org/c", "app.bsky.embed.images")
    assert three["facets"][0]["features"][0]["uri"] == "https://example.org/c"


WORDS = st.lists(
    st.sampled_from(
        [
            "Moot",
            "Übung",
            "https://example.org/a/rather/long/path",
            "@ada.test",
            "#öffentlich",
            "🎉",
            "👩\u200d👧",
            "語",
        ]
    ),
    max_size=10,
)


@given(WORDS, st.text(max_size=20))
def test_facets_lie_where_their_text_lies(words: list[str], tail: str) -> None:
    content = Content(" ".join((*words, tail)), mentions=(Mention("@ada.test", "ada.test"),))
    made = record(content, NOON, people={"@ada.test": "did:plc:ada"}, images=[])
    octets = made["text"].encode()
    last = 0
    for facet in made.get("facets", ()):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert last <= start < end <= len(octets)
        piece, feature = octets[start:end].decode(), facet["features"][0]
        if feature["$type"].endswith("#mention"):
            assert piece == "@ada.test"
        elif feature["$type"].endswith("#tag"):
            assert piece == f"#{feature['tag']}"
        else:
            assert feature["uri"].removeprefix("https://").startswith(piece.removesuffix("..."))
        last = end
    assert made == record(content, NOON, people={"@ada.test": "did:plc:ada"}, images=[])


@given(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2090, 1, 1)), st.text(), st.text())
def test_keys_sort_by_time_and_differ(moment: dt.datetime, one: str, other: str) -> None:
    at = moment.replace(tzinfo=dt.UTC)
    found = tid(at, one)
    assert re.fullmatch(r"[234567a-j][234567a-z]{12}", found)
    assert found == tid(at, one)
    assert (found == tid(at, other)) == (one == other)
    assert found < tid(at + dt.timedelta(seconds=3), other)


def test_it_is_counted_and_shown_as_it_is_posted() -> None:
    connector = Bluesky()
    content = Content(
        "Thanks @ada.test https://example.org/a/rather/long/path", mentions=(Mention("@ada.test"),)
    )
    assert connector.segments(content) == [
        Segment("Thanks "),
        Segment("@ada.test", "mention"),
        Segment(" "),
        Segment("example.org/a/rather/lon...", "link", "https://example.org/a/rather/long/path"),
    ]
    text, octets = connector.measures(content, connector.limits)
    assert (text.length, text.limit, octets.length, octets.limit) == (44, 300, 44, 3000)
    assert connector.length(content.text, connector.limits) == 44
    family = "👩\u200d👩\u200d👧\u200d👦"
    assert connector.problems(payload(family * 130)) == ["The text is too long by 250 bytes (3250 of 3000)."]
    assert connector.problems(payload("x" * 301)) == ["The text is too long by 1 characters (301 of 300)."]
    card = Card("https://example.org", "E", image=Media("a.png", "image/png", size=1_000_001))
    assert len(connector.problems(payload(card=card))) == 1
    assert connector.problems(payload()) == []


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("https://example.org/", "example.org"),
        ("http://example.org/a?b=c", "example.org/a?b=c"),
        ("https://example.org:8443/abcdefghijklmn", "example.org:8443/abcdefghijklmn"),
        ("https://example.org/abcdefghijklmno", "example.org/abcdefghijkl..."),
    ],
)
def test_addresses_are_cut_short(address: str, text: str) -> None:
    assert [each.text for each in shown(Content(address))] == [text]


# --- sending


def test_a_thread_hangs_together(server: BlueskyServer, place: House) -> None:
    first = place.queue("One of three")
    second = place.queue("Two of three", after=first)
    third = place.queue("Three of three", after=second)
    assert place.ends(third) == State.SENT
    for each in (first, second):
        each.refresh_from_db()
    one, two, three = (each.content for each in server.posts)
    assert "reply" not in one
    refs = [{"uri": each.remote["uri"], "cid": each.remote["cid"]} for each in (first, second)]
    assert two["reply"] == {"root": refs[0], "parent": refs[0]}
    assert three["reply"] == {"root": refs[0], "parent": refs[1]}


def test_a_part_that_only_a_person_knows_of_is_asked_for(server: BlueskyServer, line: BlueskySender) -> None:
    first = line.send(payload("One"), now("1"))
    known = Sent(tid(NOON, "1"), "https://bsky.app/profile/moot.test/post/" + tid(NOON, "1"))
    assert line.send(payload("Two"), now("2", previous=known, root=known)).verdict is Verdict.YES
    ref = {"uri": first.remote["uri"], "cid": first.remote["cid"]}
    assert server.posts[1].content["reply"] == {"root": ref, "parent": ref}
    gone = Sent(tid(NOON, "9"))
    outcome = line.send(payload("Three"), now("3", previous=gone, root=gone))
    assert (outcome.verdict, outcome.transient) == (Verdict.NO, False)


def test_what_the_server_refuses(server: BlueskyServer, line: BlueskySender) -> None:
    outcome = line.send(payload("x" * 301), now())
    assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, False, False)
    assert "grapheme too big" in outcome.words
    server.blob_limit = 10
    outcome = line.send(payload(media=(picture(),)), now())
    assert (outcome.verdict, outcome.transient) == (Verdict.NO, False)
    assert outcome.words.startswith("413")
    for status in ("deactivated", "takendown"):
        server.status = status
        outcome = line.send(payload(), now())
        assert (outcome.verdict, outcome.channel, outcome.expired) == (Verdict.NO, True, False)
    assert server.accepted == []


@pytest.mark.parametrize("what", ["uploadBlob", "resolveHandle"])
def test_what_comes_before_the_post_is_no_lost_post(
    server: BlueskyServer, line: BlueskySender, what: str
) -> None:
    given = payload("@ada.test", media=(picture(),), mentions=(Mention("@ada.test", "ada.test"),))
    server.fault(Fault.ERROR, on=what, times=3)
    outcome = line.send(given, now())
    assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, True, False)
    assert server.accepted == []


def test_a_limit_is_told_and_waited_for(server: BlueskyServer, line: BlueskySender) -> None:
    server.left = 1
    assert line.send(payload("one"), now("1")).rate == Rate(0, NOON + dt.timedelta(minutes=5))
    outcome = line.send(payload("two"), now("2"))
    assert (outcome.verdict, outcome.transient, outcome.wait) == (Verdict.NO, True, 300.0)


# --- a lost answer

FAULTS = [
    *(Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_CUT, Fault.ACCEPT_THEN_500),
    *(Fault.ERROR, Fault.DROP, Fault.LIMIT, Fault.EXPIRED),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.value)
def test_each_post_arrives_once(server: BlueskyServer, place: House, fault: Fault) -> None:
    place.turns()
    server.fault(fault, on=PUT, times=2)
    delivery = place.queue("A moot in Lyon: https://example.org/lyon @ada.test")
    assert place.ends(delivery) == State.SENT
    assert [server.uri(each.id) for each in server.accepted] == [delivery.remote_id]
    assert server.accepted[0].id == delivery.planned_id


def test_the_same_again_changes_nothing_and_other_words_are_no_second_post(
    server: BlueskyServer, line: BlueskySender
) -> None:
    first = line.send(payload(), now())
    again = line.send(payload(), now())
    other = line.send(payload("Other words, since a name could not be found before"), now())
    assert first.remote == again.remote == other.remote
    assert [each.text for each in server.accepted] == ["A moot in Lyon"]


def test_what_became_of_it_is_certain(server: BlueskyServer, line: BlueskySender) -> None:
    lost = tried(planned_id=KEY)
    assert line.reconcile(payload(), lost).verdict is Verdict.NO
    made = line.send(payload(), now())
    assert line.reconcile(payload(), lost).remote == made.remote
    server.fault(Fault.ERROR, on="getRecord")
    assert line.reconcile(payload(), lost).verdict is Verdict.UNKNOWN
    server.stop()
    outcome = line.reconcile(payload(), lost)
    assert (outcome.verdict, outcome.channel) == (Verdict.NO, True)


def test_an_access_that_is_over_does_not_keep_from_asking(
    server: BlueskyServer, line: BlueskySender, clock: time_machine.Traveller
) -> None:
    made = line.send(payload(), now())
    clock.shift(dt.timedelta(hours=3))
    assert line.reconcile(payload(), tried(planned_id=KEY)).remote == made.remote


# --- the session


def test_a_session_begins_by_itself_and_is_renewed_in_time(
    server: BlueskyServer, place: House, clock: time_machine.Traveller
) -> None:
    assert place.ends(place.queue("one")) == State.SENT
    channel = Channel.objects.get()
    assert channel.renew_at == NOON + dt.timedelta(hours=1, minutes=50)
    assert channel.settings["account"] == "@moot.test"
    clock.shift(dt.timedelta(hours=1, minutes=55))
    assert place.ends(place.queue("two")) == State.SENT
    assert (server.count("createSession"), server.count("refreshSession .*200")) == (1, 1)
    clock.shift(dt.timedelta(days=100))  # nothing renews it any more but the app password
    assert place.ends(place.queue("three")) == State.SENT
    assert (server.count("createSession"), len(server.accepted)) == (2, 3)


def test_an_access_that_the_server_ends_is_renewed_at_once(server: BlueskyServer, place: House) -> None:
    assert place.ends(place.queue("one")) == State.SENT
    server.fault(Fault.EXPIRED, on=PUT)
    delivery = place.queue("two")
    assert place.ends(delivery, 0) == State.SENT
    assert told(delivery) == [("send", "no"), ("send", "yes")]
    assert Channel.objects.get().failures == 0


def test_a_password_that_is_taken_back_needs_a_person(server: BlueskyServer, place: House) -> None:
    server.password = "another"
    delivery = place.queue("one")
    place.turns(1)
    delivery.refresh_from_db()
    channel = Channel.objects.get()
    assert (delivery.state, channel.must_connect) == (State.SCHEDULED, True)
    assert "does not take this handle and app password" in channel.failing_words


def test_a_session_of_another_login_is_not_used(server: BlueskyServer) -> None:
    access = connected(server)
    other = replace(access, settings={**access.settings, "handle": "other.test"})
    line = Bluesky().open(other)
    outcome = line.send(payload(), now())
    assert (outcome.verdict, outcome.expired) == (Verdict.NO, True)
    line.close()
    with pytest.raises(MustConnect):
        Bluesky().renew(other)
    assert (server.count("refreshSession"), server.accepted) == (0, [])


def test_no_empty_token_replaces_one(server: BlueskyServer) -> None:
    access = connected(server)
    empty = {"did": DID, "handle": HANDLE, "accessJwt": "", "refreshJwt": ""}
    server._session = lambda: Reply(200, empty)  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        Bluesky().renew(access)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.LIMIT, Fault.DROP])
def test_a_session_that_cannot_be_renewed_now_is_later(server: BlueskyServer, fault: Fault) -> None:
    access = connected(server)
    server.fault(fault, on="Session")
    with pytest.raises(OutcomeUnknown):
        Bluesky().renew(access)
    found = Bluesky().renew(access)
    assert found is not None
    assert server.count("createSession") == 1


def test_whose_account_it_is(server: BlueskyServer, line: BlueskySender) -> None:
    assert line.account() == "@moot.test"
    first = Bluesky().open(blank(server))
    assert first.account() == "@moot.test"  # before there is a session
    first.close()
    wrong = Bluesky().open(blank(server, password="no"))
    with pytest.raises(CannotOpen, match="Invalid identifier or password"):
        wrong.account()
    wrong.close()
    server.fault(Fault.EXPIRED, on="getSession")
    with pytest.raises(CannotOpen, match="ExpiredToken"):
        line.account()


def test_a_channel_that_lacks_something(server: BlueskyServer) -> None:
    connector = Bluesky()
    assert set(connector.wrong_settings(Access(1))) == {"handle", "password"}
    wrong = {"handle": "a.org", "server": "ftp://a.org", "appview": "https://a.org/x?y=z"}
    assert set(connector.wrong_settings(Access(1, wrong, {"password": "p"}))) == {"server", "appview"}
    assert connector.wrong_settings(blank(server)) == {}
    with pytest.raises(CannotOpen):
        connector.open(Access(1, {"handle": "a.org"}))
    assert connectors.get("bluesky").readback is Readback.EXACT


# --- afterwards


def test_a_correction_keeps_its_moment_and_its_thread(
    server: BlueskyServer, line: BlueskySender, clock: time_machine.Traveller
) -> None:
    first = line.send(payload("One"), now("1"))
    second = line.send(payload("Tow"), now("2", previous=sent(first), root=sent(first)))
    clock.shift(dt.timedelta(hours=1))
    before = dict(server.posts[1].content)
    changed = line.correct(sent(second), payload("Two"), now("3"))
    assert (changed.verdict, changed.remote_id) == (Verdict.YES, second.remote_id)
    assert changed.remote["cid"] != second.remote["cid"]
    assert server.posts[1].content == {**before, "text": "Two"}
    assert line.correct(sent(second), payload("Two"), now("3")).remote == changed.remote
    assert line.correct(Sent(tid(NOON, "9")), payload("Two"), now("3")).verdict is Verdict.NO


def test_taking_away_is_done_once_and_twice(server: BlueskyServer, line: BlueskySender) -> None:
    made = line.send(payload(), now())
    server.fault(Fault.ACCEPT_THEN_500, on="deleteRecord")
    assert line.withdraw(sent(made)).verdict is Verdict.UNKNOWN
    assert line.withdraw(sent(made)).verdict is Verdict.YES
    assert server.posts == []


def test_figures(server: BlueskyServer, line: BlueskySender) -> None:
    all_sent = [sent(line.send(payload(f"Post {n}"), now(f"{n}"))) for n in range(30)]
    server.posts[3].data["counts"] = {"likes": 4, "shares": 2, "replies": 1, "quotes": 3}
    server.remove(server.posts[29])
    found = line.figures(all_sent)
    assert (len(found), server.count("getPosts")) == (29, 2)
    assert found[all_sent[3].remote_id] == {"likes": 4, "shares": 2, "replies": 1, "quotes": 3}
    assert line.followers() == 421
    server.fault(Fault.ERROR, on="getPosts")
    with pytest.raises(OutcomeUnknown):
        line.figures(all_sent)
