"""Comments on GitHub's issues: each once, whatever GitHub does, against a stand-in written from GitHub's docs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils.module_loading import autodiscover_modules

from folkmoot.connectors.base import Access, CannotOpen, Readback, connectors
from folkmoot.connectors.github import client
from folkmoot.connectors.github.channel import REPOSITORY, mark
from folkmoot.connectors.github_comment import LONGEST, marked
from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import GithubConnection
from folkmoot.outbox import actions
from folkmoot.outbox.engine import loop
from folkmoot.outbox.kinds import message_kinds
from folkmoot.outbox.models import Channel, Delivery, State
from tests.conftest import signed_in
from tests.github_server import TOKEN, Thing, World, answer, hang_up, no_json, serving, then
from tests.outbox.conftest import KIND, make_channel

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
PATH = "/repos/moot/reviews/issues/12/comments"
POST = f"POST {PATH}"
SECONDARY = {
    "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _kind(monkeypatch: Any) -> Iterator[None]:
    monkeypatch.setattr(client, "WAITS", (0.0, 0.0))
    message_kinds.register(KIND)
    yield
    del message_kinds._items[KIND.key]


@dataclass
class House:
    """A GitHub with one issue, and a channel to it."""

    world: World
    issue: Thing
    channel: Channel
    clock: time_machine.Traveller

    def queue(self, body: str = "Dear {{ person }}", **more: Any) -> Delivery:
        values = {"person": "Ana", "link": "https://example.org/a_b_c"}
        given = {"repository": "moot/reviews", "issue": 12, "body": body, "values": values, "asked_by": None}
        return actions.queue_comment(kind=KIND.key, **{**given, **more})

    def turns(self, minutes: int = 0) -> None:
        """Let the outbox work now, and every half minute for so long."""
        for step in range(minutes * 2 + 1):
            if step:
                self.clock.shift(dt.timedelta(seconds=30))
            for _ in range(3):
                loop.turn()

    def said(self) -> list[str]:
        return [str(row["body"]) for row in self.issue.comments]

    def posts(self) -> int:
        return sum(line.startswith("POST ") for line in self.world.asked)


@pytest.fixture
def house(db: None, settings: Any, clock: time_machine.Traveller) -> Iterator[House]:
    world = World()
    issue = Thing(12, "quintapack", world.user(7, "ana-q"), NOON, NOON)
    world.repo(600, "moot/reviews").issues = [issue]
    with serving(world) as address:
        settings.HTTP_ALLOW = [address.removeprefix("http://")]
        channel = actions.save_channel(
            channel=None,
            kind="github-comment",
            name="Comments",
            settings={"api_url": address},
            secrets={"token": TOKEN},
            per_minute=None,
            is_default=False,
            actor=None,
        )
        yield House(world, issue, channel, clock)


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def told(delivery: Delivery) -> list[tuple[str, str]]:
    return [(one.kind, one.outcome) for one in delivery.attempts.all()]


def test_a_comment_leaves_once(house: House) -> None:
    delivery = house.queue("Dear {{ person }}, see [this]({{ link }}).", key="test:1")
    assert house.queue("Something else", key="test:1") == delivery
    house.turns(2)
    assert state(delivery) == State.SENT
    assert house.said() == [
        f"<!-- folkmoot:{delivery.token.hex} -->\n\nDear Ana, see [this](<https://example.org/a_b_c>).\n"
    ]
    (row,) = house.issue.comments
    assert (delivery.remote_id, delivery.remote_url) == (str(row["id"]), row["html_url"])
    assert (delivery.title, delivery.recipient, delivery.recipient_name) == (
        "moot/reviews#12",
        "",
        "moot/reviews#12",
    )
    assert delivery.planned_id == delivery.token.hex
    assert told(delivery) == [("send", "yes")]


@pytest.mark.parametrize("fault", [then(hang_up), then(500), then(502), then(no_json)])
def test_what_was_taken_and_not_answered_is_found(house: House, fault: Any) -> None:
    house.world.faults[POST] = [fault]
    delivery = house.queue()
    house.turns()
    assert state(delivery) == State.UNCERTAIN
    house.turns(15)
    assert state(delivery) == State.SENT
    assert (len(house.said()), house.posts()) == (1, 1)
    assert delivery.remote_id == str(house.issue.comments[0]["id"])
    assert told(delivery) == [("send", "unknown"), ("look", "yes")]


@pytest.mark.parametrize("fault", [hang_up, 500, 503])
def test_what_was_not_taken_and_not_answered_is_sent_again_after_ten_minutes(
    house: House, fault: Any
) -> None:
    house.world.faults[POST] = [fault]
    delivery = house.queue()
    house.turns(9)
    assert (state(delivery), house.said()) == (State.UNCERTAIN, [])
    house.turns(6)
    assert state(delivery) == State.SENT
    assert (len(house.said()), house.posts()) == (1, 2)
    assert told(delivery) == [
        ("send", "unknown"),
        ("look", "unknown"),
        ("look", "unknown"),
        ("look", "no"),
        ("send", "yes"),
    ]


def test_a_list_that_lags_behind_makes_no_second_comment(house: House) -> None:
    house.world.faults[POST] = [then(hang_up)]
    house.world.faults[PATH] = [answer(200, []), answer(200, [])]  # two looks see nothing yet
    delivery = house.queue()
    house.turns(15)
    assert state(delivery) == State.SENT
    assert (len(house.said()), house.posts()) == (1, 1)


def test_what_cannot_be_asked_in_the_end_needs_a_person(house: House) -> None:
    house.world.faults[POST] = [then(hang_up)]
    house.world.faults[PATH] = [500] * 9
    delivery = house.queue()
    house.turns(15)
    assert state(delivery) == State.NEEDS_PERSON
    assert house.posts() == 1
    assert delivery.words == "GitHub answered with an error of its own. 500 Server Error"


def test_the_mark_is_found_on_any_page_and_no_other_is_taken_for_it(house: House) -> None:
    house.world.per_page = 2
    for minute in range(5):
        house.issue.comment(None, NOON + dt.timedelta(seconds=minute), f"{mark('0' * 32)}\n\nAnother")
    house.world.faults[POST] = [then(hang_up)]
    delivery = house.queue()
    house.turns(2)
    assert state(delivery) == State.SENT
    assert delivery.remote_id == str(house.issue.comments[-1]["id"])
    assert len([line for line in house.world.asked if line.startswith("GET ")]) == 3
    assert [line for line in house.world.asked if "since=2026-11-20T11%3A55%3A00Z" not in line] == [
        f"POST {PATH} hung up"
    ]


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (answer(429, {"message": "slow"}, retry_after="90"), 90),
        (answer(403, SECONDARY), 60),
        (answer(403, SECONDARY, retry_after="75"), 75),
        (answer(429, {"message": "slow"}), 60),
        (
            answer(
                403,
                {"message": "API rate limit exceeded for user ID 1."},
                x_ratelimit_remaining="0",
                x_ratelimit_reset=str(int(NOON.timestamp()) + 120),
            ),
            120,
        ),
    ],
)
def test_a_limit_is_no_failure(house: House, fault: Any, wait: int) -> None:
    house.world.faults[POST] = [fault]
    first, second = house.queue(), house.queue("And this")
    house.turns()
    assert (state(first), house.said()) == (State.SCHEDULED, [])
    assert (first.tries, first.next_at) == (0, NOON + dt.timedelta(seconds=wait))
    house.channel.refresh_from_db()
    assert (house.channel.held_until, house.channel.failing_since) == (first.next_at, None)
    house.clock.shift(dt.timedelta(seconds=wait - 1))
    house.turns()
    assert house.posts() == 1  # the second was not even tried
    house.turns(3)
    assert (state(first), state(second)) == (State.SENT, State.SENT)
    assert len(house.said()) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (404, "There is no such issue, or the token does not see its repository. 404 Server Error"),
        (410, "The issue was deleted, or issues are switched off there. 410 Server Error"),
        (
            answer(422, {"message": "Validation Failed", "errors": [{"message": "body is too long"}]}),
            "GitHub does not take this comment. 422 body is too long",
        ),
        (answer(422, {"message": "Spammed"}), "GitHub does not take this comment. 422 Spammed"),
        (
            answer(403, {"message": "Unable to create comment because issue is locked."}),
            "Nobody may comment there: the issue is locked, or the repository archived. "
            "403 Unable to create comment because issue is locked.",
        ),
        (
            answer(307, {}, location="https://elsewhere.example/repositories/1/issues/12/comments"),
            "GitHub answered in a way that is not understood here. "
            "the next page is said to be at elsewhere.example",
        ),
    ],
)
def test_a_refusal_is_told_in_words(house: House, fault: Any, words: str) -> None:
    house.world.faults[POST] = [fault]
    delivery = house.queue()
    house.turns(1)
    if "elsewhere" in words:  # nobody is asked who is not GitHub
        assert (state(delivery), house.posts()) == (State.SENT, 2)
        return
    assert (state(delivery), delivery.words, house.said()) == (State.FAILED, words, [])
    house.channel.refresh_from_db()
    assert house.channel.failing_since is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            answer(401, {"message": "Bad credentials"}),
            "GitHub does not take the token: it has expired, was revoked, or is missing. 401 Bad credentials",
        ),
        (
            answer(403, {"message": "Resource not accessible by personal access token"}),
            "The token may not comment: it needs the right “Issues: Read and write”. "
            "403 Resource not accessible by personal access token",
        ),
    ],
)
def test_a_wrong_token_stops_the_channel_and_loses_nothing(house: House, fault: Any, words: str) -> None:
    house.world.faults[POST] = [fault]
    delivery = house.queue()
    house.turns()
    house.channel.refresh_from_db()
    assert (state(delivery), house.channel.failing_words) == (State.SCHEDULED, words)
    house.turns(1)
    assert (state(delivery), len(house.said())) == (State.SENT, 1)
    house.channel.refresh_from_db()
    assert house.channel.failing_since is None


def test_nobody_answers(house: House) -> None:
    house.channel.settings = {"api_url": "http://127.0.0.1:1"}
    house.channel.save()
    delivery = house.queue()
    house.turns()
    house.channel.refresh_from_db()
    assert (state(delivery), house.channel.failures) == (State.SCHEDULED, 1)
    assert delivery.tries == 0


def test_it_follows_a_repository_to_its_new_name(house: House) -> None:
    house.world.repositories[0].full_name = "moot/peer-review"
    house.world.moved["moot/reviews"] = "moot/peer-review"
    delivery = house.queue()
    house.turns()
    assert (state(delivery), len(house.said())) == (State.SENT, 1)
    house.world.faults["POST /repositories/600/issues/12/comments"] = [then(hang_up)]
    again = house.queue()
    house.turns(2)
    assert (state(again), len(house.said())) == (State.SENT, 2)


@pytest.mark.parametrize("seed", range(3))
def test_none_twice_and_none_lost_whatever_happens(house: House, seed: int) -> None:
    """Thirty comments through a storm of faults."""
    import random

    choice = random.Random(seed)
    faults: list[Any] = [hang_up, then(hang_up), 500, then(500), then(no_json), answer(403, SECONDARY), 502]
    faults += [answer(429, {}, retry_after="61"), answer(401, {"message": "Bad credentials"}), None]
    real: list[Any] = [choice.choice(faults) for _ in range(40)]
    house.world.faults[POST] = [fault or (lambda handler: handler.act()) for fault in real]
    house.world.faults[PATH] = [choice.choice([500, 502, lambda handler: handler.act()]) for _ in range(10)]
    sent = [house.queue(f"Number {number}") for number in range(30)]
    for _ in range(40):
        house.turns(5)
        open_states = [State.SCHEDULED, State.UNCERTAIN, State.CLAIMED, State.SENDING]
        if not Delivery.objects.filter(state__in=open_states).exists():
            break
    marks = [body.splitlines()[0] for body in house.said()]
    assert len(marks) == len(set(marks))
    states = {delivery.token.hex: state(delivery) for delivery in sent}
    assert set(states.values()) <= {State.SENT, State.NEEDS_PERSON}
    assert {mark(token) for token, one in states.items() if one == State.SENT} <= set(marks)


def test_what_github_would_refuse_is_not_queued(house: House) -> None:
    for more, words in [
        ({"repository": "moot"}, "Name the repository as owner/name."),
        ({"repository": "moot/.."}, "Name the repository as owner/name."),
        ({"repository": "moot/reviews/issues/1#"}, "Name the repository as owner/name."),
        ({"issue": 0}, "Name the issue by its number."),
        ({"issue": 2**31}, "Name the issue by its number."),
        ({"body": "   "}, "The comment has no text."),
        ({"body": "ä" * LONGEST}, "The comment is 65589 characters long; GitHub takes 65536."),
    ]:
        with pytest.raises(ValidationError) as error:
            house.queue(**more)
        assert error.value.messages == [words]
    longest = house.queue("ä" * (LONGEST - 53))
    house.turns()
    assert (state(longest), len(house.said()[0])) == (State.SENT, LONGEST)
    assert connectors.get("github-comment").problems({"repository": "a/b", "issue": True, "body": "x"}) == [
        "Name the issue by its number.",
        "The comment has no mark by which it is found again.",
    ]


def test_no_channel_no_comment(db: None) -> None:
    with pytest.raises(ValidationError, match="There is no channel for comments"):
        actions.queue_comment(kind=KIND.key, repository="a/b", issue=1, body="x", asked_by=None)


def test_a_comment_is_changed_before_it_leaves(house: House, alice: User) -> None:
    delivery = house.queue()
    browser = signed_in(alice)
    page = browser.get(f"/outbox/{delivery.pk}/").content.decode()
    assert "moot/reviews#12" in page
    assert "Dear Ana" in page
    assert browser.get(f"/outbox/{delivery.pk}/edit/").context["form"].initial == {
        "subject": "moot/reviews#12",
        "markdown": "Dear Ana",
    }
    actions.edit(delivery=delivery, subject="A question", markdown="**Dear** all", actor=alice)
    with pytest.raises(ValidationError):
        actions.edit(delivery=delivery, subject="A question", markdown=" ", actor=alice)
    house.turns()
    assert state(delivery) == State.SENT
    assert delivery.title == "A question"
    assert house.said() == [f"{mark(delivery.token.hex)}\n\n**Dear** all\n"]


def test_the_mark_stands_before_whatever_was_left_open() -> None:
    payload = {"repository": "a/b", "issue": 1, "marker": "ab" * 16, "body": "```\nopen"}
    assert marked(payload) == f"<!-- folkmoot:{'ab' * 16} -->\n\n```\nopen\n"


def test_the_token_of_a_connection_is_shared(house: House, alice: User) -> None:
    autodiscover_modules("plugs")
    connection = GithubConnection.objects.create(
        name="Moot", api_url=house.channel.settings["api_url"], token=TOKEN, webhook_secret="x"
    )
    page = signed_in(alice).get("/settings/channels/new/github-comment/")
    form = page.context["form"]
    assert list(form.fields["setting_connection"].choices) == [
        ("", "the token below"),
        (f"github:{connection.pk}", "Moot"),
    ]
    assert form.initial["per_minute"] == 20
    assert "Permissions: Issues, Read and write." in page.content.decode()
    answered = signed_in(alice).post(
        "/settings/channels/new/github-comment/",
        {"name": "Shared", "setting_connection": f"github:{connection.pk}", "is_default": "on"},
    )
    made = Channel.objects.get(name="Shared")
    assert answered["location"] == f"/settings/channels/{made.pk}/"
    assert (made.medium, made.secrets, made.is_default) == ("comment", "", True)
    delivery = house.queue()
    assert delivery.channel == made
    house.turns()
    assert (state(delivery), len(house.said())) == (State.SENT, 1)
    connection.token = ""
    connection.save()
    later = house.queue("Later")
    house.turns()
    made.refresh_from_db()
    assert made.failing_words == "GitHub does not take the token: it has expired, was revoked, or is missing."
    connection.delete()
    house.turns(1)
    made.refresh_from_db()
    assert state(later) == State.SCHEDULED
    assert made.failing_words == (
        "The connection to GitHub whose token this channel uses is not there any more."
    )


def test_a_channel_needs_a_token(db: None, alice: User) -> None:
    page = signed_in(alice).post("/settings/channels/new/github-comment/", {"name": "Empty"})
    assert page.status_code == 422
    assert page.context["form"].errors == {"setting_token": ["This is needed."]}
    connector = connectors.get("github-comment")
    with pytest.raises(CannotOpen, match="There is no token"):
        connector.open(Access(1))
    with pytest.raises(CannotOpen, match="no lender of tokens 'nobody'"):
        connector.open(Access(1, {"connection": "nobody:1"}))
    assert (connector.readback, connector.medium, dict(connector.allows)) == (
        Readback.MARKER,
        "comment",
        {"body": 65536},
    )


@pytest.mark.parametrize(
    ("name", "is_one"), [("a/b", True), ("a-b/c.d_e", True), ("/b", False), ("a/b/c", False), ("a/..", False)]
)
def test_names_of_repositories(name: str, is_one: bool) -> None:
    assert (REPOSITORY.fullmatch(name) is not None) is is_one


def test_mail_stays_what_the_usual_channel_is(house: House, tmp_path: Any) -> None:
    other = make_channel(tmp_path)
    assert (house.channel.is_default, other.is_default, house.channel.medium) == (True, False, "comment")
