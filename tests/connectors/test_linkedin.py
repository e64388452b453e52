"""LinkedIn: each post once, whatever it answers, against a stand-in written from its documentation."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.connectors.base import Access, CannotOpen, MustConnect, Sender, Sent, connectors
from folkmoot.connectors.linkedin import LinkedInPage, LinkedInPerson, client, images
from folkmoot.connectors.linkedin.little import little, plain
from folkmoot.connectors.linkedin.sender import LinkedInSender
from folkmoot.connectors.posts import Card, Content, Mention
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import HttpProblem
from folkmoot.outbox import actions
from folkmoot.outbox.engine import context
from folkmoot.outbox.models import Channel, Delivery, State
from tests.conftest import signed_in
from tests.connectors.posting import NOON, Posting, picture, state, told
from tests.platforms.base import Fault
from tests.platforms.linkedin_server import PAGE, PERSON, TOKEN, LinkedIn, shown
from tests.sending import sending

pytestmark = pytest.mark.django_db
POST = r"^POST /rest/posts$"
LOOK = r"^GET /rest/posts$"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: Any) -> None:
    monkeypatch.setattr(images, "PAUSES", (0.0,) * 6)
    monkeypatch.setattr(images, "BLIND", 0.0)


@pytest.fixture
def site(settings: Any) -> Iterator[LinkedIn]:
    with LinkedIn() as platform:
        settings.HTTP_ALLOW = [platform.host]
        yield platform


def channel(site: LinkedIn, kind: str, **more: Any) -> Channel:
    settings = {
        "api_url": site.url,
        "site_url": site.url,
        "client_id": "app",
        "organization": "5515715",
        "person": PERSON,
        **more,
    }
    secrets = {"access_token": TOKEN, "refresh_token": "refresh-0", "client_secret": "secret"}
    return Channel.objects.create(
        kind=kind, name=kind, medium="post", settings=settings, secrets=json.dumps(secrets)
    )


@pytest.fixture
def page(site: LinkedIn, clock: time_machine.Traveller) -> Posting:
    return Posting(channel(site, "linkedin-page"), clock)


@pytest.fixture
def person(site: LinkedIn, clock: time_machine.Traveller) -> Posting:
    return Posting(channel(site, "linkedin-person"), clock)


# --- little text


def test_little_text_keeps_hashtags_mentions_and_addresses() -> None:
    content = Content(
        "Ada Lovelace (Moot) says: 5 * 3 > 2, see https://a.example/x_(y)#z #OpenScience #open_science @nobody",
        mentions=(Mention("Ada Lovelace", id="urn:li:person:aB-1"), Mention("Moot", id="not a urn")),
    )
    written = little(content)
    assert written == (
        "@[Ada Lovelace](urn:li:person:aB-1) \\(Moot\\) says: 5 \\* 3 \\> 2, see https://a.example/x\\_\\(y\\)\\#z "
        "#OpenScience {hashtag|\\#|open\\_science} \\@nobody"
    )
    assert shown(written) == (content.text, ["urn:li:person:aB-1"])
    assert plain(written) == content.text


@given(st.text(alphabet=st.one_of(st.sampled_from("\\|{}@[]()<>#*_~ aé1🎉\n"), st.characters(codec="utf-8"))))
def test_nothing_is_ever_cut_off(text: str) -> None:
    written = little(Content(text))
    assert shown(written) == (text, [])
    assert plain(written) == text


def test_a_mention_whose_name_has_a_meaning_is_escaped_too() -> None:
    content = Content("Hi A*B [C]!", mentions=(Mention("A*B [C]", id="urn:li:organization:7"),))
    written = little(content)
    assert written == "Hi @[A\\*B \\[C\\]](urn:li:organization:7)!"
    assert plain(written) == content.text


# --- sending


def test_a_post_of_a_page_leaves_once(page: Posting, site: LinkedIn) -> None:
    delivery = page.post("Hello (world) #PyBaMM", link="https://moot.example/a_b")
    page.turns(2)
    (post,) = site.accepted
    assert state(delivery) == State.SENT
    assert (delivery.remote_id, delivery.remote_url) == (
        post.id,
        f"https://www.linkedin.com/feed/update/{post.id}/",
    )
    assert post.text == "Hello (world) #PyBaMM\n\nhttps://moot.example/a_b"
    assert post.content == {
        "author": PAGE,
        "commentary": "Hello \\(world\\) #PyBaMM\n\nhttps://moot.example/a\\_b",
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    assert told(delivery) == [("send", "yes")]


def test_a_post_of_a_person_is_theirs(person: Posting, site: LinkedIn) -> None:
    delivery = person.post(options={"visibility": "CONNECTIONS"})
    person.turns()
    assert state(delivery) == State.SENT
    assert (site.accepted[0].content["author"], site.accepted[0].content["visibility"]) == (
        PERSON,
        "CONNECTIONS",
    )


@pytest.mark.parametrize("number", [1, 2, 20])
def test_pictures_go_first_with_their_descriptions(page: Posting, site: LinkedIn, number: int) -> None:
    site.slow = 2
    media = tuple(picture(f"Picture {each}", b"%d" % each) for each in range(number))
    delivery = page.post(media=media)
    page.turns()
    assert state(delivery) == State.SENT
    shown = [{"id": name, "altText": f"Picture {each}"} for each, name in enumerate(site.images)]
    wanted = {"media": shown[0]} if number == 1 else {"multiImage": {"images": shown}}
    assert site.accepted[0].content["content"] == wanted
    assert [one["content"] for one in site.images.values()] == [b"%d" % each for each in range(number)]


def test_a_persons_pictures_are_waited_for_unseen(person: Posting, site: LinkedIn, monkeypatch: Any) -> None:
    waited: list[float] = []
    monkeypatch.setattr(images, "BLIND", 5.0)
    payload, access = Content("Hello", media=(picture(),)).as_payload(), person.channel.access
    line = LinkedInSender(client.connect(access), PERSON, may_read=False, looks=0, pause=waited.append)
    with closing(line):
        outcome = line.send(payload, sending(read=context.read))
    assert (outcome.remote_id, waited) == (site.accepted[0].id, [5.0])
    assert site.count(r"^GET /rest/images") == 0


def test_a_card_stands_under_the_text(page: Posting, site: LinkedIn) -> None:
    card = Card("https://moot.example/", "The moot", "All of it", picture("A hall"))
    delivery = page.post(card=card, link="https://moot.example/")
    page.turns()
    assert state(delivery) == State.SENT
    assert site.accepted[0].text == "Hello"
    assert site.accepted[0].content["content"] == {
        "article": {
            "source": "https://moot.example/",
            "title": "The moot",
            "description": "All of it",
            "thumbnail": next(iter(site.images)),
            "thumbnailAltText": "A hall",
        }
    }


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        (Fault.ERROR, r"^POST /rest/images"),
        (Fault.DROP, r"^PUT /uploads"),
        (Fault.ACCEPT_THEN_DROP, r"^PUT /uploads"),
        (Fault.ERROR, r"^GET /rest/images"),
    ],
)
def test_a_picture_that_fails_is_tried_again_and_nothing_was_posted(
    page: Posting, site: LinkedIn, fault: Fault, on: str
) -> None:
    site.fault(fault, on=on)
    delivery = page.post(media=(picture(),))
    page.turns()
    assert (state(delivery), site.count(POST.replace("$", " "))) == (State.SCHEDULED, 0)
    page.turns(2)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)


def test_a_picture_that_linkedin_cannot_read_is_a_refusal(page: Posting, site: LinkedIn) -> None:
    delivery = page.post(media=(picture(content=b"broken"),))
    page.turns()
    assert (state(delivery), delivery.words) == (State.FAILED, "LinkedIn cannot read a picture.")
    gone = page.post("Another", media=(picture(),))
    default_storage.delete(gone.payload["media"][0]["file"])
    page.turns()
    assert state(gone) == State.FAILED
    assert gone.words.startswith("A picture is missing. no file test/")
    assert site.accepted == []


# --- lost answers


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500])
def test_what_a_page_took_and_did_not_answer_is_found(page: Posting, site: LinkedIn, fault: Fault) -> None:
    site.fault(fault, on=POST)
    site.lag = 1
    delivery = page.post("Hello (world)")
    page.turns()
    assert state(delivery) == State.UNCERTAIN
    page.turns(15)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)
    assert delivery.remote_id == site.accepted[0].id
    assert told(delivery) == [("send", "unknown"), ("look", "unknown"), ("look", "yes")]


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.ERROR])
def test_what_a_page_did_not_take_is_sent_again_after_ten_minutes(
    page: Posting, site: LinkedIn, fault: Fault
) -> None:
    site.fault(fault, on=POST)
    delivery = page.post()
    page.turns(9)
    assert (state(delivery), site.accepted) == (State.UNCERTAIN, [])
    page.turns(6)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)
    assert told(delivery) == [
        ("send", "unknown"),
        ("look", "unknown"),
        ("look", "unknown"),
        ("look", "no"),
        ("send", "yes"),
    ]


def test_a_lost_answer_of_a_person_asks_a_person(person: Posting, site: LinkedIn) -> None:
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    delivery = person.post()
    person.turns(15)
    assert state(delivery) == State.NEEDS_PERSON
    assert (len(site.accepted), site.count(r"^GET ")) == (1, 0)


def test_a_post_that_is_alike_is_not_taken_for_it(page: Posting, site: LinkedIn, alice: User) -> None:
    """Another announcement of the same kind was made by hand; ours was not taken. A person looks."""
    site.accept(
        "",
        {"commentary": "The package quintapack was accepted. Thanks to all!"},
        id="urn:li:share:1",
        author=PAGE,
    )
    site.fault(Fault.DROP, on=POST)
    delivery = page.post("The package quintapick was accepted. Thanks to all!")
    page.turns(15)
    assert state(delivery) == State.NEEDS_PERSON
    assert (
        delivery.words
        == "A post that is alike is there: https://www.linkedin.com/feed/update/urn:li:share:1/"
    )
    actions.it_is_not(delivery=delivery, actor=alice)
    page.turns()
    assert (state(delivery), len(site.accepted)) == (State.SENT, 2)


def test_what_another_message_is_called_by_is_not_taken(page: Posting, site: LinkedIn) -> None:
    site.refuses_duplicates = False
    first = page.post("The same words")
    page.turns()
    site.fault(Fault.DROP, on=POST)
    second = page.post("The same words")
    page.turns(15)
    assert (state(first), state(second), len(site.accepted)) == (State.SENT, State.SENT, 2)
    assert first.remote_id != second.remote_id


def test_a_duplicate_is_looked_for_when_it_is_ours(page: Posting, site: LinkedIn) -> None:
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    site.lag = 3  # its lists are far behind: it seems not to be there, and is sent again
    delivery = page.post()
    page.turns(30)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)
    assert site.count(r"^POST /rest/posts 422") == 1


def test_a_duplicate_of_an_older_post_is_refused_for_good(page: Posting, site: LinkedIn) -> None:
    first = page.post()
    page.turns(30)
    second = page.post()
    page.turns(30)
    assert (state(first), state(second), len(site.accepted)) == (State.SENT, State.FAILED, 1)
    assert second.words == (
        f"LinkedIn has the same post already: https://www.linkedin.com/feed/update/{first.remote_id}/ "
        "Change the text to say it once more."
    )


def test_a_duplicate_of_a_persons_post_asks_them(person: Posting, site: LinkedIn) -> None:
    first = person.post()
    person.turns()
    second = person.post()
    person.turns()
    assert (state(first), state(second)) == (State.SENT, State.NEEDS_PERSON)
    assert first.remote_id in second.words


def test_looks_read_page_after_page(page: Posting, site: LinkedIn) -> None:
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    delivery = page.post()
    page.turns()
    for number in range(60):
        site.accept("", {"commentary": f"Number {number}"}, id=f"urn:li:share:{number}", author=PAGE)
    page.turns(2)
    assert state(delivery) == State.SENT
    assert site.count(r"^GET /rest/posts\?") == 2


def test_what_cannot_be_asked_in_the_end_needs_a_person(page: Posting, site: LinkedIn) -> None:
    site.fault(Fault.ACCEPT_THEN_DROP, on=POST)
    site.fault(Fault.ERROR, on=LOOK, times=99)
    delivery = page.post()
    page.turns(15)
    assert (state(delivery), len(site.accepted)) == (State.NEEDS_PERSON, 1)


# --- refusals


def test_a_limit_holds_the_channel(page: Posting, site: LinkedIn) -> None:
    site.fault(Fault.LIMIT, on=POST)
    first, second = page.post("One"), page.post("Two")
    page.turns()
    page.channel.refresh_from_db()
    assert (state(first), first.tries) == (State.SCHEDULED, 0)
    assert (page.channel.held_until, page.channel.failing_since) == (NOON + dt.timedelta(seconds=900), None)
    assert site.count(r"^POST /rest/posts ") == 1  # the second was not even tried
    page.turns(16)
    assert (state(first), state(second), len(site.accepted)) == (State.SENT, State.SENT, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"version": "202404"},
            "LinkedIn has ended this version of its interface: write a newer one in the channel. 426",
        ),
        (
            {"organization": "1"},
            "The access lacks a right: connect the channel anew, as somebody who may post there. 403",
        ),
    ],
)
def test_a_channel_that_is_set_up_wrongly_fails_and_loses_nothing(
    page: Posting, site: LinkedIn, change: dict[str, str], words: str
) -> None:
    was = page.channel.settings
    page.channel.settings = {**was, **change}
    page.channel.save()
    delivery = page.post()
    page.turns()
    page.channel.refresh_from_db()
    assert (state(delivery), site.accepted) == (State.SCHEDULED, [])
    assert page.channel.failing_words.startswith(words)
    page.channel.settings = was
    page.channel.save()
    page.turns(2)
    assert state(delivery) == State.SENT


def test_an_access_that_is_over_is_renewed_and_the_post_leaves(page: Posting, site: LinkedIn) -> None:
    site.tokens = ["another"]
    delivery = page.post()
    page.turns(1)
    assert (state(delivery), len(site.accepted)) == (State.SENT, 1)
    assert site.count(r"^POST /oauth/v2/accessToken 200") == 1


def test_what_linkedin_does_not_take_is_told(page: Posting, site: LinkedIn) -> None:
    with client.connect(page.channel.access) as line:
        outcome = client.refused(line.post("/rest/posts", json={"author": PAGE}))
    assert (outcome.verdict.value, outcome.transient, outcome.channel) == ("no", False, False)
    assert outcome.words == "LinkedIn does not take this post. 422 distribution is required"


def test_limits_are_counted_before_anything_is_escaped() -> None:
    connector = LinkedInPage()
    assert connector.problems(Content("(" * 3000).as_payload()) == []
    assert connector.problems(Content("(" * 3001).as_payload()) == [
        "The text is too long by 1 characters (3001 of 3000)."
    ]
    assert connector.problems(Content("🎉" * 1500).as_payload()) == []
    assert connector.problems(Content("🎉" * 1501).as_payload()) == [
        "The text is too long by 2 characters (3002 of 3000)."
    ]
    long = Content("a" * 2980, link="https://moot.example/about")
    assert connector.problems(long.as_payload()) == ["The text is too long by 8 characters (3008 of 3000)."]
    assert connector.problems(Content("a", options={"visibility": "SECRET"}).as_payload()) == [
        "LinkedIn shows a post to everybody, or to connections."
    ]
    assert connector.price(Content("a").as_payload()) is None


# --- later


def test_what_is_there_is_corrected_and_taken_away(page: Posting, site: LinkedIn, alice: User) -> None:
    delivery = page.post("Helo (world)", media=(picture(),))
    page.turns()
    payload = {**delivery.payload, "text": "Hello (world)"}
    mended = actions.correct(delivery=_fresh(delivery), payload=payload, asked_by=alice)
    page.turns(1)
    assert (state(mended), site.posts[0].text, len(site.accepted)) == (State.SENT, "Hello (world)", 1)
    site.fault(Fault.ACCEPT_THEN_DROP, on=r"^DELETE")
    gone = actions.withdraw(delivery=_fresh(delivery), asked_by=alice)
    page.turns(2)
    assert (state(gone), site.posts) == (State.SENT, [])
    assert site.count(r"^DELETE") == 2


def _open(channel: Channel) -> Sender:
    return channel.connector.open(channel.access)


def _fresh(delivery: Delivery) -> Delivery:
    delivery.refresh_from_db()
    return delivery


def test_figures_and_followers(page: Posting, person: Posting, site: LinkedIn) -> None:
    line = _open(page.channel)
    names = [f"urn:li:share:{number}" for number in range(25)]
    sent = [Sent(name) for name in [*names, "urn:li:ugcPost:7", ""]]
    counts = {"likeCount": 3, "shareCount": 1, "commentCount": 2, "impressionCount": 90, "clickCount": 5}
    site.statistics = {names[0]: counts, names[24]: {"likeCount": 1}, "urn:li:ugcPost:7": counts}
    ours = {"likes": 3, "shares": 1, "replies": 2, "views": 90}
    assert line.figures(sent) == {names[0]: ours, names[24]: {"likes": 1}, "urn:li:ugcPost:7": ours}
    assert site.count(r"^GET /rest/organizationalEntityShareStatistics") == 2
    assert (line.followers(), line.account()) == (321, PAGE)
    own = _open(person.channel)
    assert own.account() == "Ana Quintanar"
    site.fault(Fault.LIMIT, on=r"^GET", times=99)
    with pytest.raises(HttpProblem):
        line.figures(sent)
    assert (own.figures(sent), own.followers()) == ({}, None)
    line.close()
    own.close()


# --- the channel


def test_a_version_that_ends_soon_is_said(page: Posting, alice: User, clock: time_machine.Traveller) -> None:
    connector = LinkedInPage()
    access = page.channel.access
    assert connector.warnings(access) == []
    clock.move_to(dt.datetime(2027, 4, 1, tzinfo=dt.UTC))
    words = "LinkedIn ends version 202606 of its interface soon: write a newer one here."
    assert connector.warnings(access) == [words]
    assert words in signed_in(alice).get(f"/settings/channels/{page.channel.pk}/").content.decode()
    clock.move_to(dt.datetime(2027, 7, 1, tzinfo=dt.UTC))
    assert connector.warnings(access) == [
        "LinkedIn may have ended version 202606 of its interface: write a newer one here."
    ]
    assert connector.warnings(Access(1, {"version": "202705"})) == []


def test_a_page_has_a_number_and_a_version(db: None, alice: User) -> None:
    connector = LinkedInPage()
    for written in (
        "5515715",
        " urn:li:organization:5515715",
        "https://www.linkedin.com/company/5515715/admin/",
    ):
        assert connector.author(Access(1, {"organization": written})) == PAGE
    assert connector.author(Access(1, {"organization": "moot"})) == ""
    form = {"name": "Page", "setting_organization": "moot", "setting_version": "2026"}
    answered = signed_in(alice).post("/settings/channels/new/linkedin-page/", form)
    assert answered.context["form"].errors == {
        "setting_organization": ["Write the number of the page."],
        "setting_version": ["Write the version as year and month: 202606."],
    }


def test_a_channel_that_is_not_connected_sends_nothing(site: LinkedIn) -> None:
    for kind in ("linkedin-page", "linkedin-person"):
        with pytest.raises(CannotOpen, match="not connected"):
            connectors.get(kind).open(Access(1, {"organization": "1"}))
        with pytest.raises(CannotOpen, match="as whom"):
            connectors.get(kind).open(Access(1, {}, {"access_token": "x"}))


# --- signing in


def access_of(site: LinkedIn, **secrets: str) -> Access:
    settings = {"api_url": site.url, "site_url": site.url, "client_id": "app"}
    return Access(1, settings, {"client_secret": "secret", **secrets})


def test_a_person_signs_in(site: LinkedIn) -> None:
    way = LinkedInPerson().sign_in
    assert way is not None
    address, kept = way.start(access_of(site), back="https://moot.example/back", state="s1")
    assert parse_qs(urlsplit(address).query) == {
        "response_type": ["code"],
        "client_id": ["app"],
        "redirect_uri": ["https://moot.example/back"],
        "state": ["s1"],
        "scope": ["openid profile w_member_social"],
    }
    got = way.finish(access_of(site), code="the-code", back="https://moot.example/back", kept=kept)
    assert got.secrets == {"access_token": site.tokens[0], "refresh_token": "refresh-0"}
    assert (got.renew_at, got.expires_at) == (NOON + dt.timedelta(days=53), NOON + dt.timedelta(days=365))
    assert got.settings == {
        "person": PERSON,
        "handle": "Ana Quintanar",
        "signed_in_until": (NOON + dt.timedelta(days=365)).isoformat(),
    }
    with pytest.raises(MustConnect, match="connect the channel anew"):
        way.finish(access_of(site), code="the-code", back="https://moot.example/back", kept=kept)


def test_without_a_refresh_token_the_end_is_known_and_a_person_must_come(site: LinkedIn) -> None:
    site.refreshes = False
    way = LinkedInPage().sign_in
    assert way is not None
    got = way.finish(access_of(site), code="the-code", back="https://moot.example/back", kept={})
    assert got.secrets == {"access_token": site.tokens[0]}
    assert (got.renew_at, got.expires_at) == (None, NOON + dt.timedelta(days=60))
    with pytest.raises(MustConnect, match="60 days"):
        LinkedInPage().renew(access_of(site))


def test_renewing_does_not_move_the_end(site: LinkedIn, clock: time_machine.Traveller) -> None:
    site.refresh_left = 306 * 86_400
    clock.move_to(NOON + dt.timedelta(days=59))
    got = LinkedInPage().renew(access_of(site, refresh_token="refresh-0"))
    assert got is not None
    assert got.expires_at == NOON + dt.timedelta(days=365)
    site.refresh_left = 0  # not told: what was said at the sign-in holds
    before = Access(
        1,
        {**access_of(site).settings, "signed_in_until": "2027-11-20T12:00:00+00:00"},
        {"client_secret": "secret", "refresh_token": "refresh-0"},
    )
    again = LinkedInPage().renew(before)
    assert again is not None
    assert again.expires_at == NOON + dt.timedelta(days=365)
    with pytest.raises(MustConnect, match="id or the secret of the app is wrong"):
        LinkedInPage().renew(
            Access(1, before.settings, {"client_secret": "no", "refresh_token": "refresh-0"})
        )
    with pytest.raises(MustConnect, match="gives no access"):
        LinkedInPage().renew(access_of(site, refresh_token="over"))
    site.fault(Fault.ERROR, on=r"^POST /oauth")
    with pytest.raises(HttpProblem):
        LinkedInPage().renew(access_of(site, refresh_token="refresh-0"))


# --- a storm


@pytest.mark.parametrize("seed", range(2))
def test_none_twice_and_none_lost_whatever_happens(page: Posting, site: LinkedIn, seed: int) -> None:
    choice = random.Random(seed)
    faults = [
        Fault.ACCEPT_THEN_DROP,
        Fault.ACCEPT_THEN_500,
        Fault.ERROR,
        Fault.DROP,
        Fault.LIMIT,
        Fault.EXPIRED,
        None,
    ]
    site.chaos = lambda asked: choice.choice(faults) if choice.random() < 0.5 else None
    sent = [page.post(f"Announcement {number * 7919}") for number in range(15)]
    page.until_done()
    assert site.doubles() == {}
    states = {delivery.title: state(delivery) for delivery in sent}
    assert set(states.values()) <= {State.SENT, State.NEEDS_PERSON, State.MISSED}
    texts = {post.text for post in site.accepted}
    assert {title for title, one in states.items() if one == State.SENT} <= texts
    assert not {title for title, one in states.items() if one == State.MISSED} & texts
